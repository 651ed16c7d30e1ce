-- +goose Up
CREATE TABLE target_group_levels (
  group_id INTEGER NOT NULL,
  level TEXT NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  CONSTRAINT fk_target_group_levels_group_id FOREIGN KEY (group_id) REFERENCES target_groups (id),
  PRIMARY KEY (group_id, level, from_day)
);

-- +goose Down
DROP TABLE target_group_levels;
