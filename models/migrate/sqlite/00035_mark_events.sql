-- +goose Up
CREATE TABLE mark_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL,
  session_id INTEGER NOT NULL,
  enrolment_id INTEGER NOT NULL,
  mark TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  marked_at DATETIME NOT NULL,
  received_at DATETIME NOT NULL,
  account_id INTEGER NOT NULL,
  source TEXT NOT NULL,
  CONSTRAINT fk_mark_events_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_mark_events_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT ck_mark_events_mark CHECK (mark IN ('', 'present', 'late', 'excused', 'absent')),
  CONSTRAINT fk_mark_events_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_mark_events_account_id ON mark_events (account_id);
CREATE UNIQUE INDEX uq_mark_events_uid ON mark_events (uid);
CREATE INDEX ix_mark_events_session_id_enrolment_id ON mark_events (session_id, enrolment_id);
CREATE INDEX ix_mark_events_enrolment_id ON mark_events (enrolment_id);

-- +goose Down
DROP TABLE mark_events;
