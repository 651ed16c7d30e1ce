-- +goose Up
CREATE TABLE twin_pairs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  cadre_a_id INTEGER NOT NULL,
  cadre_b_id INTEGER NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  decided_by_id INTEGER NULL,
  decided_at DATETIME NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_twin_pairs_cadre_a_id FOREIGN KEY (cadre_a_id) REFERENCES cadres (id),
  CONSTRAINT fk_twin_pairs_cadre_b_id FOREIGN KEY (cadre_b_id) REFERENCES cadres (id),
  CONSTRAINT fk_twin_pairs_decided_by_id FOREIGN KEY (decided_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_twin_pairs_order CHECK (cadre_a_id < cadre_b_id),
  CONSTRAINT ck_twin_pairs_reason CHECK (reason IN ('same_name', 'id_typo', 'same_id', 'import')),
  CONSTRAINT ck_twin_pairs_state CHECK (state IN ('open', 'merged', 'distinct'))
);
CREATE UNIQUE INDEX uq_twin_pairs_cadre_a_id_cadre_b_id ON twin_pairs (cadre_a_id, cadre_b_id);
CREATE INDEX ix_twin_pairs_cadre_b_id ON twin_pairs (cadre_b_id);
CREATE INDEX ix_twin_pairs_decided_by_id ON twin_pairs (decided_by_id);
CREATE INDEX ix_twin_pairs_state ON twin_pairs (state);

-- +goose Down
DROP TABLE twin_pairs;
