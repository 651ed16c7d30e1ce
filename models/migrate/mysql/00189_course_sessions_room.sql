-- +goose Up
ALTER TABLE course_sessions ADD COLUMN room_id BIGINT UNSIGNED NULL, ADD INDEX ix_course_sessions_room_id (room_id), ADD CONSTRAINT fk_course_sessions_room_id FOREIGN KEY (room_id) REFERENCES rooms (id);

-- +goose Down
ALTER TABLE course_sessions DROP FOREIGN KEY fk_course_sessions_room_id, DROP COLUMN room_id;
