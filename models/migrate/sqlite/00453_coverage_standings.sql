-- +goose Up
-- What organisations have of a group by themselves on some days, in tree order: lists of all of them read a row each.
-- A gap is where somebody is declared and not listed, or nothing is said. No foreign keys, as of coverage_changes.
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

-- +goose Down
DROP TABLE coverage_standings;
