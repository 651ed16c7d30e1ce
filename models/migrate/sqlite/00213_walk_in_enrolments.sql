-- +goose Up
-- As 00148 does it.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'source IN (''coordinator'', ''nomination'', ''substitute'', ''import'')', 'source IN (''coordinator'', ''nomination'', ''substitute'', ''import'', ''walk_in'')') WHERE type = 'table' AND name = 'enrolments';
PRAGMA writable_schema = RESET;

-- +goose Down
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'source IN (''coordinator'', ''nomination'', ''substitute'', ''import'', ''walk_in'')', 'source IN (''coordinator'', ''nomination'', ''substitute'', ''import'')') WHERE type = 'table' AND name = 'enrolments';
PRAGMA writable_schema = RESET;
