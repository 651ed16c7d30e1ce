-- +goose Up
CREATE TABLE plans (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_vi VARCHAR(300) NOT NULL,
  name_en VARCHAR(300) NOT NULL,
  decision VARCHAR(200) NOT NULL,
  root_id BIGINT UNSIGNED NOT NULL,
  lead_id BIGINT UNSIGNED NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  report_month INT NOT NULL,
  report_day INT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_plans_root_id FOREIGN KEY (root_id) REFERENCES organisations (id),
  CONSTRAINT fk_plans_lead_id FOREIGN KEY (lead_id) REFERENCES organisations (id),
  UNIQUE KEY uq_plans_code (code),
  CONSTRAINT ck_plans_period CHECK (from_day < to_day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE plans;
