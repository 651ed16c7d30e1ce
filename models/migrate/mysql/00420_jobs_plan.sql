-- +goose Up
-- Long work goes on in the plan in which it was asked for.
ALTER TABLE jobs ADD COLUMN plan_id BIGINT UNSIGNED NULL, ADD CONSTRAINT fk_jobs_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id);

-- +goose Down
ALTER TABLE jobs DROP FOREIGN KEY fk_jobs_plan_id, DROP COLUMN plan_id;
