-- +goose Up
CREATE TABLE roster_imports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  file BLOB NOT NULL,
  effective_day DATE NOT NULL,
  state TEXT NOT NULL,
  preview BLOB NOT NULL,
  written TEXT NOT NULL,
  error_code TEXT NOT NULL DEFAULT '',
  job_id INTEGER NULL,
  account_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT ck_roster_imports_state CHECK (state IN ('reading', 'read', 'refused', 'writing', 'written', 'cancelled')),
  CONSTRAINT fk_roster_imports_job_id FOREIGN KEY (job_id) REFERENCES jobs (id),
  CONSTRAINT fk_roster_imports_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_roster_imports_job_id ON roster_imports (job_id);
CREATE INDEX ix_roster_imports_account_id ON roster_imports (account_id);

-- +goose Down
DROP TABLE roster_imports;
