-- +goose Up
CREATE TABLE mark_disputes (
  session_id BIGINT UNSIGNED NOT NULL,
  enrolment_id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (session_id, enrolment_id),
  CONSTRAINT fk_mark_disputes_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_mark_disputes_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE mark_disputes;
