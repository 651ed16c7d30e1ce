-- +goose Up
CREATE TABLE course_components (
  course_id INTEGER NOT NULL,
  component TEXT NOT NULL,
  CONSTRAINT fk_course_components_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  PRIMARY KEY (course_id, component)
);

-- +goose Down
DROP TABLE course_components;
