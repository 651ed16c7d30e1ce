-- +goose Up
CREATE TABLE proof_keys (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  kind VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  public VARBINARY(500) NOT NULL,
  sealed VARBINARY(1000) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  retired_at DATETIME(6) NULL,
  CONSTRAINT ck_proof_keys_kind CHECK (kind IN ('ed25519', 'es256')),
  UNIQUE KEY uq_proof_keys_kid (kid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE proof_keys;
