-- +goose Up
CREATE TABLE postings (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  cadre_id BIGINT UNSIGNED NOT NULL,
  organisation_id BIGINT UNSIGNED NOT NULL,
  title VARCHAR(300) NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  main BOOLEAN NOT NULL,
  line_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_postings_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id),
  CONSTRAINT fk_postings_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT fk_postings_line_id FOREIGN KEY (line_id) REFERENCES organisations (id),
  KEY ix_postings_organisation_id_from_day_to_day (organisation_id, from_day, to_day),
  KEY ix_postings_cadre_id_from_day (cadre_id, from_day),
  CONSTRAINT ck_postings_lifetime CHECK (from_day < to_day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE postings;
