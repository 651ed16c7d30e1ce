-- +goose Up
CREATE TABLE marks (
  session_id INTEGER NOT NULL,
  enrolment_id INTEGER NOT NULL,
  mark TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  marked_at DATETIME NOT NULL,
  event_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  CONSTRAINT fk_marks_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_marks_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT ck_marks_mark CHECK (mark IN ('present', 'late', 'excused', 'absent')),
  CONSTRAINT fk_marks_event_id FOREIGN KEY (event_id) REFERENCES mark_events (id),
  CONSTRAINT fk_marks_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  PRIMARY KEY (session_id, enrolment_id)
);
CREATE INDEX ix_marks_event_id ON marks (event_id);
CREATE INDEX ix_marks_account_id ON marks (account_id);
CREATE INDEX ix_marks_enrolment_id ON marks (enrolment_id);

-- +goose Down
DROP TABLE marks;
