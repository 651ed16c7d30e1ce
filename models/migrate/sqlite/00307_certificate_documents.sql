-- +goose Up
CREATE TABLE certificate_documents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  certificate_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  crc32 INTEGER NULL,
  body BLOB NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_certificate_documents_certificate_id FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  CONSTRAINT ck_certificate_documents_kind CHECK (kind IN ('copy', 'to_sign', 'signed'))
);
CREATE UNIQUE INDEX uq_certificate_documents_certificate_id_kind ON certificate_documents (certificate_id, kind);
CREATE UNIQUE INDEX uq_certificate_documents_sha256 ON certificate_documents (sha256);

-- +goose Down
DROP TABLE certificate_documents;
