-- +goose Up
CREATE TABLE recognitions (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  cadre_id BIGINT UNSIGNED NOT NULL,
  title VARCHAR(300) NOT NULL,
  body VARCHAR(300) NOT NULL,
  first_day DATE NOT NULL,
  last_day DATE NOT NULL,
  paper_number VARCHAR(100) NOT NULL,
  paper_key VARCHAR(100) NOT NULL,
  live_paper_key VARCHAR(130) NULL,
  file_id BIGINT UNSIGNED NULL,
  state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  proposed_by_id BIGINT UNSIGNED NULL,
  decided_by_id BIGINT UNSIGNED NULL,
  decided_at DATETIME(6) NULL,
  reason VARCHAR(500) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_recognitions_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id),
  CONSTRAINT fk_recognitions_file_id FOREIGN KEY (file_id) REFERENCES stored_files (id),
  CONSTRAINT fk_recognitions_proposed_by_id FOREIGN KEY (proposed_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_recognitions_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_recognitions_state CHECK (state IN ('proposed', 'approved', 'refused', 'withdrawn')),
  CONSTRAINT ck_recognitions_days CHECK (first_day <= last_day),
  CONSTRAINT ck_recognitions_live CHECK ((live_paper_key IS NULL) = (state IN ('refused', 'withdrawn'))),
  UNIQUE KEY uq_recognitions_cadre_id_live_paper_key (cadre_id, live_paper_key),
  KEY ix_recognitions_state (state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE recognitions;
