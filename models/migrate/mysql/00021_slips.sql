-- +goose Up
CREATE TABLE slips (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account_id BIGINT UNSIGNED NOT NULL,
  code_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  used_at DATETIME(6) NULL,
  created_by_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_slips_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT fk_slips_created_by_id FOREIGN KEY (created_by_id) REFERENCES accounts (id),
  UNIQUE KEY uq_slips_code_hash (code_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE slips;
