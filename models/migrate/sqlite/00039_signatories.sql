-- +goose Up
CREATE TABLE signatories (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organisation_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  form TEXT NOT NULL,
  form_title TEXT NOT NULL DEFAULT '',
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_signatories_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT ck_signatories_form CHECK (form IN ('', 'KT.', 'TM.', 'TL.', 'TUQ.'))
);
CREATE INDEX ix_signatories_organisation_id ON signatories (organisation_id);

-- +goose Down
DROP TABLE signatories;
