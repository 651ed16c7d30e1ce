-- +goose Up
-- Whether likely twins were sought since name, birth or ids last changed.
ALTER TABLE cadres ADD COLUMN twins_sought BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX ix_cadres_twins_sought ON cadres (twins_sought);

-- +goose Down
DROP INDEX ix_cadres_twins_sought;
ALTER TABLE cadres DROP COLUMN twins_sought;
