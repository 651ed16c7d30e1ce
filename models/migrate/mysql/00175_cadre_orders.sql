-- +goose Up
-- Lists of cadres are read in these orders, and names are searched in the first without looking at the cadres themselves.
ALTER TABLE cadres ADD INDEX ix_cadres_sort_key_id_search (sort_key, id, search), ADD INDEX ix_cadres_birth_year_sort_key_id (birth_year, sort_key, id), DROP INDEX ix_cadres_sort_key, DROP INDEX ix_cadres_search;

-- +goose Down
ALTER TABLE cadres ADD INDEX ix_cadres_sort_key (sort_key), ADD INDEX ix_cadres_search (search), DROP INDEX ix_cadres_sort_key_id_search, DROP INDEX ix_cadres_birth_year_sort_key_id;
