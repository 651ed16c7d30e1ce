-- +goose Up
CREATE TABLE job_files (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id INTEGER NOT NULL,
  part INTEGER NOT NULL,
  body BLOB NOT NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_job_files_job_id FOREIGN KEY (job_id) REFERENCES jobs (id)
);
CREATE UNIQUE INDEX uq_job_files_job_id_part ON job_files (job_id, part);
CREATE INDEX ix_job_files_created_at ON job_files (created_at);

-- +goose Down
DROP TABLE job_files;
