-- +goose Up
CREATE TABLE course_sessions (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  course_id BIGINT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  start_minute INT NOT NULL,
  end_minute INT NOT NULL,
  room VARCHAR(200) NOT NULL DEFAULT '',
  room_key VARCHAR(200) NOT NULL DEFAULT '',
  title VARCHAR(300) NOT NULL DEFAULT '',
  cancelled BOOLEAN NOT NULL DEFAULT FALSE,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_course_sessions_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  KEY ix_course_sessions_course_id_day_start_minute (course_id, day, start_minute),
  KEY ix_course_sessions_day (day),
  CONSTRAINT ck_course_sessions_times CHECK (0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE course_sessions;
