-- +goose Up
CREATE TABLE signed_sheets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_signed_sheets_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_signed_sheets_file_id FOREIGN KEY (file_id) REFERENCES stored_files (id),
  CONSTRAINT fk_signed_sheets_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE UNIQUE INDEX uq_signed_sheets_file_id ON signed_sheets (file_id);
CREATE INDEX ix_signed_sheets_session_id ON signed_sheets (session_id);
CREATE INDEX ix_signed_sheets_account_id ON signed_sheets (account_id);

-- +goose Down
DROP TABLE signed_sheets;
