-- +goose Up
CREATE TABLE sign_in_names (
  name VARCHAR(190) NOT NULL,
  kind VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  CONSTRAINT ck_sign_in_names_kind CHECK (kind IN ('name', 'mobile', 'email')),
  CONSTRAINT fk_sign_in_names_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE sign_in_names;
