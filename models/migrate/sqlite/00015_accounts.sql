-- +goose Up
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  sort_key TEXT NOT NULL,
  search TEXT NOT NULL,
  password_hash TEXT NOT NULL DEFAULT '',
  must_change BOOLEAN NOT NULL DEFAULT FALSE,
  epoch INTEGER NOT NULL DEFAULT 0,
  cadre_id INTEGER NULL,
  language TEXT NOT NULL DEFAULT 'vi',
  disabled BOOLEAN NOT NULL DEFAULT FALSE,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_accounts_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id)
);
CREATE UNIQUE INDEX uq_accounts_cadre_id ON accounts (cadre_id);
CREATE INDEX ix_accounts_sort_key ON accounts (sort_key);

-- +goose Down
DROP TABLE accounts;
