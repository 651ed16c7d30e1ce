-- +goose Up
CREATE TABLE cadres (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  full_name VARCHAR(200) NOT NULL,
  name_key VARCHAR(200) NOT NULL,
  sort_key VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  search VARCHAR(200) NOT NULL,
  sex VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  birth_year INT NOT NULL DEFAULT 0,
  birth_day DATE NULL,
  national_id_sealed VARBINARY(512) NULL,
  national_id_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  old_id_sealed VARBINARY(512) NULL,
  old_id_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  phone VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  email VARCHAR(190) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT ck_cadres_sex CHECK (sex IN ('', 'male', 'female')),
  UNIQUE KEY uq_cadres_national_id_hash (national_id_hash),
  KEY ix_cadres_old_id_hash (old_id_hash),
  KEY ix_cadres_name_key (name_key),
  KEY ix_cadres_sort_key (sort_key),
  KEY ix_cadres_search (search)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE cadres;
