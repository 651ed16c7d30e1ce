-- +goose Up
ALTER TABLE registers ADD COLUMN closed_at DATETIME(6) NULL, ADD COLUMN closed_by_id BIGINT UNSIGNED NULL,
  ADD COLUMN closed_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ADD CONSTRAINT ck_registers_closed CHECK ((closed_at IS NULL) = (closed_sha256 = '')), ADD INDEX ix_registers_closed_by_id (closed_by_id),
  ADD CONSTRAINT fk_registers_closed_by_id FOREIGN KEY (closed_by_id) REFERENCES accounts (id);

-- +goose Down
ALTER TABLE registers DROP FOREIGN KEY fk_registers_closed_by_id, DROP INDEX ix_registers_closed_by_id, DROP CONSTRAINT ck_registers_closed, DROP COLUMN closed_sha256, DROP COLUMN closed_by_id, DROP COLUMN closed_at;
