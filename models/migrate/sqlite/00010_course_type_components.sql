-- +goose Up
CREATE TABLE course_type_components (
  course_type_id INTEGER NOT NULL,
  component TEXT NOT NULL,
  CONSTRAINT fk_course_type_components_course_type_id FOREIGN KEY (course_type_id) REFERENCES course_types (id),
  PRIMARY KEY (course_type_id, component)
);

-- +goose Down
DROP TABLE course_type_components;
