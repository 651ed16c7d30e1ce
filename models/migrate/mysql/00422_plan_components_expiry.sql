-- +goose Up
ALTER TABLE plan_components ADD CONSTRAINT ck_plan_components_expiry CHECK (expires_months BETWEEN 1 AND 600);

-- +goose Down
ALTER TABLE plan_components DROP CONSTRAINT ck_plan_components_expiry;
