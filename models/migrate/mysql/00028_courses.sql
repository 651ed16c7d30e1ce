-- +goose Up
CREATE TABLE courses (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  plan_id BIGINT UNSIGNED NOT NULL,
  code VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(400) NOT NULL,
  search VARCHAR(400) NOT NULL,
  course_type_id BIGINT UNSIGNED NOT NULL,
  state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  host_id BIGINT UNSIGNED NOT NULL,
  venue VARCHAR(300) NOT NULL DEFAULT '',
  link VARCHAR(500) NOT NULL DEFAULT '',
  capacity INT NOT NULL,
  rule_percent INT NOT NULL DEFAULT 80,
  min_score_tenths INT NULL,
  first_day DATE NULL,
  last_day DATE NULL,
  note TEXT NOT NULL,
  cancel_reason VARCHAR(500) NOT NULL DEFAULT '',
  closed_at DATETIME(6) NULL,
  closed_by_id BIGINT UNSIGNED NULL,
  created_by_id BIGINT UNSIGNED NULL,
  version INT NOT NULL DEFAULT 1,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_courses_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  CONSTRAINT fk_courses_course_type_id FOREIGN KEY (course_type_id) REFERENCES course_types (id),
  CONSTRAINT ck_courses_state CHECK (state IN ('draft', 'open', 'running', 'closed', 'cancelled')),
  CONSTRAINT fk_courses_host_id FOREIGN KEY (host_id) REFERENCES organisations (id),
  CONSTRAINT fk_courses_closed_by_id FOREIGN KEY (closed_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_courses_created_by_id FOREIGN KEY (created_by_id) REFERENCES accounts (id),
  UNIQUE KEY uq_courses_code (code),
  KEY ix_courses_state_first_day (state, first_day),
  CONSTRAINT ck_courses_capacity CHECK (capacity > 0),
  CONSTRAINT ck_courses_rule CHECK (rule_percent BETWEEN 1 AND 100)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE courses;
