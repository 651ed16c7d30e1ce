-- +goose Up
CREATE TABLE trainer_ratings (
  feedback_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  rating INTEGER NOT NULL,
  CONSTRAINT fk_trainer_ratings_feedback_id FOREIGN KEY (feedback_id) REFERENCES feedback (id) ON DELETE CASCADE,
  CONSTRAINT fk_trainer_ratings_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_trainer_ratings_rating CHECK (rating BETWEEN 1 AND 5),
  PRIMARY KEY (feedback_id, account_id)
);
CREATE INDEX ix_trainer_ratings_account_id ON trainer_ratings (account_id);

-- +goose Down
DROP TABLE trainer_ratings;
