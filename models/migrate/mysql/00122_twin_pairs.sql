-- +goose Up
CREATE TABLE twin_pairs (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  cadre_a_id BIGINT UNSIGNED NOT NULL,
  cadre_b_id BIGINT UNSIGNED NOT NULL,
  reason VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  decided_by_id BIGINT UNSIGNED NULL,
  decided_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_twin_pairs_cadre_a_id FOREIGN KEY (cadre_a_id) REFERENCES cadres (id),
  CONSTRAINT fk_twin_pairs_cadre_b_id FOREIGN KEY (cadre_b_id) REFERENCES cadres (id),
  CONSTRAINT fk_twin_pairs_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_twin_pairs_order CHECK (cadre_a_id < cadre_b_id),
  CONSTRAINT ck_twin_pairs_reason CHECK (reason IN ('same_name', 'id_typo', 'same_id', 'import')),
  CONSTRAINT ck_twin_pairs_state CHECK (state IN ('open', 'merged', 'distinct')),
  UNIQUE KEY uq_twin_pairs_cadre_a_id_cadre_b_id (cadre_a_id, cadre_b_id),
  KEY ix_twin_pairs_cadre_b_id (cadre_b_id),
  KEY ix_twin_pairs_state (state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE twin_pairs;
