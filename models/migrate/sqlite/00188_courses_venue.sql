-- +goose Up
ALTER TABLE courses ADD COLUMN venue_id INTEGER NULL CONSTRAINT fk_courses_venue_id REFERENCES venues (id);
CREATE INDEX ix_courses_venue_id ON courses (venue_id);

-- +goose Down
DROP INDEX ix_courses_venue_id;
ALTER TABLE courses DROP COLUMN venue_id;
