-- +goose Up
-- The few that do not stand any more are asked for by everybody who checks a credential.
ALTER TABLE certificates ADD INDEX ix_certificates_state (state);

-- +goose Down
ALTER TABLE certificates DROP INDEX ix_certificates_state;
