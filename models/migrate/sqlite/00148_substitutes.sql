-- +goose Up
-- SQLite changes a CHECK in place only so (https://sqlite.org/lang_altertable.html); a new table would have to be told of every column.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'source IN (''coordinator'', ''nomination'')', 'source IN (''coordinator'', ''nomination'', ''substitute'')') WHERE type = 'table' AND name = 'enrolments';
PRAGMA writable_schema = RESET;

-- +goose Down
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'source IN (''coordinator'', ''nomination'', ''substitute'')', 'source IN (''coordinator'', ''nomination'')') WHERE type = 'table' AND name = 'enrolments';
PRAGMA writable_schema = RESET;
