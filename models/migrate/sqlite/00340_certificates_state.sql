-- +goose Up
-- The few that do not stand any more are asked for by everybody who checks a credential.
CREATE INDEX ix_certificates_state ON certificates (state);

-- +goose Down
DROP INDEX ix_certificates_state;
