-- +goose Up
ALTER TABLE courses ADD COLUMN nomination_deadline DATE NULL;
ALTER TABLE courses ADD COLUMN nomination_quota INTEGER NULL CONSTRAINT ck_courses_nomination_quota CHECK (nomination_quota >= 0);

-- +goose Down
ALTER TABLE courses DROP COLUMN nomination_quota;
ALTER TABLE courses DROP COLUMN nomination_deadline;
