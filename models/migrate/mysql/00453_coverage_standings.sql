-- +goose Up
-- What organisations have of a group by themselves on some days, in tree order: lists of all of them read a row each.
-- A gap is where somebody is declared and not listed, or nothing is said. No foreign keys, as of coverage_changes.
CREATE TABLE coverage_standings (
  group_id BIGINT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  path VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organisation_id BIGINT UNSIGNED NOT NULL,
  roster BIGINT NOT NULL,
  covered BIGINT NOT NULL,
  recognised BIGINT NOT NULL,
  denominator BIGINT NOT NULL,
  declared BIGINT NOT NULL,
  declaring BIGINT NOT NULL,
  unreported BIGINT NOT NULL,
  gap TINYINT AS (unreported > 0 OR denominator > roster) VIRTUAL,
  PRIMARY KEY (group_id, day, path),
  KEY ix_coverage_standings_gap (day, gap, path, group_id, unreported)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE coverage_standings;
