-- +goose Up
-- What was said loses its enrolment and its times, and gets an id drawn by lot, so that not even the order of rows leads to a person. Run
-- again after it broke off, it draws again.
SET FOREIGN_KEY_CHECKS = 0;
CREATE TEMPORARY TABLE lots (was BIGINT UNSIGNED NOT NULL PRIMARY KEY, id BIGINT UNSIGNED NOT NULL) SELECT id AS was, 1 + FLOOR(RAND() * 9007199254740990) AS id FROM feedback;
UPDATE trainer_ratings JOIN lots ON lots.was = trainer_ratings.feedback_id SET trainer_ratings.feedback_id = lots.id;
UPDATE feedback JOIN lots ON lots.was = feedback.id SET feedback.id = lots.id;
DROP TEMPORARY TABLE lots;
SET FOREIGN_KEY_CHECKS = 1;
ALTER TABLE feedback
  DROP FOREIGN KEY fk_feedback_enrolment_id, DROP KEY uq_feedback_enrolment_id, DROP COLUMN enrolment_id, DROP COLUMN created_at, DROP COLUMN updated_at,
  DROP CONSTRAINT ck_feedback_rating, CHANGE rating content INT NOT NULL, ADD COLUMN organisation INT NULL,
  ADD CONSTRAINT ck_feedback_content CHECK (content BETWEEN 1 AND 5), ADD CONSTRAINT ck_feedback_organisation CHECK (organisation BETWEEN 1 AND 5);

-- +goose Down
-- Whose answers they were is gone for good, so they go too.
DELETE FROM feedback;
ALTER TABLE feedback
  DROP CONSTRAINT ck_feedback_content, DROP CONSTRAINT ck_feedback_organisation, DROP COLUMN organisation, CHANGE content rating INT NOT NULL,
  ADD COLUMN enrolment_id BIGINT UNSIGNED NOT NULL, ADD COLUMN created_at DATETIME(6) NOT NULL, ADD COLUMN updated_at DATETIME(6) NOT NULL,
  ADD UNIQUE KEY uq_feedback_enrolment_id (enrolment_id), ADD CONSTRAINT ck_feedback_rating CHECK (rating BETWEEN 1 AND 5),
  ADD CONSTRAINT fk_feedback_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id) ON DELETE CASCADE;
