-- +goose Up
CREATE TABLE recognition_components (
  recognition_id INTEGER NOT NULL,
  component TEXT NOT NULL,
  CONSTRAINT fk_recognition_components_recognition_id FOREIGN KEY (recognition_id) REFERENCES recognitions (id) ON DELETE CASCADE,
  PRIMARY KEY (recognition_id, component)
);

-- +goose Down
DROP TABLE recognition_components;
