-- +goose Up
CREATE TABLE expected_groups (
  group_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  level TEXT NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  CONSTRAINT fk_expected_groups_group_id FOREIGN KEY (group_id) REFERENCES target_groups (id),
  PRIMARY KEY (group_id, kind, level, from_day)
);

-- +goose Down
DROP TABLE expected_groups;
