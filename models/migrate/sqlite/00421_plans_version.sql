-- +goose Up
-- Two people who change a plan at once see each other.
ALTER TABLE plans ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE plans DROP COLUMN version;
