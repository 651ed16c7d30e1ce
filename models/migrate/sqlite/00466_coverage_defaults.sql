-- +goose Up
-- A row names only what it changes. The rows follow from others, and the next start makes them anew.
DROP TABLE coverage_changes;
DROP TABLE coverage_standings;
CREATE TABLE coverage_changes (
  organisation_id INTEGER NOT NULL,
  group_id INTEGER NOT NULL,
  tier INTEGER NOT NULL,
  day DATE NOT NULL,
  roster INTEGER NOT NULL DEFAULT 0,
  covered INTEGER NOT NULL DEFAULT 0,
  recognised INTEGER NOT NULL DEFAULT 0,
  denominator INTEGER NOT NULL DEFAULT 0,
  declared INTEGER NOT NULL DEFAULT 0,
  declaring INTEGER NOT NULL DEFAULT 0,
  unreported INTEGER NOT NULL DEFAULT 0,
  lapsed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organisation_id, group_id, tier, day),
  CONSTRAINT ck_coverage_changes_tier CHECK (tier BETWEEN 0 AND 3)
) WITHOUT ROWID;
CREATE TABLE coverage_standings (
  group_id INTEGER NOT NULL,
  day DATE NOT NULL,
  path TEXT NOT NULL,
  organisation_id INTEGER NOT NULL,
  roster INTEGER NOT NULL DEFAULT 0,
  covered INTEGER NOT NULL DEFAULT 0,
  recognised INTEGER NOT NULL DEFAULT 0,
  denominator INTEGER NOT NULL DEFAULT 0,
  declared INTEGER NOT NULL DEFAULT 0,
  declaring INTEGER NOT NULL DEFAULT 0,
  unreported INTEGER NOT NULL DEFAULT 0,
  gap INTEGER AS (unreported > 0 OR denominator > roster) VIRTUAL,
  PRIMARY KEY (group_id, day, path)
) WITHOUT ROWID;
CREATE INDEX ix_coverage_standings_gap ON coverage_standings (day, gap, path, group_id, unreported);
DELETE FROM coverage_ledgers;

-- +goose Down
DROP TABLE coverage_changes;
DROP TABLE coverage_standings;
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
  lapsed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organisation_id, group_id, tier, day),
  CONSTRAINT ck_coverage_changes_tier CHECK (tier BETWEEN 0 AND 3)
) WITHOUT ROWID;
CREATE TABLE coverage_standings (
  group_id INTEGER NOT NULL,
  day DATE NOT NULL,
  path TEXT NOT NULL,
  organisation_id INTEGER NOT NULL,
  roster INTEGER NOT NULL,
  covered INTEGER NOT NULL,
  recognised INTEGER NOT NULL,
  denominator INTEGER NOT NULL,
  declared INTEGER NOT NULL,
  declaring INTEGER NOT NULL,
  unreported INTEGER NOT NULL,
  gap INTEGER AS (unreported > 0 OR denominator > roster) VIRTUAL,
  PRIMARY KEY (group_id, day, path)
) WITHOUT ROWID;
CREATE INDEX ix_coverage_standings_gap ON coverage_standings (day, gap, path, group_id, unreported);
DELETE FROM coverage_ledgers;
