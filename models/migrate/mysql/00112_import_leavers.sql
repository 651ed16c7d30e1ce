-- +goose Up
ALTER TABLE roster_import_pages DROP CONSTRAINT ck_roster_import_pages_part, ADD CONSTRAINT ck_roster_import_pages_part CHECK (part IN ('accepted', 'refused', 'asked', 'warned', 'leavers'));

-- +goose Down
DELETE FROM roster_import_pages WHERE part = 'leavers';
ALTER TABLE roster_import_pages DROP CONSTRAINT ck_roster_import_pages_part, ADD CONSTRAINT ck_roster_import_pages_part CHECK (part IN ('accepted', 'refused', 'asked', 'warned'));
