-- +goose Up
CREATE TABLE signed_sheets (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  session_id BIGINT UNSIGNED NOT NULL,
  file_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_signed_sheets_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_signed_sheets_file_id FOREIGN KEY (file_id) REFERENCES stored_files (id),
  CONSTRAINT fk_signed_sheets_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  UNIQUE KEY uq_signed_sheets_file_id (file_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE signed_sheets;
