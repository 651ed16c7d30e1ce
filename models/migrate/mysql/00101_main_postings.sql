-- +goose Up
-- A cadre has one main posting on a day. MariaDB keeps that itself; elsewhere in its family only the lock on the cadre's row does,
-- and reads the change of a comment (docs/decisions/postings.md).
ALTER TABLE postings COMMENT = 'at most one main posting a cadre and day' /*M!100503 ,
  ADD COLUMN main_cadre_id BIGINT UNSIGNED AS (IF(main, cadre_id, NULL)) VIRTUAL INVISIBLE,
  ADD PERIOD FOR days (from_day, to_day),
  ADD UNIQUE KEY uq_postings_main (main_cadre_id, days WITHOUT OVERLAPS) */;

-- +goose Down
ALTER TABLE postings COMMENT = '' /*M!100503 , DROP KEY uq_postings_main, DROP COLUMN main_cadre_id, DROP PERIOD FOR days */;
