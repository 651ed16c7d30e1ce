-- +goose Up
-- How many stop being covered on the day since something expires: beforehand, so that nobody has to look for them among the people.
ALTER TABLE coverage_changes ADD COLUMN lapsed INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE coverage_changes DROP COLUMN lapsed;
