-- +goose Up
INSERT INTO certificate_documents (certificate_id, kind, sha256, size_bytes, body, created_at)
  SELECT f.certificate_id, 'copy', c.pdf_sha256, LENGTH(f.pdf), f.pdf, c.issued_at FROM certificate_files f JOIN certificates c ON c.id = f.certificate_id;

-- +goose Down
INSERT INTO certificate_files (certificate_id, pdf) SELECT certificate_id, body FROM certificate_documents WHERE kind = 'copy' AND body IS NOT NULL;
DELETE FROM certificate_documents WHERE kind = 'copy';
