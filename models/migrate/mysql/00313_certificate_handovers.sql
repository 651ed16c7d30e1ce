-- +goose Up
CREATE TABLE certificate_handovers (
  certificate_id BIGINT UNSIGNED NOT NULL,
  received_by VARCHAR(200) NOT NULL,
  received_day DATE NOT NULL,
  given_by VARCHAR(200) NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_certificate_handovers_certificate_id FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  CONSTRAINT fk_certificate_handovers_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  PRIMARY KEY (certificate_id),
  KEY ix_certificate_handovers_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE certificate_handovers;
