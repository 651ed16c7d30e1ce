-- +goose Up
CREATE TABLE trainer_ratings (
  feedback_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  rating INT NOT NULL,
  CONSTRAINT fk_trainer_ratings_feedback_id FOREIGN KEY (feedback_id) REFERENCES feedback (id) ON DELETE CASCADE,
  CONSTRAINT fk_trainer_ratings_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_trainer_ratings_rating CHECK (rating BETWEEN 1 AND 5),
  PRIMARY KEY (feedback_id, account_id),
  KEY ix_trainer_ratings_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE trainer_ratings;
