-- +goose Up
CREATE TABLE rooms (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  venue_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(150) NOT NULL,
  name_key VARCHAR(300) NOT NULL,
  capacity INT NOT NULL,
  retired BOOLEAN NOT NULL DEFAULT FALSE,
  version INT NOT NULL DEFAULT 1,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_rooms_venue_id FOREIGN KEY (venue_id) REFERENCES venues (id),
  CONSTRAINT ck_rooms_capacity CHECK (capacity > 0),
  UNIQUE KEY uq_rooms_venue_id_name_key (venue_id, name_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE rooms;
