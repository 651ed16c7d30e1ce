-- +goose Up
-- The postings of a group are read from the index alone.
ALTER TABLE posting_groups
  ADD INDEX ix_posting_groups_group_id_posting_id (group_id, posting_id),
  DROP INDEX ix_posting_groups_group_id;

-- +goose Down
ALTER TABLE posting_groups
  ADD INDEX ix_posting_groups_group_id (group_id),
  DROP INDEX ix_posting_groups_group_id_posting_id;
