-- +goose Up
CREATE TABLE template_versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  template_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  layout TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  account_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_template_versions_template_id FOREIGN KEY (template_id) REFERENCES templates (id),
  CONSTRAINT fk_template_versions_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE UNIQUE INDEX uq_template_versions_template_id_number ON template_versions (template_id, number);
CREATE INDEX ix_template_versions_account_id ON template_versions (account_id);

-- +goose Down
DROP TABLE template_versions;
