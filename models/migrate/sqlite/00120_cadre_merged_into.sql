-- +goose Up
-- Of two records of one person the one that was given up leads to the one that was kept.
ALTER TABLE cadres ADD COLUMN merged_into_id INTEGER NULL CONSTRAINT fk_cadres_merged_into_id REFERENCES cadres (id);
CREATE INDEX ix_cadres_merged_into_id ON cadres (merged_into_id);

-- +goose Down
DROP INDEX ix_cadres_merged_into_id;
ALTER TABLE cadres DROP COLUMN merged_into_id;
