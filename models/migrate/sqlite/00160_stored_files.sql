-- +goose Up
CREATE TABLE stored_files (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  body BLOB NOT NULL,
  account_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT ck_stored_files_content_type CHECK (content_type IN ('application/pdf', 'image/jpeg', 'image/png')),
  CONSTRAINT fk_stored_files_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_stored_files_account_id ON stored_files (account_id);

-- +goose Down
DROP TABLE stored_files;
