-- +goose Up
CREATE TABLE sign_ins (
  token_hash TEXT NOT NULL,
  data BLOB NOT NULL,
  expires_at DATETIME NOT NULL,
  PRIMARY KEY (token_hash)
);
CREATE INDEX ix_sign_ins_expires_at ON sign_ins (expires_at);

-- +goose Down
DROP TABLE sign_ins;
