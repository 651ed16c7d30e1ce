-- +goose Up
ALTER TABLE issuers ADD COLUMN signature_roots TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE issuers DROP COLUMN signature_roots;
