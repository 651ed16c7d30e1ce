-- +goose Up
-- choices is a list of 2 to 6 texts; answer has a bit for each that is right.
CREATE TABLE quiz_questions (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  quiz_id BIGINT UNSIGNED NOT NULL,
  text TEXT NOT NULL,
  choices TEXT NOT NULL,
  answer INT NOT NULL,
  points INT NOT NULL,
  CONSTRAINT fk_quiz_questions_quiz_id FOREIGN KEY (quiz_id) REFERENCES quizzes (id) ON DELETE CASCADE,
  CONSTRAINT ck_quiz_questions_answer CHECK (answer BETWEEN 1 AND 63),
  CONSTRAINT ck_quiz_questions_points CHECK (points BETWEEN 1 AND 100),
  KEY ix_quiz_questions_quiz_id (quiz_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE quiz_questions;
