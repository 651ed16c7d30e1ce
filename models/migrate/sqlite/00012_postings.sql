-- +goose Up
CREATE TABLE postings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  cadre_id INTEGER NOT NULL,
  organisation_id INTEGER NOT NULL,
  title TEXT NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  main BOOLEAN NOT NULL,
  line_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_postings_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id),
  CONSTRAINT fk_postings_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT fk_postings_line_id FOREIGN KEY (line_id) REFERENCES organisations (id),
  CONSTRAINT ck_postings_lifetime CHECK (from_day < to_day)
);
CREATE INDEX ix_postings_line_id ON postings (line_id);
CREATE INDEX ix_postings_organisation_id_from_day_to_day ON postings (organisation_id, from_day, to_day);
CREATE INDEX ix_postings_cadre_id_from_day ON postings (cadre_id, from_day);

-- +goose Down
DROP TABLE postings;
