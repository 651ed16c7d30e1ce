-- +goose Up
CREATE TABLE name_checks (
  enrolment_id INTEGER NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  full_name TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  answered_at DATETIME NOT NULL,
  answered_by_id INTEGER NULL,
  decided_at DATETIME NULL,
  decided_by_id INTEGER NULL,
  reason TEXT NOT NULL DEFAULT '',
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_name_checks_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT fk_name_checks_answered_by_id FOREIGN KEY (answered_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_name_checks_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_name_checks_state CHECK (state IN ('confirmed', 'on_paper', 'proposed', 'corrected', 'refused') AND (state NOT IN ('corrected', 'refused') OR decided_at IS NOT NULL))
);
CREATE INDEX ix_name_checks_state ON name_checks (state);
CREATE INDEX ix_name_checks_answered_by_id ON name_checks (answered_by_id);
CREATE INDEX ix_name_checks_decided_by_id ON name_checks (decided_by_id);

-- +goose Down
DROP TABLE name_checks;
