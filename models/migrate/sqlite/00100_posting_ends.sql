-- +goose Up
ALTER TABLE postings ADD COLUMN end_reason TEXT NOT NULL DEFAULT ''
  CONSTRAINT ck_postings_end_reason CHECK (end_reason IN ('', 'transferred', 'retired', 'moved_away', 'died', 'organisation_ended', 'other'));

-- +goose Down
ALTER TABLE postings DROP COLUMN end_reason;
