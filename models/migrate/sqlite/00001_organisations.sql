-- +goose Up
CREATE TABLE organisations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  short_name TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL,
  level TEXT NOT NULL,
  parent_id INTEGER NULL,
  path TEXT NOT NULL,
  depth INTEGER NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  counts_only BOOLEAN NOT NULL DEFAULT FALSE,
  search TEXT NOT NULL,
  note TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT ck_organisations_kind CHECK (kind IN ('province', 'block', 'district', 'state_agency', 'party_agency', 'socio_political', 'press_agency', 'armed_forces')),
  CONSTRAINT ck_organisations_level CHECK (level IN ('province', 'district', 'commune')),
  CONSTRAINT fk_organisations_parent_id FOREIGN KEY (parent_id) REFERENCES organisations (id),
  CONSTRAINT ck_organisations_lifetime CHECK (from_day < to_day)
);
CREATE INDEX ix_organisations_parent_id ON organisations (parent_id);
CREATE UNIQUE INDEX uq_organisations_code ON organisations (code);
CREATE UNIQUE INDEX uq_organisations_path ON organisations (path);

-- +goose Down
DROP TABLE organisations;
