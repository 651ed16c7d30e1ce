-- +goose Up
CREATE TABLE quizzes (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  course_id BIGINT UNSIGNED NOT NULL,
  kind VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  minutes INT NULL,
  opens_at DATETIME(6) NULL,
  closes_at DATETIME(6) NULL,
  shows VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  feeds_score BOOLEAN NOT NULL DEFAULT FALSE,
  version INT NOT NULL DEFAULT 1,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_quizzes_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT ck_quizzes_kind CHECK (kind IN ('pre', 'post')),
  CONSTRAINT ck_quizzes_shows CHECK (shows IN ('nothing', 'points', 'answers')),
  CONSTRAINT ck_quizzes_minutes CHECK (minutes BETWEEN 1 AND 300),
  CONSTRAINT ck_quizzes_feeds_score CHECK (NOT feeds_score OR kind = 'post'),
  UNIQUE KEY uq_quizzes_course_id_kind (course_id, kind)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE quizzes;
