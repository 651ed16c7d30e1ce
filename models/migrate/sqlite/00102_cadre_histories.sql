-- +goose Up
-- Grows with each change of a cadre's postings: of two people who look at one page, the second learns that it is old.
ALTER TABLE cadres ADD COLUMN history_version INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE cadres DROP COLUMN history_version;
