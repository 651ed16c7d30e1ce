-- +goose Up
-- Who is posted where on a day is answered from the index alone, for an office as for the whole plan.
ALTER TABLE postings ADD INDEX ix_postings_organisation_id_days (organisation_id, from_day, to_day, main, cadre_id), DROP INDEX ix_postings_organisation_id_from_day_to_day;

-- +goose Down
ALTER TABLE postings ADD INDEX ix_postings_organisation_id_from_day_to_day (organisation_id, from_day, to_day), DROP INDEX ix_postings_organisation_id_days;
