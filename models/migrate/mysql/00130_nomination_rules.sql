-- +goose Up
ALTER TABLE courses ADD COLUMN nomination_deadline DATE NULL, ADD COLUMN nomination_quota INT NULL, ADD CONSTRAINT ck_courses_nomination_quota CHECK (nomination_quota >= 0);

-- +goose Down
ALTER TABLE courses DROP CONSTRAINT ck_courses_nomination_quota, DROP COLUMN nomination_quota, DROP COLUMN nomination_deadline;
