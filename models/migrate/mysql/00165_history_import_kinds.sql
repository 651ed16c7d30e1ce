-- +goose Up
ALTER TABLE history_imports
  ADD COLUMN kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'recognitions',
  ADD CONSTRAINT ck_history_imports_kind CHECK (kind IN ('recognitions', 'courses')),
  ADD UNIQUE KEY uq_history_imports_account_id_kind (account_id, kind),
  DROP KEY uq_history_imports_account_id;

-- +goose Down
ALTER TABLE history_imports
  ADD UNIQUE KEY uq_history_imports_account_id (account_id),
  DROP KEY uq_history_imports_account_id_kind,
  DROP CONSTRAINT ck_history_imports_kind,
  DROP COLUMN kind;
