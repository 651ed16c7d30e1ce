-- +goose Up
-- No foreign keys: the rows follow from others and can be built anew, and each write would look up organisations that are known.
CREATE TABLE coverage_changes (
  organisation_id INTEGER NOT NULL,
  group_id INTEGER NOT NULL,
  tier INTEGER NOT NULL,
  day DATE NOT NULL,
  roster INTEGER NOT NULL,
  covered INTEGER NOT NULL,
  recognised INTEGER NOT NULL,
  denominator INTEGER NOT NULL,
  declared INTEGER NOT NULL,
  declaring INTEGER NOT NULL,
  unreported INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, group_id, tier, day),
  CONSTRAINT ck_coverage_changes_tier CHECK (tier BETWEEN 0 AND 3)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE coverage_changes;
