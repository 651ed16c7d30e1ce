-- +goose Up
CREATE TABLE course_type_components (
  course_type_id BIGINT UNSIGNED NOT NULL,
  component VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  CONSTRAINT fk_course_type_components_course_type_id FOREIGN KEY (course_type_id) REFERENCES course_types (id),
  PRIMARY KEY (course_type_id, component)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE course_type_components;
