-- +goose Up
ALTER TABLE completions ADD COLUMN voided_by_close BOOLEAN NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE completions DROP COLUMN voided_by_close;
