-- +goose Up
-- No foreign keys: the rows follow from others and can be built anew, and each write would look up organisations that are known.
CREATE TABLE coverage_changes (
  organisation_id BIGINT UNSIGNED NOT NULL,
  group_id BIGINT UNSIGNED NOT NULL,
  tier TINYINT NOT NULL,
  day DATE NOT NULL,
  roster BIGINT NOT NULL,
  covered BIGINT NOT NULL,
  recognised BIGINT NOT NULL,
  denominator BIGINT NOT NULL,
  declared BIGINT NOT NULL,
  declaring BIGINT NOT NULL,
  unreported BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, group_id, tier, day),
  CONSTRAINT ck_coverage_changes_tier CHECK (tier BETWEEN 0 AND 3)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE coverage_changes;
