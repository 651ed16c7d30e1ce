-- +goose Up
DROP TABLE certificate_files;

-- +goose Down
CREATE TABLE certificate_files (
  certificate_id INTEGER NOT NULL,
  pdf BLOB NOT NULL,
  CONSTRAINT fk_certificate_files_certificate_id FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  PRIMARY KEY (certificate_id)
);
