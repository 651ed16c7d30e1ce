-- +goose Up
CREATE TABLE plan_components_new (
  plan_id INTEGER NOT NULL,
  component TEXT NOT NULL,
  name_vi TEXT NOT NULL,
  name_en TEXT NOT NULL,
  position INTEGER NOT NULL,
  expires_months INTEGER NULL,
  CONSTRAINT fk_plan_components_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  CONSTRAINT ck_plan_components_expiry CHECK (expires_months BETWEEN 1 AND 600),
  PRIMARY KEY (plan_id, component)
);
INSERT INTO plan_components_new SELECT plan_id, component, name_vi, name_en, position, expires_months FROM plan_components;
DROP TABLE plan_components;
ALTER TABLE plan_components_new RENAME TO plan_components;

-- +goose Down
CREATE TABLE plan_components_old (
  plan_id INTEGER NOT NULL,
  component TEXT NOT NULL,
  name_vi TEXT NOT NULL,
  name_en TEXT NOT NULL,
  position INTEGER NOT NULL,
  expires_months INTEGER NULL,
  CONSTRAINT fk_plan_components_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  PRIMARY KEY (plan_id, component)
);
INSERT INTO plan_components_old SELECT plan_id, component, name_vi, name_en, position, expires_months FROM plan_components;
DROP TABLE plan_components;
ALTER TABLE plan_components_old RENAME TO plan_components;
