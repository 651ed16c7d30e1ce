-- +goose Up
CREATE TABLE quiz_tries (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  quiz_id BIGINT UNSIGNED NOT NULL,
  enrolment_id BIGINT UNSIGNED NOT NULL,
  started_at DATETIME(6) NOT NULL,
  submitted_at DATETIME(6) NULL,
  points INT NOT NULL DEFAULT 0,
  tenths INT NOT NULL DEFAULT 0,
  CONSTRAINT fk_quiz_tries_quiz_id FOREIGN KEY (quiz_id) REFERENCES quizzes (id),
  CONSTRAINT fk_quiz_tries_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT ck_quiz_tries_tenths CHECK (tenths BETWEEN 0 AND 100),
  UNIQUE KEY uq_quiz_tries_quiz_id_enrolment_id (quiz_id, enrolment_id),
  KEY ix_quiz_tries_enrolment_id (enrolment_id),
  KEY ix_quiz_tries_submitted_at (submitted_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE quiz_tries;
