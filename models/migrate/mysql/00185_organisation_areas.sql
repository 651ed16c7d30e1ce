-- +goose Up
-- Where an organisation lies, as people there say it: the district, also after districts ended.
ALTER TABLE organisations ADD COLUMN area_id BIGINT UNSIGNED NULL, ADD INDEX ix_organisations_area_id (area_id), ADD CONSTRAINT fk_organisations_area_id FOREIGN KEY (area_id) REFERENCES organisations (id);

-- +goose Down
ALTER TABLE organisations DROP FOREIGN KEY fk_organisations_area_id, DROP COLUMN area_id;
