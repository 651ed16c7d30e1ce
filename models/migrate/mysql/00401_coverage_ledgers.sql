-- +goose Up
CREATE TABLE coverage_ledgers (
  plan_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  fingerprint VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  built_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_coverage_ledgers_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE coverage_ledgers;
