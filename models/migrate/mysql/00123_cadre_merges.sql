-- +goose Up
CREATE TABLE cadre_merges (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  twin_pair_id BIGINT UNSIGNED NOT NULL,
  kept_id BIGINT UNSIGNED NOT NULL,
  gone_id BIGINT UNSIGNED NOT NULL,
  record LONGBLOB NOT NULL,
  merged_by_id BIGINT UNSIGNED NULL,
  merged_at DATETIME(6) NOT NULL,
  undone_by_id BIGINT UNSIGNED NULL,
  undone_at DATETIME(6) NULL,
  CONSTRAINT fk_cadre_merges_twin_pair_id FOREIGN KEY (twin_pair_id) REFERENCES twin_pairs (id),
  CONSTRAINT fk_cadre_merges_kept_id FOREIGN KEY (kept_id) REFERENCES cadres (id),
  CONSTRAINT fk_cadre_merges_gone_id FOREIGN KEY (gone_id) REFERENCES cadres (id),
  CONSTRAINT fk_cadre_merges_merged_by_id FOREIGN KEY (merged_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_cadre_merges_undone_by_id FOREIGN KEY (undone_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_cadre_merges_two CHECK (kept_id <> gone_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE cadre_merges;
