-- +goose Up
CREATE TABLE jobs (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payload LONGTEXT NOT NULL,
  done INT NOT NULL DEFAULT 0,
  total INT NOT NULL DEFAULT 0,
  result LONGTEXT NOT NULL,
  error_code VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  attempts INT NOT NULL DEFAULT 0,
  lease_until DATETIME(6) NULL,
  leased_by VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  account_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NULL,
  CONSTRAINT ck_jobs_state CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  CONSTRAINT fk_jobs_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  KEY ix_jobs_state_kind (state, kind)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE jobs;
