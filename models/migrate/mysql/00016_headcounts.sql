-- +goose Up
CREATE TABLE headcounts (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  organisation_id BIGINT UNSIGNED NOT NULL,
  group_id BIGINT UNSIGNED NOT NULL,
  effective_day DATE NOT NULL,
  declared INT NULL,
  covered INT NULL,
  account_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_headcounts_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT fk_headcounts_group_id FOREIGN KEY (group_id) REFERENCES target_groups (id),
  CONSTRAINT fk_headcounts_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  KEY ix_headcounts_organisation_id_group_id_effective_day (organisation_id, group_id, effective_day),
  CONSTRAINT ck_headcounts_positive CHECK (declared IS NULL OR declared >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE headcounts;
