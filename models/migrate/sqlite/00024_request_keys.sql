-- +goose Up
CREATE TABLE request_keys (
  account_id INTEGER NOT NULL,
  request_key TEXT NOT NULL,
  action TEXT NOT NULL,
  ref INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  PRIMARY KEY (account_id, request_key)
);
CREATE INDEX ix_request_keys_created_at ON request_keys (created_at);

-- +goose Down
DROP TABLE request_keys;
