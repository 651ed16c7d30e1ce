-- +goose Up
CREATE TABLE proof_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  kid TEXT NOT NULL,
  public BLOB NOT NULL,
  sealed BLOB NOT NULL,
  created_at DATETIME NOT NULL,
  retired_at DATETIME NULL,
  CONSTRAINT ck_proof_keys_kind CHECK (kind IN ('ed25519', 'es256'))
);
CREATE UNIQUE INDEX uq_proof_keys_kid ON proof_keys (kid);

-- +goose Down
DROP TABLE proof_keys;
