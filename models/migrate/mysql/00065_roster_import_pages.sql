-- +goose Up
CREATE TABLE roster_import_pages (
  import_id BIGINT UNSIGNED NOT NULL,
  part VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number BIGINT NOT NULL,
  body LONGBLOB NOT NULL,
  PRIMARY KEY (import_id, part, number),
  CONSTRAINT ck_roster_import_pages_part CHECK (part IN ('accepted', 'refused', 'asked', 'warned')),
  CONSTRAINT fk_roster_import_pages_import_id FOREIGN KEY (import_id) REFERENCES roster_imports (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE roster_import_pages;
