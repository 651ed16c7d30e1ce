-- +goose Up
CREATE TABLE history_imports (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account_id BIGINT UNSIGNED NOT NULL,
  file_name VARCHAR(300) NOT NULL,
  sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  file LONGBLOB NOT NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_history_imports_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  UNIQUE KEY uq_history_imports_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE history_imports;
