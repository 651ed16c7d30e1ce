-- +goose Up
-- Above provinces there may be the country, for totals as they are.
ALTER TABLE organisations DROP CONSTRAINT ck_organisations_kind, DROP CONSTRAINT ck_organisations_level,
  ADD CONSTRAINT ck_organisations_kind CHECK (kind IN ('country', 'province', 'block', 'district', 'state_agency', 'party_agency', 'socio_political', 'press_agency', 'armed_forces')),
  ADD CONSTRAINT ck_organisations_level CHECK (level IN ('country', 'province', 'district', 'commune'));

-- +goose Down
ALTER TABLE organisations DROP CONSTRAINT ck_organisations_kind, DROP CONSTRAINT ck_organisations_level,
  ADD CONSTRAINT ck_organisations_kind CHECK (kind IN ('province', 'block', 'district', 'state_agency', 'party_agency', 'socio_political', 'press_agency', 'armed_forces')),
  ADD CONSTRAINT ck_organisations_level CHECK (level IN ('province', 'district', 'commune'));
