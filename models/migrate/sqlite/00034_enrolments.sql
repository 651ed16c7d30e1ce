-- +goose Up
CREATE TABLE enrolments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  course_id INTEGER NOT NULL,
  cadre_id INTEGER NOT NULL,
  organisation_id INTEGER NULL,
  state TEXT NOT NULL,
  source TEXT NOT NULL,
  waiting_since DATETIME NULL,
  nominated_by_id INTEGER NULL,
  decided_by_id INTEGER NULL,
  decided_at DATETIME NULL,
  reason TEXT NOT NULL DEFAULT '',
  score_tenths INTEGER NULL,
  outcome TEXT NOT NULL DEFAULT '',
  outcome_reason TEXT NOT NULL DEFAULT '',
  attended_minutes INTEGER NULL,
  total_minutes INTEGER NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_enrolments_course_id FOREIGN KEY (course_id) REFERENCES courses (id),
  CONSTRAINT fk_enrolments_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id),
  CONSTRAINT fk_enrolments_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT ck_enrolments_state CHECK (state IN ('nominated', 'enrolled', 'waiting', 'refused', 'withdrawn')),
  CONSTRAINT ck_enrolments_source CHECK (source IN ('coordinator', 'nomination')),
  CONSTRAINT fk_enrolments_nominated_by_id FOREIGN KEY (nominated_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_enrolments_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_enrolments_outcome CHECK (outcome IN ('', 'completed', 'not_completed'))
);
CREATE INDEX ix_enrolments_organisation_id ON enrolments (organisation_id);
CREATE INDEX ix_enrolments_nominated_by_id ON enrolments (nominated_by_id);
CREATE INDEX ix_enrolments_decided_by_id ON enrolments (decided_by_id);
CREATE UNIQUE INDEX uq_enrolments_course_id_cadre_id ON enrolments (course_id, cadre_id);
CREATE INDEX ix_enrolments_cadre_id ON enrolments (cadre_id);

-- +goose Down
DROP TABLE enrolments;
