-- +goose Up
CREATE TABLE target_group_levels (
  group_id BIGINT UNSIGNED NOT NULL,
  level VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  CONSTRAINT fk_target_group_levels_group_id FOREIGN KEY (group_id) REFERENCES target_groups (id),
  PRIMARY KEY (group_id, level, from_day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE target_group_levels;
