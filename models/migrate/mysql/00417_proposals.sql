-- +goose Up
CREATE TABLE proposals (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  plan_id BIGINT UNSIGNED NOT NULL,
  organisation_id BIGINT UNSIGNED NOT NULL,
  ask LONGTEXT NOT NULL,
  found LONGTEXT NOT NULL,
  made LONGTEXT NOT NULL,
  made_at DATETIME(6) NULL,
  created_by_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_proposals_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  CONSTRAINT fk_proposals_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT fk_proposals_created_by_id FOREIGN KEY (created_by_id) REFERENCES accounts (id),
  CONSTRAINT ck_proposals_made CHECK ((made_at IS NULL) = (made = '')),
  KEY ix_proposals_plan_id (plan_id),
  KEY ix_proposals_organisation_id (organisation_id),
  KEY ix_proposals_created_by_id (created_by_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE proposals;
