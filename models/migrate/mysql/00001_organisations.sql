-- +goose Up
CREATE TABLE organisations (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(300) NOT NULL,
  short_name VARCHAR(120) NOT NULL DEFAULT '',
  kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  level VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  parent_id BIGINT UNSIGNED NULL,
  path VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  depth INT NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  counts_only BOOLEAN NOT NULL DEFAULT FALSE,
  search VARCHAR(420) NOT NULL,
  note TEXT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT ck_organisations_kind CHECK (kind IN ('province', 'block', 'district', 'state_agency', 'party_agency', 'socio_political', 'press_agency', 'armed_forces')),
  CONSTRAINT ck_organisations_level CHECK (level IN ('province', 'district', 'commune')),
  CONSTRAINT fk_organisations_parent_id FOREIGN KEY (parent_id) REFERENCES organisations (id),
  UNIQUE KEY uq_organisations_code (code),
  UNIQUE KEY uq_organisations_path (path),
  CONSTRAINT ck_organisations_lifetime CHECK (from_day < to_day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE organisations;
