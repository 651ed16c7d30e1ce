-- +goose Up
ALTER TABLE course_sessions ADD COLUMN screen_turn INT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE course_sessions DROP COLUMN screen_turn;
