-- +goose Up
CREATE TABLE certificate_scans (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  certificate_id BIGINT UNSIGNED NOT NULL,
  file_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_certificate_scans_certificate_id FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  CONSTRAINT fk_certificate_scans_file_id FOREIGN KEY (file_id) REFERENCES stored_files (id),
  CONSTRAINT fk_certificate_scans_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  UNIQUE KEY uq_certificate_scans_certificate_id_file_id (certificate_id, file_id),
  KEY ix_certificate_scans_file_id (file_id),
  KEY ix_certificate_scans_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE certificate_scans;
