-- +goose Up
-- Postings that ended before reasons were kept.
UPDATE postings SET end_reason = 'organisation_ended'
  WHERE to_day < '9999-12-31' AND to_day = (SELECT o.to_day FROM organisations o WHERE o.id = organisation_id);
UPDATE postings SET end_reason = 'transferred'
  WHERE end_reason = '' AND main AND EXISTS (SELECT 1 FROM postings n
    WHERE n.cadre_id = postings.cadre_id AND n.main AND n.from_day = postings.to_day AND n.organisation_id <> postings.organisation_id);

-- +goose Down
UPDATE postings SET end_reason = '';
