-- +goose Up
CREATE TABLE quiz_tries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  quiz_id INTEGER NOT NULL,
  enrolment_id INTEGER NOT NULL,
  started_at DATETIME NOT NULL,
  submitted_at DATETIME NULL,
  points INTEGER NOT NULL DEFAULT 0,
  tenths INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT fk_quiz_tries_quiz_id FOREIGN KEY (quiz_id) REFERENCES quizzes (id),
  CONSTRAINT fk_quiz_tries_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT ck_quiz_tries_tenths CHECK (tenths BETWEEN 0 AND 100)
);
CREATE UNIQUE INDEX uq_quiz_tries_quiz_id_enrolment_id ON quiz_tries (quiz_id, enrolment_id);
CREATE INDEX ix_quiz_tries_enrolment_id ON quiz_tries (enrolment_id);
CREATE INDEX ix_quiz_tries_submitted_at ON quiz_tries (submitted_at);

-- +goose Down
DROP TABLE quiz_tries;
