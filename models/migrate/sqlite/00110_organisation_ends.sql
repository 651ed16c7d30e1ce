-- +goose Up
-- Ends that were entered here, with what they cut short.
CREATE TABLE organisation_ends (
  organisation_id INTEGER NOT NULL PRIMARY KEY,
  end_day DATE NOT NULL,
  was TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_organisation_ends_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id)
);

-- +goose Down
DROP TABLE organisation_ends;
