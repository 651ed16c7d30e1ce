-- +goose Up
-- The day that the latest standings are of.
ALTER TABLE coverage_ledgers ADD COLUMN stands_on DATE NULL;

-- +goose Down
ALTER TABLE coverage_ledgers DROP COLUMN stands_on;
