-- +goose Up
CREATE TABLE quizzes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  course_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  minutes INTEGER NULL,
  opens_at DATETIME NULL,
  closes_at DATETIME NULL,
  shows TEXT NOT NULL,
  feeds_score BOOLEAN NOT NULL DEFAULT FALSE,
  version INTEGER NOT NULL DEFAULT 1,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_quizzes_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT ck_quizzes_kind CHECK (kind IN ('pre', 'post')),
  CONSTRAINT ck_quizzes_shows CHECK (shows IN ('nothing', 'points', 'answers')),
  CONSTRAINT ck_quizzes_minutes CHECK (minutes BETWEEN 1 AND 300),
  CONSTRAINT ck_quizzes_feeds_score CHECK (NOT feeds_score OR kind = 'post')
);
CREATE UNIQUE INDEX uq_quizzes_course_id_kind ON quizzes (course_id, kind);

-- +goose Down
DROP TABLE quizzes;
