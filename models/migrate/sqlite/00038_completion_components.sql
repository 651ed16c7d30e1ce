-- +goose Up
CREATE TABLE completion_components (
  completion_id INTEGER NOT NULL,
  component TEXT NOT NULL,
  CONSTRAINT fk_completion_components_completion_id FOREIGN KEY (completion_id) REFERENCES completions (id) ON DELETE CASCADE,
  PRIMARY KEY (completion_id, component)
);

-- +goose Down
DROP TABLE completion_components;
