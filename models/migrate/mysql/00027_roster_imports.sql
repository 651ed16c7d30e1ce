-- +goose Up
CREATE TABLE roster_imports (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  file_name VARCHAR(300) NOT NULL,
  sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  file LONGBLOB NOT NULL,
  effective_day DATE NOT NULL,
  state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  preview LONGBLOB NOT NULL,
  written LONGTEXT NOT NULL,
  error_code VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  job_id BIGINT UNSIGNED NULL,
  account_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT ck_roster_imports_state CHECK (state IN ('reading', 'read', 'refused', 'writing', 'written', 'cancelled')),
  CONSTRAINT fk_roster_imports_job_id FOREIGN KEY (job_id) REFERENCES jobs (id),
  CONSTRAINT fk_roster_imports_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE roster_imports;
