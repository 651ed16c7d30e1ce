-- +goose Up
CREATE TABLE completions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  cadre_id INTEGER NOT NULL,
  course_id INTEGER NULL,
  enrolment_id INTEGER NULL,
  effective_day DATE NOT NULL,
  attended_minutes INTEGER NOT NULL DEFAULT 0,
  total_minutes INTEGER NOT NULL DEFAULT 0,
  voided_at DATETIME NULL,
  voided_by_id INTEGER NULL,
  void_reason TEXT NOT NULL DEFAULT '',
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_completions_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id),
  CONSTRAINT fk_completions_course_id FOREIGN KEY (course_id) REFERENCES courses (id),
  CONSTRAINT fk_completions_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT fk_completions_voided_by_id FOREIGN KEY (voided_by_id) REFERENCES accounts (id)
);
CREATE INDEX ix_completions_voided_by_id ON completions (voided_by_id);
CREATE UNIQUE INDEX uq_completions_enrolment_id ON completions (enrolment_id);
CREATE INDEX ix_completions_cadre_id_effective_day ON completions (cadre_id, effective_day);
CREATE INDEX ix_completions_course_id ON completions (course_id);

-- +goose Down
DROP TABLE completions;
