-- +goose Up
ALTER TABLE roster_imports ADD COLUMN full_list BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE roster_imports DROP COLUMN full_list;
