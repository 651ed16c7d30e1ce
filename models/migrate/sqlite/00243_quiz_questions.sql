-- +goose Up
-- choices is a list of 2 to 6 texts; answer has a bit for each that is right.
CREATE TABLE quiz_questions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  quiz_id INTEGER NOT NULL,
  text TEXT NOT NULL,
  choices TEXT NOT NULL,
  answer INTEGER NOT NULL,
  points INTEGER NOT NULL,
  CONSTRAINT fk_quiz_questions_quiz_id FOREIGN KEY (quiz_id) REFERENCES quizzes (id) ON DELETE CASCADE,
  CONSTRAINT ck_quiz_questions_answer CHECK (answer BETWEEN 1 AND 63),
  CONSTRAINT ck_quiz_questions_points CHECK (points BETWEEN 1 AND 100)
);
CREATE INDEX ix_quiz_questions_quiz_id ON quiz_questions (quiz_id);

-- +goose Down
DROP TABLE quiz_questions;
