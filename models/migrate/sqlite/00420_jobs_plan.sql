-- +goose Up
-- Long work goes on in the plan in which it was asked for.
ALTER TABLE jobs ADD COLUMN plan_id INTEGER NULL CONSTRAINT fk_jobs_plan_id REFERENCES plans (id);

-- +goose Down
ALTER TABLE jobs DROP COLUMN plan_id;
