-- +goose Up
-- Who has said something of a course is kept apart from what was said, so that nothing leads from the one to the other.
CREATE TABLE feedback_given (
  enrolment_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  CONSTRAINT fk_feedback_given_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
SELECT enrolment_id FROM feedback;

-- +goose Down
DROP TABLE feedback_given;
