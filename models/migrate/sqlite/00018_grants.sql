-- +goose Up
CREATE TABLE grants (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  role TEXT NOT NULL,
  organisation_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_grants_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_grants_role CHECK (role IN ('administrator', 'coordinator', 'head', 'trainer', 'clerk', 'cadre')),
  CONSTRAINT fk_grants_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id)
);
CREATE INDEX ix_grants_organisation_id ON grants (organisation_id);
CREATE INDEX ix_grants_account_id_role ON grants (account_id, role);

-- +goose Down
DROP TABLE grants;
