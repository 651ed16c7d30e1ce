-- +goose Up
CREATE TABLE certificate_documents (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  certificate_id BIGINT UNSIGNED NOT NULL,
  kind VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  size_bytes BIGINT NOT NULL,
  crc32 BIGINT NULL,
  body LONGBLOB NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_certificate_documents_certificate_id FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  CONSTRAINT ck_certificate_documents_kind CHECK (kind IN ('copy', 'to_sign', 'signed')),
  UNIQUE KEY uq_certificate_documents_certificate_id_kind (certificate_id, kind),
  UNIQUE KEY uq_certificate_documents_sha256 (sha256)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE certificate_documents;
