-- +goose Up
-- What was said loses its enrolment and its times, and gets an id drawn by lot, so that not even the order of rows leads to a person. The
-- ratings of trainers have no row ids of their own, which would keep the order in which they came.
ALTER TABLE feedback ADD COLUMN lot INTEGER;
UPDATE feedback SET lot = (random() & 9223372036854775807) | 1;
CREATE TABLE feedback_new (
  id INTEGER PRIMARY KEY,
  course_id INTEGER NOT NULL,
  content INTEGER NOT NULL,
  organisation INTEGER NULL,
  comment TEXT NOT NULL,
  CONSTRAINT fk_feedback_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT ck_feedback_content CHECK (content BETWEEN 1 AND 5),
  CONSTRAINT ck_feedback_organisation CHECK (organisation BETWEEN 1 AND 5)
);
INSERT INTO feedback_new (id, course_id, content, comment) SELECT lot, course_id, rating, comment FROM feedback ORDER BY lot;
CREATE TABLE trainer_ratings_new (
  feedback_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  rating INTEGER NOT NULL,
  CONSTRAINT fk_trainer_ratings_feedback_id FOREIGN KEY (feedback_id) REFERENCES feedback_new (id) ON DELETE CASCADE,
  CONSTRAINT fk_trainer_ratings_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_trainer_ratings_rating CHECK (rating BETWEEN 1 AND 5),
  PRIMARY KEY (feedback_id, account_id)
) WITHOUT ROWID;
INSERT INTO trainer_ratings_new SELECT f.lot, t.account_id, t.rating FROM trainer_ratings t JOIN feedback f ON f.id = t.feedback_id;
DROP TABLE trainer_ratings;
DROP TABLE feedback;
ALTER TABLE feedback_new RENAME TO feedback;
ALTER TABLE trainer_ratings_new RENAME TO trainer_ratings;
CREATE INDEX ix_feedback_course_id ON feedback (course_id);
CREATE INDEX ix_trainer_ratings_account_id ON trainer_ratings (account_id);

-- +goose Down
-- Whose answers they were is gone for good, so they go too.
DROP TABLE trainer_ratings;
DROP TABLE feedback;
CREATE TABLE feedback (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  enrolment_id INTEGER NOT NULL,
  course_id INTEGER NOT NULL,
  rating INTEGER NOT NULL,
  comment TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_feedback_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id) ON DELETE CASCADE,
  CONSTRAINT fk_feedback_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT ck_feedback_rating CHECK (rating BETWEEN 1 AND 5)
);
CREATE UNIQUE INDEX uq_feedback_enrolment_id ON feedback (enrolment_id);
CREATE INDEX ix_feedback_course_id ON feedback (course_id);
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
