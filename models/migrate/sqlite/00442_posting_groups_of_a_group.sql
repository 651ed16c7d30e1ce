-- +goose Up
-- The postings of a group are read from the index alone.
DROP INDEX ix_posting_groups_group_id;
CREATE INDEX ix_posting_groups_group_id_posting_id ON posting_groups (group_id, posting_id);

-- +goose Down
DROP INDEX ix_posting_groups_group_id_posting_id;
CREATE INDEX ix_posting_groups_group_id ON posting_groups (group_id);
