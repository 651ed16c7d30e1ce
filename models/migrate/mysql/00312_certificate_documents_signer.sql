-- +goose Up
ALTER TABLE certificate_documents ADD COLUMN signer VARCHAR(300) NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE certificate_documents DROP COLUMN signer;
