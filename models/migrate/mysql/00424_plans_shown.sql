-- +goose Up
-- An administrator says which of the plans of one tree is shown first, and which plan's figures are open: TRUE, or NULL, of which there may be many.
ALTER TABLE plans ADD COLUMN shown_first BOOLEAN NULL, ADD COLUMN shown_open BOOLEAN NULL,
  ADD UNIQUE KEY uq_plans_root_id_shown_first (root_id, shown_first), ADD UNIQUE KEY uq_plans_shown_open (shown_open),
  ADD CONSTRAINT ck_plans_shown_first CHECK (shown_first <> FALSE), ADD CONSTRAINT ck_plans_shown_open CHECK (shown_open <> FALSE);

-- +goose Down
ALTER TABLE plans DROP CONSTRAINT ck_plans_shown_first, DROP CONSTRAINT ck_plans_shown_open, DROP KEY uq_plans_root_id_shown_first, DROP KEY uq_plans_shown_open,
  DROP COLUMN shown_first, DROP COLUMN shown_open;
