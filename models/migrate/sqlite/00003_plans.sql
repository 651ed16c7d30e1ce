-- +goose Up
CREATE TABLE plans (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL,
  name_vi TEXT NOT NULL,
  name_en TEXT NOT NULL,
  decision TEXT NOT NULL,
  root_id INTEGER NOT NULL,
  lead_id INTEGER NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  report_month INTEGER NOT NULL,
  report_day INTEGER NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_plans_root_id FOREIGN KEY (root_id) REFERENCES organisations (id),
  CONSTRAINT fk_plans_lead_id FOREIGN KEY (lead_id) REFERENCES organisations (id),
  CONSTRAINT ck_plans_period CHECK (from_day < to_day)
);
CREATE INDEX ix_plans_root_id ON plans (root_id);
CREATE INDEX ix_plans_lead_id ON plans (lead_id);
CREATE UNIQUE INDEX uq_plans_code ON plans (code);

-- +goose Down
DROP TABLE plans;
