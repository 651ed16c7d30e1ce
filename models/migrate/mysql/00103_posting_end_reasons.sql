-- +goose Up
-- Postings that ended before reasons were kept.
UPDATE postings p JOIN organisations o ON o.id = p.organisation_id
  SET p.end_reason = IF(p.to_day = o.to_day, 'organisation_ended', 'transferred')
  WHERE p.to_day < '9999-12-31' AND (p.to_day = o.to_day OR p.main AND EXISTS (SELECT 1 FROM (SELECT cadre_id, organisation_id, from_day, main FROM postings) n
    WHERE n.cadre_id = p.cadre_id AND n.main AND n.from_day = p.to_day AND n.organisation_id <> p.organisation_id));

-- +goose Down
UPDATE postings SET end_reason = '';
