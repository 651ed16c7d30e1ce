-- +goose Up
CREATE TABLE coverage_ledgers (
  plan_id INTEGER NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  built_at DATETIME NOT NULL,
  CONSTRAINT fk_coverage_ledgers_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id) ON DELETE CASCADE
);

-- +goose Down
DROP TABLE coverage_ledgers;
