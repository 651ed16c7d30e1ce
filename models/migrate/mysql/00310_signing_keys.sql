-- +goose Up
CREATE TABLE signing_keys (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  organisation_id BIGINT UNSIGNED NULL,
  signatory_id BIGINT UNSIGNED NULL,
  subject VARCHAR(300) NOT NULL,
  issuer_name VARCHAR(300) NOT NULL,
  kind VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  not_before DATETIME(6) NOT NULL,
  not_after DATETIME(6) NOT NULL,
  fingerprint VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  demo BOOLEAN NOT NULL,
  sealed BLOB NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  retired_at DATETIME(6) NULL,
  CONSTRAINT fk_signing_keys_organisation_id FOREIGN KEY (organisation_id) REFERENCES issuers (organisation_id),
  CONSTRAINT fk_signing_keys_signatory_id FOREIGN KEY (signatory_id) REFERENCES signatories (id),
  CONSTRAINT fk_signing_keys_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_signing_keys_kind CHECK (kind IN ('rsa', 'ecdsa')),
  CONSTRAINT ck_signing_keys_organisation CHECK (organisation_id IS NOT NULL OR demo AND signatory_id IS NULL),
  KEY ix_signing_keys_organisation_id (organisation_id),
  KEY ix_signing_keys_signatory_id (signatory_id),
  KEY ix_signing_keys_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE signing_keys;
