-- +goose Up
ALTER TABLE plans ADD CONSTRAINT ck_plans_years CHECK (from_day >= '2000-01-01' AND to_day <= '2101-01-01');

-- +goose Down
ALTER TABLE plans DROP CONSTRAINT ck_plans_years;
