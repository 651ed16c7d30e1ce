-- +goose Up
CREATE TABLE certificate_scans (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  certificate_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  account_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_certificate_scans_certificate_id FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  CONSTRAINT fk_certificate_scans_file_id FOREIGN KEY (file_id) REFERENCES stored_files (id),
  CONSTRAINT fk_certificate_scans_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE UNIQUE INDEX uq_certificate_scans_certificate_id_file_id ON certificate_scans (certificate_id, file_id);
CREATE INDEX ix_certificate_scans_file_id ON certificate_scans (file_id);
CREATE INDEX ix_certificate_scans_account_id ON certificate_scans (account_id);

-- +goose Down
DROP TABLE certificate_scans;
