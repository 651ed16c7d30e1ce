-- +goose Up
CREATE TABLE organisation_successors (
  organisation_id BIGINT UNSIGNED NOT NULL,
  successor_id BIGINT UNSIGNED NOT NULL,
  CONSTRAINT fk_organisation_successors_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT fk_organisation_successors_successor_id FOREIGN KEY (successor_id) REFERENCES organisations (id),
  PRIMARY KEY (organisation_id, successor_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE organisation_successors;
