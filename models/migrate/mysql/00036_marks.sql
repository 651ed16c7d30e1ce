-- +goose Up
CREATE TABLE marks (
  session_id BIGINT UNSIGNED NOT NULL,
  enrolment_id BIGINT UNSIGNED NOT NULL,
  mark VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  note VARCHAR(300) NOT NULL DEFAULT '',
  marked_at DATETIME(6) NOT NULL,
  event_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  CONSTRAINT fk_marks_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_marks_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT ck_marks_mark CHECK (mark IN ('present', 'late', 'excused', 'absent')),
  CONSTRAINT fk_marks_event_id FOREIGN KEY (event_id) REFERENCES mark_events (id),
  CONSTRAINT fk_marks_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  PRIMARY KEY (session_id, enrolment_id),
  KEY ix_marks_enrolment_id (enrolment_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE marks;
