-- +goose Up
ALTER TABLE issuers ADD COLUMN signing TEXT NOT NULL DEFAULT 'paper' CONSTRAINT ck_issuers_signing CHECK (signing IN ('paper', 'external', 'server'));
ALTER TABLE issuers ADD COLUMN template_id INTEGER NULL CONSTRAINT fk_issuers_template_id REFERENCES templates (id);
CREATE INDEX ix_issuers_template_id ON issuers (template_id);

-- +goose Down
DROP INDEX ix_issuers_template_id;
ALTER TABLE issuers DROP COLUMN template_id;
ALTER TABLE issuers DROP COLUMN signing;
