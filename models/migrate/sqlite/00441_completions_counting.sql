-- +goose Up
-- Whether a completion counts is read of every person whom a list names: from the index alone.
DROP INDEX ix_completions_cadre_id_effective_day;
CREATE INDEX ix_completions_cadre_id_effective_day_voided_at_course_id ON completions (cadre_id, effective_day, voided_at, course_id);

-- +goose Down
DROP INDEX ix_completions_cadre_id_effective_day_voided_at_course_id;
CREATE INDEX ix_completions_cadre_id_effective_day ON completions (cadre_id, effective_day);
