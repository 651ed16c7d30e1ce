-- +goose Up
CREATE TABLE course_sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  course_id INTEGER NOT NULL,
  day DATE NOT NULL,
  start_minute INTEGER NOT NULL,
  end_minute INTEGER NOT NULL,
  room TEXT NOT NULL DEFAULT '',
  room_key TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  cancelled BOOLEAN NOT NULL DEFAULT FALSE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_course_sessions_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT ck_course_sessions_times CHECK (0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440)
);
CREATE INDEX ix_course_sessions_course_id_day_start_minute ON course_sessions (course_id, day, start_minute);
CREATE INDEX ix_course_sessions_day ON course_sessions (day);

-- +goose Down
DROP TABLE course_sessions;
