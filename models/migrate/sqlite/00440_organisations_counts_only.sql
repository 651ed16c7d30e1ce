-- +goose Up
-- Few organisations give counts only; they are found without looking at the others.
CREATE INDEX ix_organisations_counts_only_path ON organisations (counts_only, path);

-- +goose Down
DROP INDEX ix_organisations_counts_only_path;
