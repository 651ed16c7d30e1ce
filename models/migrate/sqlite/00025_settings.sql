-- +goose Up
CREATE TABLE settings (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (name)
);

-- +goose Down
DROP TABLE settings;
