-- +goose Up
CREATE TABLE plan_components (
  plan_id BIGINT UNSIGNED NOT NULL,
  component VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_vi VARCHAR(200) NOT NULL,
  name_en VARCHAR(200) NOT NULL,
  position INT NOT NULL,
  expires_months INT NULL,
  CONSTRAINT fk_plan_components_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  PRIMARY KEY (plan_id, component)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE plan_components;
