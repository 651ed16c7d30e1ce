-- +goose Up
CREATE TABLE course_types (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  plan_id BIGINT UNSIGNED NOT NULL,
  code VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_vi VARCHAR(200) NOT NULL,
  name_en VARCHAR(200) NOT NULL,
  position INT NOT NULL,
  CONSTRAINT fk_course_types_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  UNIQUE KEY uq_course_types_plan_id_code (plan_id, code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE course_types;
