-- +goose Up
CREATE TABLE name_checks (
  enrolment_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  state VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  full_name VARCHAR(200) NOT NULL,
  title VARCHAR(300) NOT NULL DEFAULT '',
  note VARCHAR(500) NOT NULL DEFAULT '',
  answered_at DATETIME(6) NOT NULL,
  answered_by_id BIGINT UNSIGNED NULL,
  decided_at DATETIME(6) NULL,
  decided_by_id BIGINT UNSIGNED NULL,
  reason VARCHAR(500) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_name_checks_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT fk_name_checks_answered_by_id FOREIGN KEY (answered_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_name_checks_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_name_checks_state CHECK (state IN ('confirmed', 'on_paper', 'proposed', 'corrected', 'refused') AND (state NOT IN ('corrected', 'refused') OR decided_at IS NOT NULL)),
  KEY ix_name_checks_state (state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE name_checks;
