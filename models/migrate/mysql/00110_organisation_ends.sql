-- +goose Up
-- Ends that were entered here, with what they cut short.
CREATE TABLE organisation_ends (
  organisation_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  end_day DATE NOT NULL,
  was LONGTEXT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_organisation_ends_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE organisation_ends;
