-- +goose Up
CREATE TABLE sign_in_failures (
  name_hash TEXT NOT NULL,
  count INTEGER NOT NULL,
  last_at DATETIME NOT NULL,
  blocked_until DATETIME NULL,
  PRIMARY KEY (name_hash)
);

-- +goose Down
DROP TABLE sign_in_failures;
