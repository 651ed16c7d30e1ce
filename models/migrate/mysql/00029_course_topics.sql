-- +goose Up
CREATE TABLE course_topics (
  course_id BIGINT UNSIGNED NOT NULL,
  topic_id BIGINT UNSIGNED NOT NULL,
  CONSTRAINT fk_course_topics_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT fk_course_topics_topic_id FOREIGN KEY (topic_id) REFERENCES topics (id),
  PRIMARY KEY (course_id, topic_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE course_topics;
