-- +goose Up
-- Whether likely twins were sought since name, birth or ids last changed.
ALTER TABLE cadres ADD COLUMN twins_sought BOOLEAN NOT NULL DEFAULT FALSE, ADD KEY ix_cadres_twins_sought (twins_sought);

-- +goose Down
ALTER TABLE cadres DROP COLUMN twins_sought;
