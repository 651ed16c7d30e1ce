-- +goose Up
ALTER TABLE issuers ADD COLUMN signing VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'paper', ADD CONSTRAINT ck_issuers_signing CHECK (signing IN ('paper', 'external', 'server')),
  ADD COLUMN template_id BIGINT UNSIGNED NULL, ADD INDEX ix_issuers_template_id (template_id), ADD CONSTRAINT fk_issuers_template_id FOREIGN KEY (template_id) REFERENCES templates (id);

-- +goose Down
ALTER TABLE issuers DROP FOREIGN KEY fk_issuers_template_id, DROP INDEX ix_issuers_template_id, DROP COLUMN template_id, DROP CONSTRAINT ck_issuers_signing, DROP COLUMN signing;
