-- +goose Up
CREATE TABLE venues (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(150) NOT NULL,
  name_key VARCHAR(300) NOT NULL,
  address VARCHAR(140) NOT NULL,
  organisation_id BIGINT UNSIGNED NULL,
  area_id BIGINT UNSIGNED NULL,
  note TEXT NOT NULL,
  search VARCHAR(400) NOT NULL,
  retired BOOLEAN NOT NULL DEFAULT FALSE,
  version INT NOT NULL DEFAULT 1,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_venues_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT fk_venues_area_id FOREIGN KEY (area_id) REFERENCES organisations (id),
  KEY ix_venues_organisation_id (organisation_id),
  KEY ix_venues_area_id (area_id),
  UNIQUE KEY uq_venues_name_key (name_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE venues;
