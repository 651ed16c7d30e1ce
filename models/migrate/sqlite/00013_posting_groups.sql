-- +goose Up
CREATE TABLE posting_groups (
  posting_id INTEGER NOT NULL,
  group_id INTEGER NOT NULL,
  CONSTRAINT fk_posting_groups_posting_id FOREIGN KEY (posting_id) REFERENCES postings (id) ON DELETE CASCADE,
  CONSTRAINT fk_posting_groups_group_id FOREIGN KEY (group_id) REFERENCES target_groups (id),
  PRIMARY KEY (posting_id, group_id)
);
CREATE INDEX ix_posting_groups_group_id ON posting_groups (group_id);

-- +goose Down
DROP TABLE posting_groups;
