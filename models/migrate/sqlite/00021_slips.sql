-- +goose Up
CREATE TABLE slips (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  code_hash TEXT NOT NULL,
  expires_at DATETIME NOT NULL,
  used_at DATETIME NULL,
  created_by_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_slips_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT fk_slips_created_by_id FOREIGN KEY (created_by_id) REFERENCES accounts (id)
);
CREATE INDEX ix_slips_account_id ON slips (account_id);
CREATE INDEX ix_slips_created_by_id ON slips (created_by_id);
CREATE UNIQUE INDEX uq_slips_code_hash ON slips (code_hash);

-- +goose Down
DROP TABLE slips;
