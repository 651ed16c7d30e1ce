-- +goose Up
CREATE TABLE completions (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  cadre_id BIGINT UNSIGNED NOT NULL,
  course_id BIGINT UNSIGNED NULL,
  enrolment_id BIGINT UNSIGNED NULL,
  effective_day DATE NOT NULL,
  attended_minutes INT NOT NULL DEFAULT 0,
  total_minutes INT NOT NULL DEFAULT 0,
  voided_at DATETIME(6) NULL,
  voided_by_id BIGINT UNSIGNED NULL,
  void_reason VARCHAR(500) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_completions_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id),
  CONSTRAINT fk_completions_course_id FOREIGN KEY (course_id) REFERENCES courses (id),
  CONSTRAINT fk_completions_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT fk_completions_voided_by_id FOREIGN KEY (voided_by_id) REFERENCES accounts (id),
  UNIQUE KEY uq_completions_enrolment_id (enrolment_id),
  KEY ix_completions_cadre_id_effective_day (cadre_id, effective_day),
  KEY ix_completions_course_id (course_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE completions;
