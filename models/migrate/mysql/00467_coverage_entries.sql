-- +goose Up
-- Changes of who is covered as they are said, until they are added to coverage_changes. No foreign keys, as there.
CREATE TABLE coverage_entries (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  organisation_id BIGINT UNSIGNED NOT NULL,
  group_id BIGINT UNSIGNED NOT NULL,
  day DATE NOT NULL,
  covered INT NOT NULL,
  recognised INT NOT NULL,
  lapsed INT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
-- What was not added yet is built anew.
UPDATE coverage_ledgers SET fingerprint = '';
DROP TABLE coverage_entries;
