-- +goose Up
CREATE TABLE course_staff (
  course_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  role VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  CONSTRAINT fk_course_staff_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT fk_course_staff_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_course_staff_role CHECK (role IN ('trainer', 'clerk')),
  PRIMARY KEY (course_id, account_id, role),
  KEY ix_course_staff_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE course_staff;
