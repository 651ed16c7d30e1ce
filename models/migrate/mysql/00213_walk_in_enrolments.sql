-- +goose Up
ALTER TABLE enrolments DROP CONSTRAINT ck_enrolments_source, ADD CONSTRAINT ck_enrolments_source CHECK (source IN ('coordinator', 'nomination', 'substitute', 'import', 'walk_in'));

-- +goose Down
ALTER TABLE enrolments DROP CONSTRAINT ck_enrolments_source, ADD CONSTRAINT ck_enrolments_source CHECK (source IN ('coordinator', 'nomination', 'substitute', 'import'));
