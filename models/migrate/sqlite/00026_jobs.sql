-- +goose Up
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  payload TEXT NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0,
  result TEXT NOT NULL,
  error_code TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  lease_until DATETIME NULL,
  leased_by TEXT NOT NULL DEFAULT '',
  account_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  finished_at DATETIME NULL,
  CONSTRAINT ck_jobs_state CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  CONSTRAINT fk_jobs_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_jobs_account_id ON jobs (account_id);
CREATE INDEX ix_jobs_state_kind ON jobs (state, kind);

-- +goose Down
DROP TABLE jobs;
