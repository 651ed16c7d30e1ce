-- +goose Up
CREATE TABLE rooms (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  venue_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  capacity INTEGER NOT NULL,
  retired BOOLEAN NOT NULL DEFAULT FALSE,
  version INTEGER NOT NULL DEFAULT 1,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_rooms_venue_id FOREIGN KEY (venue_id) REFERENCES venues (id),
  CONSTRAINT ck_rooms_capacity CHECK (capacity > 0)
);
CREATE UNIQUE INDEX uq_rooms_venue_id_name_key ON rooms (venue_id, name_key);

-- +goose Down
DROP TABLE rooms;
