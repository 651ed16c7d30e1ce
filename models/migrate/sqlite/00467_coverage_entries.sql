-- +goose Up
-- Changes of who is covered as they are said, until they are added to coverage_changes. No foreign keys, as there.
CREATE TABLE coverage_entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organisation_id INTEGER NOT NULL,
  group_id INTEGER NOT NULL,
  day DATE NOT NULL,
  covered INTEGER NOT NULL,
  recognised INTEGER NOT NULL,
  lapsed INTEGER NOT NULL
);

-- +goose Down
DROP TABLE coverage_entries;
