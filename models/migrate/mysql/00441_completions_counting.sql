-- +goose Up
-- Whether a completion counts is read of every person whom a list names: from the index alone.
ALTER TABLE completions
  ADD INDEX ix_completions_cadre_id_effective_day_voided_at_course_id (cadre_id, effective_day, voided_at, course_id),
  DROP INDEX ix_completions_cadre_id_effective_day;

-- +goose Down
ALTER TABLE completions
  ADD INDEX ix_completions_cadre_id_effective_day (cadre_id, effective_day),
  DROP INDEX ix_completions_cadre_id_effective_day_voided_at_course_id;
