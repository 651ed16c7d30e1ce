-- +goose Up
CREATE TABLE cadre_merges (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  twin_pair_id INTEGER NOT NULL,
  kept_id INTEGER NOT NULL,
  gone_id INTEGER NOT NULL,
  record BLOB NOT NULL,
  merged_by_id INTEGER NULL,
  merged_at DATETIME NOT NULL,
  undone_by_id INTEGER NULL,
  undone_at DATETIME NULL,
  CONSTRAINT fk_cadre_merges_twin_pair_id FOREIGN KEY (twin_pair_id) REFERENCES twin_pairs (id),
  CONSTRAINT fk_cadre_merges_kept_id FOREIGN KEY (kept_id) REFERENCES cadres (id),
  CONSTRAINT fk_cadre_merges_gone_id FOREIGN KEY (gone_id) REFERENCES cadres (id),
  CONSTRAINT fk_cadre_merges_merged_by_id FOREIGN KEY (merged_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_cadre_merges_undone_by_id FOREIGN KEY (undone_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_cadre_merges_two CHECK (kept_id <> gone_id)
);
CREATE INDEX ix_cadre_merges_twin_pair_id ON cadre_merges (twin_pair_id);
CREATE INDEX ix_cadre_merges_kept_id ON cadre_merges (kept_id);
CREATE INDEX ix_cadre_merges_gone_id ON cadre_merges (gone_id);
CREATE INDEX ix_cadre_merges_merged_by_id ON cadre_merges (merged_by_id);
CREATE INDEX ix_cadre_merges_undone_by_id ON cadre_merges (undone_by_id);

-- +goose Down
DROP TABLE cadre_merges;
