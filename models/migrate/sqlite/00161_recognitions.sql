-- +goose Up
CREATE TABLE recognitions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  cadre_id INTEGER NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  first_day DATE NOT NULL,
  last_day DATE NOT NULL,
  paper_number TEXT NOT NULL,
  paper_key TEXT NOT NULL,
  live_paper_key TEXT NULL,
  file_id INTEGER NULL,
  state TEXT NOT NULL,
  proposed_by_id INTEGER NULL,
  decided_by_id INTEGER NULL,
  decided_at DATETIME NULL,
  reason TEXT NOT NULL DEFAULT '',
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_recognitions_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id),
  CONSTRAINT fk_recognitions_file_id FOREIGN KEY (file_id) REFERENCES stored_files (id),
  CONSTRAINT fk_recognitions_proposed_by_id FOREIGN KEY (proposed_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_recognitions_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_recognitions_state CHECK (state IN ('proposed', 'approved', 'refused', 'withdrawn')),
  CONSTRAINT ck_recognitions_days CHECK (first_day <= last_day),
  CONSTRAINT ck_recognitions_live CHECK ((live_paper_key IS NULL) = (state IN ('refused', 'withdrawn')))
);
CREATE UNIQUE INDEX uq_recognitions_cadre_id_live_paper_key ON recognitions (cadre_id, live_paper_key);
CREATE INDEX ix_recognitions_state ON recognitions (state);
CREATE INDEX ix_recognitions_file_id ON recognitions (file_id);
CREATE INDEX ix_recognitions_proposed_by_id ON recognitions (proposed_by_id);
CREATE INDEX ix_recognitions_decided_by_id ON recognitions (decided_by_id);

-- +goose Down
DROP TABLE recognitions;
