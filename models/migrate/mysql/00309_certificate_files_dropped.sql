-- +goose Up
DROP TABLE certificate_files;

-- +goose Down
CREATE TABLE certificate_files (
  certificate_id BIGINT UNSIGNED NOT NULL,
  pdf LONGBLOB NOT NULL,
  CONSTRAINT fk_certificate_files_certificate_id FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  PRIMARY KEY (certificate_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
