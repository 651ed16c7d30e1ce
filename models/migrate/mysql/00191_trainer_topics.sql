-- +goose Up
CREATE TABLE trainer_topics (
  account_id BIGINT UNSIGNED NOT NULL,
  topic_id BIGINT UNSIGNED NOT NULL,
  CONSTRAINT fk_trainer_topics_account_id FOREIGN KEY (account_id) REFERENCES trainers (account_id) ON DELETE CASCADE,
  CONSTRAINT fk_trainer_topics_topic_id FOREIGN KEY (topic_id) REFERENCES topics (id),
  PRIMARY KEY (account_id, topic_id),
  KEY ix_trainer_topics_topic_id (topic_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE trainer_topics;
