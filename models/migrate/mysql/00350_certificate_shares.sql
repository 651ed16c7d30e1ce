-- +goose Up
CREATE TABLE certificate_shares (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  certificate_id BIGINT UNSIGNED NOT NULL,
  live_certificate_id BIGINT UNSIGNED NULL,
  token VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  CONSTRAINT fk_certificate_shares_certificate_id FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  CONSTRAINT fk_certificate_shares_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_certificate_shares_live CHECK (ended_at IS NULL AND live_certificate_id = certificate_id AND live_certificate_id IS NOT NULL OR ended_at IS NOT NULL AND live_certificate_id IS NULL),
  UNIQUE KEY uq_certificate_shares_live_certificate_id (live_certificate_id),
  UNIQUE KEY uq_certificate_shares_token (token),
  KEY ix_certificate_shares_certificate_id (certificate_id),
  KEY ix_certificate_shares_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE certificate_shares;
