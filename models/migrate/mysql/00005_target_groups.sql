-- +goose Up
CREATE TABLE target_groups (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  plan_id BIGINT UNSIGNED NOT NULL,
  code VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_vi VARCHAR(300) NOT NULL,
  name_en VARCHAR(300) NOT NULL,
  short_vi VARCHAR(120) NOT NULL,
  short_en VARCHAR(120) NOT NULL,
  target_percent INT NOT NULL,
  position INT NOT NULL,
  aliases TEXT NOT NULL,
  CONSTRAINT fk_target_groups_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  UNIQUE KEY uq_target_groups_plan_id_code (plan_id, code),
  CONSTRAINT ck_target_groups_percent CHECK (target_percent BETWEEN 0 AND 100)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE target_groups;
