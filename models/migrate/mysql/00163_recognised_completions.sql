-- +goose Up
ALTER TABLE completions ADD COLUMN recognition_id BIGINT UNSIGNED NULL AFTER enrolment_id,
  ADD CONSTRAINT fk_completions_recognition_id FOREIGN KEY (recognition_id) REFERENCES recognitions (id),
  ADD CONSTRAINT ck_completions_recognised CHECK (recognition_id IS NULL OR course_id IS NULL),
  ADD UNIQUE KEY uq_completions_recognition_id (recognition_id);

-- +goose Down
ALTER TABLE completions DROP CONSTRAINT ck_completions_recognised, DROP FOREIGN KEY fk_completions_recognition_id, DROP KEY uq_completions_recognition_id, DROP COLUMN recognition_id;
