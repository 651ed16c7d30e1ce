-- +goose Up
CREATE TABLE courses (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id INTEGER NOT NULL,
  code TEXT NOT NULL,
  title TEXT NOT NULL,
  search TEXT NOT NULL,
  course_type_id INTEGER NOT NULL,
  state TEXT NOT NULL,
  host_id INTEGER NOT NULL,
  venue TEXT NOT NULL DEFAULT '',
  link TEXT NOT NULL DEFAULT '',
  capacity INTEGER NOT NULL,
  rule_percent INTEGER NOT NULL DEFAULT 80,
  min_score_tenths INTEGER NULL,
  first_day DATE NULL,
  last_day DATE NULL,
  note TEXT NOT NULL,
  cancel_reason TEXT NOT NULL DEFAULT '',
  closed_at DATETIME NULL,
  closed_by_id INTEGER NULL,
  created_by_id INTEGER NULL,
  version INTEGER NOT NULL DEFAULT 1,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_courses_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  CONSTRAINT fk_courses_course_type_id FOREIGN KEY (course_type_id) REFERENCES course_types (id),
  CONSTRAINT ck_courses_state CHECK (state IN ('draft', 'open', 'running', 'closed', 'cancelled')),
  CONSTRAINT fk_courses_host_id FOREIGN KEY (host_id) REFERENCES organisations (id),
  CONSTRAINT fk_courses_closed_by_id FOREIGN KEY (closed_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_courses_created_by_id FOREIGN KEY (created_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_courses_capacity CHECK (capacity > 0),
  CONSTRAINT ck_courses_rule CHECK (rule_percent BETWEEN 1 AND 100)
);
CREATE INDEX ix_courses_plan_id ON courses (plan_id);
CREATE INDEX ix_courses_course_type_id ON courses (course_type_id);
CREATE INDEX ix_courses_host_id ON courses (host_id);
CREATE INDEX ix_courses_closed_by_id ON courses (closed_by_id);
CREATE INDEX ix_courses_created_by_id ON courses (created_by_id);
CREATE UNIQUE INDEX uq_courses_code ON courses (code);
CREATE INDEX ix_courses_state_first_day ON courses (state, first_day);

-- +goose Down
DROP TABLE courses;
