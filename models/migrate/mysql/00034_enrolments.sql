-- +goose Up
CREATE TABLE enrolments (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  course_id BIGINT UNSIGNED NOT NULL,
  cadre_id BIGINT UNSIGNED NOT NULL,
  organisation_id BIGINT UNSIGNED NULL,
  state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  source VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  waiting_since DATETIME(6) NULL,
  nominated_by_id BIGINT UNSIGNED NULL,
  decided_by_id BIGINT UNSIGNED NULL,
  decided_at DATETIME(6) NULL,
  reason VARCHAR(500) NOT NULL DEFAULT '',
  score_tenths INT NULL,
  outcome VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  outcome_reason VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  attended_minutes INT NULL,
  total_minutes INT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_enrolments_course_id FOREIGN KEY (course_id) REFERENCES courses (id),
  CONSTRAINT fk_enrolments_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id),
  CONSTRAINT fk_enrolments_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT ck_enrolments_state CHECK (state IN ('nominated', 'enrolled', 'waiting', 'refused', 'withdrawn')),
  CONSTRAINT ck_enrolments_source CHECK (source IN ('coordinator', 'nomination')),
  CONSTRAINT fk_enrolments_nominated_by_id FOREIGN KEY (nominated_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_enrolments_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_enrolments_outcome CHECK (outcome IN ('', 'completed', 'not_completed')),
  UNIQUE KEY uq_enrolments_course_id_cadre_id (course_id, cadre_id),
  KEY ix_enrolments_cadre_id (cadre_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE enrolments;
