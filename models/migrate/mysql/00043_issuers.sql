-- +goose Up
CREATE TABLE issuers (
  organisation_id BIGINT UNSIGNED NOT NULL,
  superior VARCHAR(300) NOT NULL DEFAULT '',
  name VARCHAR(300) NOT NULL,
  place VARCHAR(120) NOT NULL,
  symbol VARCHAR(60) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_issuers_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  PRIMARY KEY (organisation_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE issuers;
