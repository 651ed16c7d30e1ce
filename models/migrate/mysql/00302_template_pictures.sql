-- +goose Up
CREATE TABLE template_pictures (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(200) NOT NULL,
  sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  content_type VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  width INT NOT NULL,
  height INT NOT NULL,
  body LONGBLOB NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_template_pictures_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  UNIQUE KEY uq_template_pictures_sha256 (sha256),
  KEY ix_template_pictures_account_id (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE template_pictures;
