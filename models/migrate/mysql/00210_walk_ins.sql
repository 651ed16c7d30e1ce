-- +goose Up
CREATE TABLE walk_ins (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  course_id BIGINT UNSIGNED NOT NULL,
  session_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(200) NOT NULL,
  office VARCHAR(300) NOT NULL,
  birth_year INT NOT NULL,
  replaces_id BIGINT UNSIGNED NULL,
  enrolment_id BIGINT UNSIGNED NULL,
  state VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sort_key VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  decided_by_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT ck_walk_ins_state CHECK (state IN ('open', 'matched', 'guest', 'mistake')),
  CONSTRAINT ck_walk_ins_matched CHECK ((state = 'matched') = (enrolment_id IS NOT NULL)),
  CONSTRAINT fk_walk_ins_course_id FOREIGN KEY (course_id) REFERENCES courses (id),
  CONSTRAINT fk_walk_ins_session_id FOREIGN KEY (session_id) REFERENCES course_sessions (id),
  CONSTRAINT fk_walk_ins_replaces_id FOREIGN KEY (replaces_id) REFERENCES enrolments (id),
  CONSTRAINT fk_walk_ins_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT fk_walk_ins_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT fk_walk_ins_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES accounts (id),
  UNIQUE KEY uq_walk_ins_uid (uid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE walk_ins;
