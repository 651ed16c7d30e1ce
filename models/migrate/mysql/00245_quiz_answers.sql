-- +goose Up
CREATE TABLE quiz_answers (
  try_id BIGINT UNSIGNED NOT NULL,
  question_id BIGINT UNSIGNED NOT NULL,
  chosen INT NOT NULL,
  CONSTRAINT fk_quiz_answers_try_id FOREIGN KEY (try_id) REFERENCES quiz_tries (id) ON DELETE CASCADE,
  CONSTRAINT fk_quiz_answers_question_id FOREIGN KEY (question_id) REFERENCES quiz_questions (id),
  CONSTRAINT ck_quiz_answers_chosen CHECK (chosen BETWEEN 0 AND 63),
  PRIMARY KEY (try_id, question_id),
  KEY ix_quiz_answers_question_id (question_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE quiz_answers;
