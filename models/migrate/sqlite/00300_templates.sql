-- +goose Up
CREATE TABLE templates (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  archived_at DATETIME NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX uq_templates_code ON templates (code);
CREATE UNIQUE INDEX uq_templates_name ON templates (name);

-- +goose Down
DROP TABLE templates;
