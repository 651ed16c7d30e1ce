-- +goose Up
CREATE TABLE audit_entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at DATETIME NOT NULL,
  account_id INTEGER NULL,
  action TEXT NOT NULL,
  noun TEXT NOT NULL,
  noun_id INTEGER NOT NULL DEFAULT 0,
  request_id TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL,
  CONSTRAINT fk_audit_entries_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_audit_entries_account_id ON audit_entries (account_id);
CREATE INDEX ix_audit_entries_noun_noun_id ON audit_entries (noun, noun_id);
CREATE INDEX ix_audit_entries_at ON audit_entries (at);

-- +goose Down
DROP TABLE audit_entries;
