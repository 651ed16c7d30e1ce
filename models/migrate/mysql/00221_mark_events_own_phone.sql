-- +goose Up
ALTER TABLE mark_events
  MODIFY account_id BIGINT UNSIGNED NULL,
  ADD CONSTRAINT ck_mark_events_account CHECK (account_id IS NOT NULL OR source = 'screen');

-- +goose Down
DELETE FROM mark_events WHERE account_id IS NULL;
ALTER TABLE mark_events DROP CONSTRAINT ck_mark_events_account, MODIFY account_id BIGINT UNSIGNED NOT NULL;
