-- +goose Up
CREATE TABLE venues (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  address TEXT NOT NULL,
  organisation_id INTEGER NULL,
  area_id INTEGER NULL,
  note TEXT NOT NULL,
  search TEXT NOT NULL,
  retired BOOLEAN NOT NULL DEFAULT FALSE,
  version INTEGER NOT NULL DEFAULT 1,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_venues_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT fk_venues_area_id FOREIGN KEY (area_id) REFERENCES organisations (id)
);
CREATE INDEX ix_venues_organisation_id ON venues (organisation_id);
CREATE INDEX ix_venues_area_id ON venues (area_id);
CREATE UNIQUE INDEX uq_venues_name_key ON venues (name_key);

-- +goose Down
DROP TABLE venues;
