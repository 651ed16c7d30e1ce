-- +goose Up
CREATE TABLE recognition_components (
  recognition_id BIGINT UNSIGNED NOT NULL,
  component VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  CONSTRAINT fk_recognition_components_recognition_id FOREIGN KEY (recognition_id) REFERENCES recognitions (id) ON DELETE CASCADE,
  PRIMARY KEY (recognition_id, component)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE recognition_components;
