-- +goose Up
ALTER TABLE certificate_documents ADD COLUMN signer TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE certificate_documents DROP COLUMN signer;
