-- +goose Up
-- Few organisations give counts only; they are found without looking at the others.
ALTER TABLE organisations ADD INDEX ix_organisations_counts_only_path (counts_only, path);

-- +goose Down
ALTER TABLE organisations DROP INDEX ix_organisations_counts_only_path;
