-- +goose Up
CREATE TABLE topics (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  plan_id BIGINT UNSIGNED NOT NULL,
  parent_id BIGINT UNSIGNED NULL,
  code VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name_vi TEXT NOT NULL,
  name_en TEXT NOT NULL,
  position INT NOT NULL,
  CONSTRAINT fk_topics_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  CONSTRAINT fk_topics_parent_id FOREIGN KEY (parent_id) REFERENCES topics (id),
  UNIQUE KEY uq_topics_plan_id_code (plan_id, code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE topics;
