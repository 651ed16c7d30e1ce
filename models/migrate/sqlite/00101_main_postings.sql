-- +goose Up
-- A cadre has one main posting on a day. A migration that rebuilds the table is to make these triggers again.
-- +goose StatementBegin
CREATE TRIGGER tr_postings_main_insert AFTER INSERT ON postings WHEN NEW.main
BEGIN
  SELECT RAISE(ABORT, 'posting_overlap') FROM postings
    WHERE cadre_id = NEW.cadre_id AND main AND id <> NEW.id AND from_day < NEW.to_day AND to_day > NEW.from_day;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tr_postings_main_update AFTER UPDATE OF cadre_id, from_day, to_day, main ON postings WHEN NEW.main
BEGIN
  SELECT RAISE(ABORT, 'posting_overlap') FROM postings
    WHERE cadre_id = NEW.cadre_id AND main AND id <> NEW.id AND from_day < NEW.to_day AND to_day > NEW.from_day;
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER tr_postings_main_update;
DROP TRIGGER tr_postings_main_insert;
