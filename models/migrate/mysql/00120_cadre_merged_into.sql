-- +goose Up
-- Of two records of one person the one that was given up leads to the one that was kept.
ALTER TABLE cadres ADD COLUMN merged_into_id BIGINT UNSIGNED NULL, ADD CONSTRAINT fk_cadres_merged_into_id FOREIGN KEY (merged_into_id) REFERENCES cadres (id);

-- +goose Down
ALTER TABLE cadres DROP FOREIGN KEY fk_cadres_merged_into_id, DROP COLUMN merged_into_id;
