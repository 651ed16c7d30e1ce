-- +goose Up
CREATE TABLE template_pictures (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  content_type TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  body BLOB NOT NULL,
  account_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_template_pictures_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE UNIQUE INDEX uq_template_pictures_sha256 ON template_pictures (sha256);
CREATE INDEX ix_template_pictures_account_id ON template_pictures (account_id);

-- +goose Down
DROP TABLE template_pictures;
