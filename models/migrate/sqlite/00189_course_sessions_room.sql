-- +goose Up
ALTER TABLE course_sessions ADD COLUMN room_id INTEGER NULL CONSTRAINT fk_course_sessions_room_id REFERENCES rooms (id);
CREATE INDEX ix_course_sessions_room_id ON course_sessions (room_id);

-- +goose Down
DROP INDEX ix_course_sessions_room_id;
ALTER TABLE course_sessions DROP COLUMN room_id;
