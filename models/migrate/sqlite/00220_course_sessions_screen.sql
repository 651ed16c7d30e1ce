-- +goose Up
ALTER TABLE course_sessions ADD COLUMN screen_turn INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE course_sessions DROP COLUMN screen_turn;
