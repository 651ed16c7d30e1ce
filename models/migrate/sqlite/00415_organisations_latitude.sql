-- +goose Up
ALTER TABLE organisations ADD COLUMN latitude DOUBLE NULL CONSTRAINT ck_organisations_latitude CHECK (latitude BETWEEN -90 AND 90);

-- +goose Down
ALTER TABLE organisations DROP COLUMN latitude;
