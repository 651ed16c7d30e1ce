-- +goose Up
CREATE TABLE trainers (
  account_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  body VARCHAR(300) NOT NULL,
  bio VARCHAR(500) NOT NULL,
  version INT NOT NULL DEFAULT 1,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_trainers_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE trainers;
