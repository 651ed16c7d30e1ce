-- +goose Up
-- Who is marked by their own phone and personal code has no account that could have marked.
CREATE TABLE mark_events_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL,
  session_id INTEGER NOT NULL,
  enrolment_id INTEGER,
  walk_in_id INTEGER,
  mark TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  marked_at DATETIME NOT NULL,
  device_at DATETIME,
  offset_ms INTEGER,
  seen_at DATETIME,
  received_at DATETIME NOT NULL,
  account_id INTEGER,
  device_id TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL,
  flag TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'applied',
  ref_session_id INTEGER,
  CONSTRAINT fk_mark_events_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_mark_events_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT fk_mark_events_walk_in_id FOREIGN KEY (walk_in_id) REFERENCES walk_ins (id),
  CONSTRAINT fk_mark_events_ref_session_id FOREIGN KEY (ref_session_id) REFERENCES course_sessions (id),
  CONSTRAINT ck_mark_events_mark CHECK (mark IN ('', 'present', 'late', 'excused', 'absent')),
  CONSTRAINT ck_mark_events_person CHECK ((enrolment_id IS NULL) <> (walk_in_id IS NULL)),
  CONSTRAINT ck_mark_events_state CHECK (state IN ('applied', 'held', 'dismissed')),
  CONSTRAINT fk_mark_events_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_mark_events_account CHECK (account_id IS NOT NULL OR source = 'screen')
);
INSERT INTO mark_events_new (id, uid, session_id, enrolment_id, walk_in_id, mark, note, marked_at, device_at, offset_ms, seen_at, received_at, account_id, device_id, source, flag, state, ref_session_id) SELECT id, uid, session_id, enrolment_id, walk_in_id, mark, note, marked_at, device_at, offset_ms, seen_at, received_at, account_id, device_id, source, flag, state, ref_session_id FROM mark_events;
DROP TABLE mark_events;
ALTER TABLE mark_events_new RENAME TO mark_events;
CREATE INDEX ix_mark_events_account_id ON mark_events (account_id);
CREATE UNIQUE INDEX uq_mark_events_uid ON mark_events (uid);
CREATE INDEX ix_mark_events_session_id_enrolment_id ON mark_events (session_id, enrolment_id);
CREATE INDEX ix_mark_events_enrolment_id ON mark_events (enrolment_id);
CREATE INDEX ix_mark_events_walk_in_id ON mark_events (walk_in_id);
CREATE INDEX ix_mark_events_ref_session_id ON mark_events (ref_session_id);

-- +goose Down
DELETE FROM mark_events WHERE account_id IS NULL;
CREATE TABLE mark_events_old (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL,
  session_id INTEGER NOT NULL,
  enrolment_id INTEGER,
  walk_in_id INTEGER,
  mark TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  marked_at DATETIME NOT NULL,
  device_at DATETIME,
  offset_ms INTEGER,
  seen_at DATETIME,
  received_at DATETIME NOT NULL,
  account_id INTEGER NOT NULL,
  device_id TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL,
  flag TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'applied',
  ref_session_id INTEGER,
  CONSTRAINT fk_mark_events_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_mark_events_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT fk_mark_events_walk_in_id FOREIGN KEY (walk_in_id) REFERENCES walk_ins (id),
  CONSTRAINT fk_mark_events_ref_session_id FOREIGN KEY (ref_session_id) REFERENCES course_sessions (id),
  CONSTRAINT ck_mark_events_mark CHECK (mark IN ('', 'present', 'late', 'excused', 'absent')),
  CONSTRAINT ck_mark_events_person CHECK ((enrolment_id IS NULL) <> (walk_in_id IS NULL)),
  CONSTRAINT ck_mark_events_state CHECK (state IN ('applied', 'held', 'dismissed')),
  CONSTRAINT fk_mark_events_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
INSERT INTO mark_events_old (id, uid, session_id, enrolment_id, walk_in_id, mark, note, marked_at, device_at, offset_ms, seen_at, received_at, account_id, device_id, source, flag, state, ref_session_id) SELECT id, uid, session_id, enrolment_id, walk_in_id, mark, note, marked_at, device_at, offset_ms, seen_at, received_at, account_id, device_id, source, flag, state, ref_session_id FROM mark_events;
DROP TABLE mark_events;
ALTER TABLE mark_events_old RENAME TO mark_events;
CREATE INDEX ix_mark_events_account_id ON mark_events (account_id);
CREATE UNIQUE INDEX uq_mark_events_uid ON mark_events (uid);
CREATE INDEX ix_mark_events_session_id_enrolment_id ON mark_events (session_id, enrolment_id);
CREATE INDEX ix_mark_events_enrolment_id ON mark_events (enrolment_id);
CREATE INDEX ix_mark_events_walk_in_id ON mark_events (walk_in_id);
CREATE INDEX ix_mark_events_ref_session_id ON mark_events (ref_session_id);
