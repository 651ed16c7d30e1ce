-- +goose Up
CREATE TABLE mails (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unique_key VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  uid CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  enrolment_id BIGINT UNSIGNED NULL,
  to_address VARCHAR(254) NOT NULL,
  to_name VARCHAR(200) NOT NULL DEFAULT '',
  subject VARCHAR(500) NOT NULL,
  state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempts INT NOT NULL DEFAULT 0,
  next_at DATETIME(6) NOT NULL,
  lease_until DATETIME(6) NULL,
  leased_by VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  error VARCHAR(500) NOT NULL DEFAULT '',
  sent_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_mails_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT ck_mails_state CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'dropped')),
  UNIQUE KEY uq_mails_unique_key (unique_key),
  UNIQUE KEY uq_mails_uid (uid),
  KEY ix_mails_enrolment_id (enrolment_id),
  KEY ix_mails_state_next_at (state, next_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE mails;
