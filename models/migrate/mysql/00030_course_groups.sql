-- +goose Up
CREATE TABLE course_groups (
  course_id BIGINT UNSIGNED NOT NULL,
  group_id BIGINT UNSIGNED NOT NULL,
  CONSTRAINT fk_course_groups_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT fk_course_groups_group_id FOREIGN KEY (group_id) REFERENCES target_groups (id),
  PRIMARY KEY (course_id, group_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE course_groups;
