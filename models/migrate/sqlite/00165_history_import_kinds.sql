-- +goose Up
ALTER TABLE history_imports ADD COLUMN kind TEXT NOT NULL DEFAULT 'recognitions' CONSTRAINT ck_history_imports_kind CHECK (kind IN ('recognitions', 'courses'));
DROP INDEX uq_history_imports_account_id;
CREATE UNIQUE INDEX uq_history_imports_account_id_kind ON history_imports (account_id, kind);

-- +goose Down
DROP INDEX uq_history_imports_account_id_kind;
ALTER TABLE history_imports DROP COLUMN kind;
CREATE UNIQUE INDEX uq_history_imports_account_id ON history_imports (account_id);
