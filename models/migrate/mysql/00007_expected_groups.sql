-- +goose Up
CREATE TABLE expected_groups (
  group_id BIGINT UNSIGNED NOT NULL,
  kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  level VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  CONSTRAINT fk_expected_groups_group_id FOREIGN KEY (group_id) REFERENCES target_groups (id),
  PRIMARY KEY (group_id, kind, level, from_day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE expected_groups;
