-- +goose Up
ALTER TABLE courses ADD COLUMN venue_id BIGINT UNSIGNED NULL, ADD INDEX ix_courses_venue_id (venue_id), ADD CONSTRAINT fk_courses_venue_id FOREIGN KEY (venue_id) REFERENCES venues (id);

-- +goose Down
ALTER TABLE courses DROP FOREIGN KEY fk_courses_venue_id, DROP COLUMN venue_id;
