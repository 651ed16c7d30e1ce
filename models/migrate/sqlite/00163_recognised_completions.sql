-- +goose Up
ALTER TABLE completions ADD COLUMN recognition_id INTEGER NULL CONSTRAINT fk_completions_recognition_id REFERENCES recognitions (id) CONSTRAINT ck_completions_recognised CHECK (recognition_id IS NULL OR course_id IS NULL);
CREATE UNIQUE INDEX uq_completions_recognition_id ON completions (recognition_id);

-- +goose Down
DROP INDEX uq_completions_recognition_id;
ALTER TABLE completions DROP COLUMN recognition_id;
