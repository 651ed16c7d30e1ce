-- +goose Up
-- Whose a sign-in is, so that both are found at once. No foreign key: a sign-in whose account has gone finds none, and ends.
ALTER TABLE sign_ins ADD COLUMN account_id BIGINT UNSIGNED NULL;

-- +goose Down
ALTER TABLE sign_ins DROP COLUMN account_id;
