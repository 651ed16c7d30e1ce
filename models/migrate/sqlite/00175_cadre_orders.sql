-- +goose Up
-- Lists of cadres are read in these orders, and names are searched in the first without looking at the cadres themselves.
CREATE INDEX ix_cadres_sort_key_id_search ON cadres (sort_key, id, search);
CREATE INDEX ix_cadres_birth_year_sort_key_id ON cadres (birth_year, sort_key, id);
DROP INDEX ix_cadres_sort_key;
DROP INDEX ix_cadres_search;

-- +goose Down
CREATE INDEX ix_cadres_sort_key ON cadres (sort_key);
CREATE INDEX ix_cadres_search ON cadres (search);
DROP INDEX ix_cadres_sort_key_id_search;
DROP INDEX ix_cadres_birth_year_sort_key_id;
