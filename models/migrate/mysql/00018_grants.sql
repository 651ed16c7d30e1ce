-- +goose Up
CREATE TABLE grants (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account_id BIGINT UNSIGNED NOT NULL,
  role VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  organisation_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_grants_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  CONSTRAINT ck_grants_role CHECK (role IN ('administrator', 'coordinator', 'head', 'trainer', 'clerk', 'cadre')),
  CONSTRAINT fk_grants_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  KEY ix_grants_account_id_role (account_id, role)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE grants;
