-- +goose Up
CREATE TABLE headcounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organisation_id INTEGER NOT NULL,
  group_id INTEGER NOT NULL,
  effective_day DATE NOT NULL,
  declared INTEGER NULL,
  covered INTEGER NULL,
  account_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_headcounts_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT fk_headcounts_group_id FOREIGN KEY (group_id) REFERENCES target_groups (id),
  CONSTRAINT fk_headcounts_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_headcounts_positive CHECK (declared IS NULL OR declared >= 0)
);
CREATE INDEX ix_headcounts_group_id ON headcounts (group_id);
CREATE INDEX ix_headcounts_account_id ON headcounts (account_id);
CREATE INDEX ix_headcounts_organisation_id_group_id_effective_day ON headcounts (organisation_id, group_id, effective_day);

-- +goose Down
DROP TABLE headcounts;
