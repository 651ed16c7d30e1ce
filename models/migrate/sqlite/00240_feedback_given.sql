-- +goose Up
-- Who has said something of a course is kept apart from what was said, so that nothing leads from the one to the other.
CREATE TABLE feedback_given (
  enrolment_id INTEGER NOT NULL PRIMARY KEY,
  CONSTRAINT fk_feedback_given_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id) ON DELETE CASCADE
);
INSERT INTO feedback_given (enrolment_id) SELECT enrolment_id FROM feedback;

-- +goose Down
DROP TABLE feedback_given;
