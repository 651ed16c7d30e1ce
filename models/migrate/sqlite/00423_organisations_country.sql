-- +goose Up
-- Above provinces there may be the country, for totals as they are. A check says nothing about rows that stand, so that it is changed where the
-- schema is written (sqlite.org/lang_altertable.html, "making other kinds of table schema changes"); the table that comes and goes has every
-- connection read the schema again.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = REPLACE(REPLACE(sql, 'CHECK (kind IN (''province''', 'CHECK (kind IN (''country'', ''province'''), 'CHECK (level IN (''province''', 'CHECK (level IN (''country'', ''province''') WHERE type = 'table' AND name = 'organisations';
PRAGMA writable_schema = RESET;
CREATE TABLE schema_read_again (id INTEGER);
DROP TABLE schema_read_again;

-- +goose Down
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = REPLACE(REPLACE(sql, 'CHECK (kind IN (''country'', ''province''', 'CHECK (kind IN (''province'''), 'CHECK (level IN (''country'', ''province''', 'CHECK (level IN (''province''') WHERE type = 'table' AND name = 'organisations';
PRAGMA writable_schema = RESET;
CREATE TABLE schema_read_again (id INTEGER);
DROP TABLE schema_read_again;
