-- +goose Up
CREATE TABLE roster_import_pages (
  import_id INTEGER NOT NULL,
  part TEXT NOT NULL,
  number INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (import_id, part, number),
  CONSTRAINT ck_roster_import_pages_part CHECK (part IN ('accepted', 'refused', 'asked', 'warned')),
  CONSTRAINT fk_roster_import_pages_import_id FOREIGN KEY (import_id) REFERENCES roster_imports (id)
);

-- +goose Down
DROP TABLE roster_import_pages;
