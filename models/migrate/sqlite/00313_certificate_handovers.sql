-- +goose Up
CREATE TABLE certificate_handovers (
  certificate_id INTEGER NOT NULL,
  received_by TEXT NOT NULL,
  received_day DATE NOT NULL,
  given_by TEXT NOT NULL,
  account_id INTEGER NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_certificate_handovers_certificate_id FOREIGN KEY (certificate_id) REFERENCES certificates (id),
  CONSTRAINT fk_certificate_handovers_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  PRIMARY KEY (certificate_id)
);
CREATE INDEX ix_certificate_handovers_account_id ON certificate_handovers (account_id);

-- +goose Down
DROP TABLE certificate_handovers;
