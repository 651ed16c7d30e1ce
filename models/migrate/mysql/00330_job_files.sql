-- +goose Up
CREATE TABLE job_files (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  job_id BIGINT UNSIGNED NOT NULL,
  part BIGINT NOT NULL,
  body LONGBLOB NOT NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_job_files_job_id FOREIGN KEY (job_id) REFERENCES jobs (id),
  UNIQUE KEY uq_job_files_job_id_part (job_id, part),
  KEY ix_job_files_created_at (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE job_files;
