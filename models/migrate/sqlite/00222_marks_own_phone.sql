-- +goose Up
CREATE TABLE marks_new (
  session_id INTEGER NOT NULL,
  enrolment_id INTEGER NOT NULL,
  mark TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  marked_at DATETIME NOT NULL,
  event_id INTEGER NOT NULL,
  account_id INTEGER,
  CONSTRAINT fk_marks_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_marks_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT ck_marks_mark CHECK (mark IN ('present', 'late', 'excused', 'absent')),
  CONSTRAINT fk_marks_event_id FOREIGN KEY (event_id) REFERENCES mark_events (id),
  CONSTRAINT fk_marks_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  PRIMARY KEY (session_id, enrolment_id)
);
INSERT INTO marks_new (session_id, enrolment_id, mark, note, marked_at, event_id, account_id) SELECT session_id, enrolment_id, mark, note, marked_at, event_id, account_id FROM marks;
DROP TABLE marks;
ALTER TABLE marks_new RENAME TO marks;
CREATE INDEX ix_marks_event_id ON marks (event_id);
CREATE INDEX ix_marks_account_id ON marks (account_id);
CREATE INDEX ix_marks_enrolment_id ON marks (enrolment_id);

-- +goose Down
DELETE FROM marks WHERE account_id IS NULL;
CREATE TABLE marks_old (
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
INSERT INTO marks_old (session_id, enrolment_id, mark, note, marked_at, event_id, account_id) SELECT session_id, enrolment_id, mark, note, marked_at, event_id, account_id FROM marks;
DROP TABLE marks;
ALTER TABLE marks_old RENAME TO marks;
CREATE INDEX ix_marks_event_id ON marks (event_id);
CREATE INDEX ix_marks_account_id ON marks (account_id);
CREATE INDEX ix_marks_enrolment_id ON marks (enrolment_id);
