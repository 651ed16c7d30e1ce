-- +goose Up
CREATE TABLE signing_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organisation_id INTEGER NULL,
  signatory_id INTEGER NULL,
  subject TEXT NOT NULL,
  issuer_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  not_before DATETIME NOT NULL,
  not_after DATETIME NOT NULL,
  fingerprint TEXT NOT NULL,
  demo BOOLEAN NOT NULL,
  sealed BLOB NOT NULL,
  account_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  retired_at DATETIME NULL,
  CONSTRAINT fk_signing_keys_organisation_id FOREIGN KEY (organisation_id) REFERENCES issuers (organisation_id),
  CONSTRAINT fk_signing_keys_signatory_id FOREIGN KEY (signatory_id) REFERENCES signatories (id),
  CONSTRAINT fk_signing_keys_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_signing_keys_kind CHECK (kind IN ('rsa', 'ecdsa')),
  CONSTRAINT ck_signing_keys_organisation CHECK (organisation_id IS NOT NULL OR demo AND signatory_id IS NULL)
);
CREATE INDEX ix_signing_keys_organisation_id ON signing_keys (organisation_id);
CREATE INDEX ix_signing_keys_signatory_id ON signing_keys (signatory_id);
CREATE INDEX ix_signing_keys_account_id ON signing_keys (account_id);

-- +goose Down
DROP TABLE signing_keys;
