-- +goose Up
CREATE TABLE template_versions (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  template_id BIGINT UNSIGNED NOT NULL,
  number INT NOT NULL,
  layout MEDIUMTEXT NOT NULL,
  note VARCHAR(200) NOT NULL DEFAULT '',
  account_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_template_versions_template_id FOREIGN KEY (template_id) REFERENCES templates (id),
  CONSTRAINT fk_template_versions_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  UNIQUE KEY uq_template_versions_template_id_number (template_id, number),
  KEY ix_template_versions_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE template_versions;
