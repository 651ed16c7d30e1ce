-- +goose Up
ALTER TABLE registers ADD COLUMN closed_at DATETIME NULL;
ALTER TABLE registers ADD COLUMN closed_by_id INTEGER NULL CONSTRAINT fk_registers_closed_by_id REFERENCES accounts (id);
ALTER TABLE registers ADD COLUMN closed_sha256 TEXT NOT NULL DEFAULT '' CONSTRAINT ck_registers_closed CHECK ((closed_at IS NULL) = (closed_sha256 = ''));
CREATE INDEX ix_registers_closed_by_id ON registers (closed_by_id);

-- +goose Down
DROP INDEX ix_registers_closed_by_id;
ALTER TABLE registers DROP COLUMN closed_sha256;
ALTER TABLE registers DROP COLUMN closed_by_id;
ALTER TABLE registers DROP COLUMN closed_at;
