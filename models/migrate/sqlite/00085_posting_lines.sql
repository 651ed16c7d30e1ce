-- +goose Up
-- A head sees those posted below and those in the professional line: the index that counts an office's cadres says both.
CREATE INDEX ix_postings_organisation_id_days_line_id ON postings (organisation_id, from_day, to_day, main, cadre_id, line_id);
DROP INDEX ix_postings_organisation_id_days;

-- +goose Down
CREATE INDEX ix_postings_organisation_id_days ON postings (organisation_id, from_day, to_day, main, cadre_id);
DROP INDEX ix_postings_organisation_id_days_line_id;
