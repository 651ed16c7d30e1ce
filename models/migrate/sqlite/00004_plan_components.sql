-- +goose Up
CREATE TABLE plan_components (
  plan_id INTEGER NOT NULL,
  component TEXT NOT NULL,
  name_vi TEXT NOT NULL,
  name_en TEXT NOT NULL,
  position INTEGER NOT NULL,
  expires_months INTEGER NULL,
  CONSTRAINT fk_plan_components_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  PRIMARY KEY (plan_id, component)
);

-- +goose Down
DROP TABLE plan_components;
