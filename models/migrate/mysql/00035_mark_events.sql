-- +goose Up
CREATE TABLE mark_events (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  session_id BIGINT UNSIGNED NOT NULL,
  enrolment_id BIGINT UNSIGNED NOT NULL,
  mark VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  note VARCHAR(300) NOT NULL DEFAULT '',
  marked_at DATETIME(6) NOT NULL,
  received_at DATETIME(6) NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  source VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  CONSTRAINT fk_mark_events_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_mark_events_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT ck_mark_events_mark CHECK (mark IN ('', 'present', 'late', 'excused', 'absent')),
  CONSTRAINT fk_mark_events_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  UNIQUE KEY uq_mark_events_uid (uid),
  KEY ix_mark_events_session_id_enrolment_id (session_id, enrolment_id),
  KEY ix_mark_events_enrolment_id (enrolment_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE mark_events;
