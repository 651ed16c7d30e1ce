-- +goose Up
CREATE TABLE issuers (
  organisation_id INTEGER NOT NULL,
  superior TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL,
  place TEXT NOT NULL,
  symbol TEXT NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_issuers_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  PRIMARY KEY (organisation_id)
);

-- +goose Down
DROP TABLE issuers;
