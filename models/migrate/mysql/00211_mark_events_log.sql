-- +goose Up
ALTER TABLE mark_events
  MODIFY enrolment_id BIGINT UNSIGNED NULL,
  ADD COLUMN walk_in_id BIGINT UNSIGNED NULL AFTER enrolment_id,
  ADD COLUMN device_at DATETIME(6) NULL AFTER marked_at,
  ADD COLUMN offset_ms BIGINT NULL AFTER device_at,
  ADD COLUMN seen_at DATETIME(6) NULL AFTER offset_ms,
  ADD COLUMN device_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' AFTER account_id,
  ADD COLUMN flag VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD COLUMN state VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'applied',
  ADD COLUMN ref_session_id BIGINT UNSIGNED NULL,
  ADD CONSTRAINT fk_mark_events_walk_in_id FOREIGN KEY (walk_in_id) REFERENCES walk_ins (id),
  ADD CONSTRAINT fk_mark_events_ref_session_id FOREIGN KEY (ref_session_id) REFERENCES course_sessions (id),
  ADD CONSTRAINT ck_mark_events_person CHECK ((enrolment_id IS NULL) <> (walk_in_id IS NULL)),
  ADD CONSTRAINT ck_mark_events_state CHECK (state IN ('applied', 'held', 'dismissed'));

-- +goose Down
ALTER TABLE mark_events
  DROP CONSTRAINT ck_mark_events_person,
  DROP CONSTRAINT ck_mark_events_state,
  DROP FOREIGN KEY fk_mark_events_walk_in_id,
  DROP FOREIGN KEY fk_mark_events_ref_session_id,
  DROP COLUMN walk_in_id,
  DROP COLUMN device_at,
  DROP COLUMN offset_ms,
  DROP COLUMN seen_at,
  DROP COLUMN device_id,
  DROP COLUMN flag,
  DROP COLUMN state,
  DROP COLUMN ref_session_id;
