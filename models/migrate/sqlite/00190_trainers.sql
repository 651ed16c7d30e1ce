-- +goose Up
CREATE TABLE trainers (
  account_id INTEGER NOT NULL PRIMARY KEY,
  body TEXT NOT NULL,
  bio TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_trainers_account_id FOREIGN KEY (account_id) REFERENCES accounts (id)
);

-- +goose Down
DROP TABLE trainers;
