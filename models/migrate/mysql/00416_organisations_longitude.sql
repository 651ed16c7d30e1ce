-- +goose Up
ALTER TABLE organisations ADD COLUMN longitude DOUBLE NULL, ADD CONSTRAINT ck_organisations_longitude CHECK (longitude BETWEEN -180 AND 180);

-- +goose Down
ALTER TABLE organisations DROP CONSTRAINT ck_organisations_longitude, DROP COLUMN longitude;
