-- +goose Up
-- As in 00423: a check is added where the schema is written.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = REPLACE(sql, 'CHECK (from_day < to_day)', 'CHECK (from_day < to_day), CONSTRAINT ck_plans_years CHECK (from_day >= ''2000-01-01'' AND to_day <= ''2101-01-01'')') WHERE type = 'table' AND name = 'plans';
PRAGMA writable_schema = RESET;
CREATE TABLE schema_read_again (id INTEGER);
DROP TABLE schema_read_again;

-- +goose Down
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = REPLACE(sql, ', CONSTRAINT ck_plans_years CHECK (from_day >= ''2000-01-01'' AND to_day <= ''2101-01-01'')', '') WHERE type = 'table' AND name = 'plans';
PRAGMA writable_schema = RESET;
CREATE TABLE schema_read_again (id INTEGER);
DROP TABLE schema_read_again;
