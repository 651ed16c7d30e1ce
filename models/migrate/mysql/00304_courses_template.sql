-- +goose Up
ALTER TABLE courses ADD COLUMN template_id BIGINT UNSIGNED NULL, ADD INDEX ix_courses_template_id (template_id), ADD CONSTRAINT fk_courses_template_id FOREIGN KEY (template_id) REFERENCES templates (id);

-- +goose Down
ALTER TABLE courses DROP FOREIGN KEY fk_courses_template_id, DROP INDEX ix_courses_template_id, DROP COLUMN template_id;
