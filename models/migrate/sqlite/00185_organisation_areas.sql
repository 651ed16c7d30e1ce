-- +goose Up
-- Where an organisation lies, as people there say it: the district, also after districts ended.
ALTER TABLE organisations ADD COLUMN area_id INTEGER NULL CONSTRAINT fk_organisations_area_id REFERENCES organisations (id);
CREATE INDEX ix_organisations_area_id ON organisations (area_id);

-- +goose Down
DROP INDEX ix_organisations_area_id;
ALTER TABLE organisations DROP COLUMN area_id;
