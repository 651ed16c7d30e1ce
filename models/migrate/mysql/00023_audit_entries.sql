-- +goose Up
CREATE TABLE audit_entries (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  at DATETIME(6) NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  action VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  noun VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  noun_id BIGINT UNSIGNED NOT NULL DEFAULT 0,
  request_id VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  detail LONGTEXT NOT NULL,
  CONSTRAINT fk_audit_entries_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  KEY ix_audit_entries_noun_noun_id (noun, noun_id),
  KEY ix_audit_entries_at (at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE audit_entries;
