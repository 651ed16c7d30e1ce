-- +goose Up
CREATE TABLE course_components (
  course_id BIGINT UNSIGNED NOT NULL,
  component VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  CONSTRAINT fk_course_components_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  PRIMARY KEY (course_id, component)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE course_components;
