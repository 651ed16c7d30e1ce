-- +goose Up
CREATE TABLE course_groups (
  course_id INTEGER NOT NULL,
  group_id INTEGER NOT NULL,
  CONSTRAINT fk_course_groups_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT fk_course_groups_group_id FOREIGN KEY (group_id) REFERENCES target_groups (id),
  PRIMARY KEY (course_id, group_id)
);
CREATE INDEX ix_course_groups_group_id ON course_groups (group_id);

-- +goose Down
DROP TABLE course_groups;
