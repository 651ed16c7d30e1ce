-- +goose Up
ALTER TABLE courses ADD COLUMN reopen_reason TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE courses DROP COLUMN reopen_reason;
