-- +goose Up
CREATE TABLE accounts (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(200) NOT NULL,
  sort_key VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  search VARCHAR(200) NOT NULL,
  password_hash VARCHAR(200) NOT NULL DEFAULT '',
  must_change BOOLEAN NOT NULL DEFAULT FALSE,
  epoch INT NOT NULL DEFAULT 0,
  cadre_id BIGINT UNSIGNED NULL,
  language VARCHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'vi',
  disabled BOOLEAN NOT NULL DEFAULT FALSE,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_accounts_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id),
  UNIQUE KEY uq_accounts_cadre_id (cadre_id),
  KEY ix_accounts_sort_key (sort_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE accounts;
