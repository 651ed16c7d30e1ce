-- +goose Up
CREATE TABLE mark_disputes (
  session_id INTEGER NOT NULL,
  enrolment_id INTEGER NOT NULL,
  PRIMARY KEY (session_id, enrolment_id),
  CONSTRAINT fk_mark_disputes_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_mark_disputes_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id)
);
CREATE INDEX ix_mark_disputes_enrolment_id ON mark_disputes (enrolment_id);

-- +goose Down
DROP TABLE mark_disputes;
