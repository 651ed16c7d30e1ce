-- +goose Up
ALTER TABLE postings
  ADD COLUMN end_reason VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' AFTER main,
  ADD CONSTRAINT ck_postings_end_reason CHECK (end_reason IN ('', 'transferred', 'retired', 'moved_away', 'died', 'organisation_ended', 'other'));

-- +goose Down
ALTER TABLE postings DROP CONSTRAINT ck_postings_end_reason, DROP COLUMN end_reason;
