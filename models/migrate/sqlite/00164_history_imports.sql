-- +goose Up
CREATE TABLE history_imports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  file BLOB NOT NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_history_imports_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE UNIQUE INDEX uq_history_imports_account_id ON history_imports (account_id);

-- +goose Down
DROP TABLE history_imports;
