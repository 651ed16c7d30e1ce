-- +goose Up
CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  expires_at DATETIME NULL,
  last_used_at DATETIME NULL,
  revoked_at DATETIME NULL,
  CONSTRAINT fk_tokens_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_tokens_account_id ON tokens (account_id);
CREATE UNIQUE INDEX uq_tokens_token_hash ON tokens (token_hash);

-- +goose Down
DROP TABLE tokens;
