-- +goose Up
CREATE TABLE sign_in_failures (
  name_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  count INT NOT NULL,
  last_at DATETIME(6) NOT NULL,
  blocked_until DATETIME(6) NULL,
  PRIMARY KEY (name_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE sign_in_failures;
