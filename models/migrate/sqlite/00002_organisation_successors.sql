-- +goose Up
CREATE TABLE organisation_successors (
  organisation_id INTEGER NOT NULL,
  successor_id INTEGER NOT NULL,
  CONSTRAINT fk_organisation_successors_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT fk_organisation_successors_successor_id FOREIGN KEY (successor_id) REFERENCES organisations (id),
  PRIMARY KEY (organisation_id, successor_id)
);
CREATE INDEX ix_organisation_successors_successor_id ON organisation_successors (successor_id);

-- +goose Down
DROP TABLE organisation_successors;
