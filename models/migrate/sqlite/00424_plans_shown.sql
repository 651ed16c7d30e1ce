-- +goose Up
-- An administrator says which of the plans of one tree is shown first, and which plan's figures are open: TRUE, or NULL, of which there may be many.
ALTER TABLE plans ADD COLUMN shown_first BOOLEAN NULL CONSTRAINT ck_plans_shown_first CHECK (shown_first <> FALSE);
ALTER TABLE plans ADD COLUMN shown_open BOOLEAN NULL CONSTRAINT ck_plans_shown_open CHECK (shown_open <> FALSE);
CREATE UNIQUE INDEX uq_plans_root_id_shown_first ON plans (root_id, shown_first);
CREATE UNIQUE INDEX uq_plans_shown_open ON plans (shown_open);

-- +goose Down
DROP INDEX uq_plans_root_id_shown_first;
DROP INDEX uq_plans_shown_open;
ALTER TABLE plans DROP COLUMN shown_first;
ALTER TABLE plans DROP COLUMN shown_open;
