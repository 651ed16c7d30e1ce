-- +goose Up
CREATE TABLE completion_components (
  completion_id BIGINT UNSIGNED NOT NULL,
  component VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  CONSTRAINT fk_completion_components_completion_id FOREIGN KEY (completion_id) REFERENCES completions (id) ON DELETE CASCADE,
  PRIMARY KEY (completion_id, component)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE completion_components;
