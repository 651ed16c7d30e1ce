-- +goose Up
CREATE TABLE trainer_topics (
  account_id INTEGER NOT NULL,
  topic_id INTEGER NOT NULL,
  CONSTRAINT fk_trainer_topics_account_id FOREIGN KEY (account_id) REFERENCES trainers (account_id) ON DELETE CASCADE,
  CONSTRAINT fk_trainer_topics_topic_id FOREIGN KEY (topic_id) REFERENCES topics (id),
  PRIMARY KEY (account_id, topic_id)
);
CREATE INDEX ix_trainer_topics_topic_id ON trainer_topics (topic_id);

-- +goose Down
DROP TABLE trainer_topics;
