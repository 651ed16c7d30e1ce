-- +goose Up
CREATE TABLE cadres (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  full_name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  sort_key TEXT NOT NULL,
  search TEXT NOT NULL,
  sex TEXT NOT NULL,
  birth_year INTEGER NOT NULL DEFAULT 0,
  birth_day DATE NULL,
  national_id_sealed BLOB NULL,
  national_id_hash TEXT NULL,
  old_id_sealed BLOB NULL,
  old_id_hash TEXT NULL,
  phone TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT ck_cadres_sex CHECK (sex IN ('', 'male', 'female'))
);
CREATE UNIQUE INDEX uq_cadres_national_id_hash ON cadres (national_id_hash);
CREATE INDEX ix_cadres_old_id_hash ON cadres (old_id_hash);
CREATE INDEX ix_cadres_name_key ON cadres (name_key);
CREATE INDEX ix_cadres_sort_key ON cadres (sort_key);
CREATE INDEX ix_cadres_search ON cadres (search);

-- +goose Down
DROP TABLE cadres;
