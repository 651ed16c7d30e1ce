-- +goose Up
CREATE TABLE walk_ins (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uid TEXT NOT NULL,
  course_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  office TEXT NOT NULL,
  birth_year INTEGER NOT NULL,
  replaces_id INTEGER,
  enrolment_id INTEGER,
  state TEXT NOT NULL,
  sort_key TEXT NOT NULL,
  account_id INTEGER NOT NULL,
  decided_by_id INTEGER,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT ck_walk_ins_state CHECK (state IN ('open', 'matched', 'guest', 'mistake')),
  CONSTRAINT ck_walk_ins_matched CHECK ((state = 'matched') = (enrolment_id IS NOT NULL)),
  CONSTRAINT fk_walk_ins_course_id FOREIGN KEY (course_id) REFERENCES courses (id),
  CONSTRAINT fk_walk_ins_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_walk_ins_replaces_id FOREIGN KEY (replaces_id) REFERENCES enrolments (id),
  CONSTRAINT fk_walk_ins_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT fk_walk_ins_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT fk_walk_ins_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES accounts (id)
);
CREATE UNIQUE INDEX uq_walk_ins_uid ON walk_ins (uid);
CREATE INDEX ix_walk_ins_course_id ON walk_ins (course_id);
CREATE INDEX ix_walk_ins_session_id ON walk_ins (session_id);
CREATE INDEX ix_walk_ins_replaces_id ON walk_ins (replaces_id);
CREATE INDEX ix_walk_ins_enrolment_id ON walk_ins (enrolment_id);
CREATE INDEX ix_walk_ins_account_id ON walk_ins (account_id);
CREATE INDEX ix_walk_ins_decided_by_id ON walk_ins (decided_by_id);

-- +goose Down
DROP TABLE walk_ins;
