-- +goose Up
CREATE TABLE proposals (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id INTEGER NOT NULL,
  organisation_id INTEGER NOT NULL,
  ask TEXT NOT NULL,
  found TEXT NOT NULL,
  made TEXT NOT NULL,
  made_at DATETIME NULL,
  created_by_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_proposals_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  CONSTRAINT fk_proposals_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT fk_proposals_created_by_id FOREIGN KEY (created_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_proposals_made CHECK ((made_at IS NULL) = (made = ''))
);
CREATE INDEX ix_proposals_plan_id ON proposals (plan_id);
CREATE INDEX ix_proposals_organisation_id ON proposals (organisation_id);
CREATE INDEX ix_proposals_created_by_id ON proposals (created_by_id);

-- +goose Down
DROP TABLE proposals;
