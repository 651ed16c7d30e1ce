-- +goose Up
-- As in 00148: SQLite changes a CHECK in place only so.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'source IN (''coordinator'', ''nomination'', ''substitute'')', 'source IN (''coordinator'', ''nomination'', ''substitute'', ''import'')') WHERE type = 'table' AND name = 'enrolments';
PRAGMA writable_schema = RESET;

-- +goose Down
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'source IN (''coordinator'', ''nomination'', ''substitute'', ''import'')', 'source IN (''coordinator'', ''nomination'', ''substitute'')') WHERE type = 'table' AND name = 'enrolments';
PRAGMA writable_schema = RESET;
