-- +goose Up
CREATE TABLE course_staff (
  course_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  role TEXT NOT NULL,
  CONSTRAINT fk_course_staff_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT fk_course_staff_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_course_staff_role CHECK (role IN ('trainer', 'clerk')),
  PRIMARY KEY (course_id, account_id, role)
);
CREATE INDEX ix_course_staff_account_id ON course_staff (account_id);

-- +goose Down
DROP TABLE course_staff;
