-- +goose Up
CREATE TABLE quiz_answers (
  try_id INTEGER NOT NULL,
  question_id INTEGER NOT NULL,
  chosen INTEGER NOT NULL,
  CONSTRAINT fk_quiz_answers_try_id FOREIGN KEY (try_id) REFERENCES quiz_tries (id) ON DELETE CASCADE,
  CONSTRAINT fk_quiz_answers_question_id FOREIGN KEY (question_id) REFERENCES quiz_questions (id),
  CONSTRAINT ck_quiz_answers_chosen CHECK (chosen BETWEEN 0 AND 63),
  PRIMARY KEY (try_id, question_id)
);
CREATE INDEX ix_quiz_answers_question_id ON quiz_answers (question_id);

-- +goose Down
DROP TABLE quiz_answers;
