-- +goose Up
CREATE TABLE course_topics (
  course_id INTEGER NOT NULL,
  topic_id INTEGER NOT NULL,
  CONSTRAINT fk_course_topics_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT fk_course_topics_topic_id FOREIGN KEY (topic_id) REFERENCES topics (id),
  PRIMARY KEY (course_id, topic_id)
);
CREATE INDEX ix_course_topics_topic_id ON course_topics (topic_id);

-- +goose Down
DROP TABLE course_topics;
