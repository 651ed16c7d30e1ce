-- +goose Up
-- Who is posted where on a day is answered from the index alone, for an office as for the whole plan.
CREATE INDEX ix_postings_organisation_id_days ON postings (organisation_id, from_day, to_day, main, cadre_id);
DROP INDEX ix_postings_organisation_id_from_day_to_day;

-- +goose Down
CREATE INDEX ix_postings_organisation_id_from_day_to_day ON postings (organisation_id, from_day, to_day);
DROP INDEX ix_postings_organisation_id_days;
