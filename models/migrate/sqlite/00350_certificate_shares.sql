-- +goose Up
CREATE TABLE certificate_shares (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  certificate_id INTEGER NOT NULL,
  live_certificate_id INTEGER NULL,
  token TEXT NOT NULL,
  account_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  ended_at DATETIME NULL,
  CONSTRAINT fk_certificate_shares_certificate_id FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  CONSTRAINT fk_certificate_shares_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_certificate_shares_live CHECK (ended_at IS NULL AND live_certificate_id = certificate_id AND live_certificate_id IS NOT NULL OR ended_at IS NOT NULL AND live_certificate_id IS NULL)
);
CREATE UNIQUE INDEX uq_certificate_shares_live_certificate_id ON certificate_shares (live_certificate_id);
CREATE UNIQUE INDEX uq_certificate_shares_token ON certificate_shares (token);
CREATE INDEX ix_certificate_shares_certificate_id ON certificate_shares (certificate_id);
CREATE INDEX ix_certificate_shares_account_id ON certificate_shares (account_id);

-- +goose Down
DROP TABLE certificate_shares;
