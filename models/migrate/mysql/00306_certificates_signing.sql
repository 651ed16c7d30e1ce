-- +goose Up
-- Certificates from before have no template: they were drawn by the program alone.
ALTER TABLE certificates ADD COLUMN signing VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'paper', ADD CONSTRAINT ck_certificates_signing CHECK (signing IN ('paper', 'external', 'server')),
  ADD COLUMN template_version_id BIGINT UNSIGNED NULL, ADD INDEX ix_certificates_template_version_id (template_version_id),
  ADD CONSTRAINT fk_certificates_template_version_id FOREIGN KEY (template_version_id) REFERENCES template_versions (id);

-- +goose Down
ALTER TABLE certificates DROP FOREIGN KEY fk_certificates_template_version_id, DROP INDEX ix_certificates_template_version_id, DROP COLUMN template_version_id, DROP CONSTRAINT ck_certificates_signing, DROP COLUMN signing;
