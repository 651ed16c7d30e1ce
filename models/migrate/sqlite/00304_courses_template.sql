-- +goose Up
ALTER TABLE courses ADD COLUMN template_id INTEGER NULL CONSTRAINT fk_courses_template_id REFERENCES templates (id);
CREATE INDEX ix_courses_template_id ON courses (template_id);

-- +goose Down
DROP INDEX ix_courses_template_id;
ALTER TABLE courses DROP COLUMN template_id;
