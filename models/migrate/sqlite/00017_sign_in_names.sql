-- +goose Up
CREATE TABLE sign_in_names (
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  account_id INTEGER NOT NULL,
  CONSTRAINT ck_sign_in_names_kind CHECK (kind IN ('name', 'mobile', 'email')),
  CONSTRAINT fk_sign_in_names_account_id FOREIGN KEY (account_id) REFERENCES accounts (id),
  PRIMARY KEY (name)
);
CREATE INDEX ix_sign_in_names_account_id ON sign_in_names (account_id);

-- +goose Down
DROP TABLE sign_in_names;
