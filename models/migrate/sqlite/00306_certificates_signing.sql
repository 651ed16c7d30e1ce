-- +goose Up
-- Certificates from before have no template: they were drawn by the program alone.
ALTER TABLE certificates ADD COLUMN signing TEXT NOT NULL DEFAULT 'paper' CONSTRAINT ck_certificates_signing CHECK (signing IN ('paper', 'external', 'server'));
ALTER TABLE certificates ADD COLUMN template_version_id INTEGER NULL CONSTRAINT fk_certificates_template_version_id REFERENCES template_versions (id);
CREATE INDEX ix_certificates_template_version_id ON certificates (template_version_id);

-- +goose Down
DROP INDEX ix_certificates_template_version_id;
ALTER TABLE certificates DROP COLUMN template_version_id;
ALTER TABLE certificates DROP COLUMN signing;
