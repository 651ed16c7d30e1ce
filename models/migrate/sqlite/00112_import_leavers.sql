-- +goose Up
CREATE TABLE roster_import_pages_new (
  import_id INTEGER NOT NULL,
  part TEXT NOT NULL,
  number INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (import_id, part, number),
  CONSTRAINT ck_roster_import_pages_part CHECK (part IN ('accepted', 'refused', 'asked', 'warned', 'leavers')),
  CONSTRAINT fk_roster_import_pages_import_id FOREIGN KEY (import_id) REFERENCES roster_imports (id)
);
INSERT INTO roster_import_pages_new SELECT import_id, part, number, body FROM roster_import_pages;
DROP TABLE roster_import_pages;
ALTER TABLE roster_import_pages_new RENAME TO roster_import_pages;

-- +goose Down
DELETE FROM roster_import_pages WHERE part = 'leavers';
CREATE TABLE roster_import_pages_old (
  import_id INTEGER NOT NULL,
  part TEXT NOT NULL,
  number INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (import_id, part, number),
  CONSTRAINT ck_roster_import_pages_part CHECK (part IN ('accepted', 'refused', 'asked', 'warned')),
  CONSTRAINT fk_roster_import_pages_import_id FOREIGN KEY (import_id) REFERENCES roster_imports (id)
);
INSERT INTO roster_import_pages_old SELECT import_id, part, number, body FROM roster_import_pages;
DROP TABLE roster_import_pages;
ALTER TABLE roster_import_pages_old RENAME TO roster_import_pages;
