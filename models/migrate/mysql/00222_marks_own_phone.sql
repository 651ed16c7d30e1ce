-- +goose Up
ALTER TABLE marks MODIFY account_id BIGINT UNSIGNED NULL;

-- +goose Down
DELETE FROM marks WHERE account_id IS NULL;
ALTER TABLE marks MODIFY account_id BIGINT UNSIGNED NOT NULL;
