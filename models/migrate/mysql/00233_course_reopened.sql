-- +goose Up
ALTER TABLE courses ADD COLUMN reopen_reason VARCHAR(500) NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE courses DROP COLUMN reopen_reason;
