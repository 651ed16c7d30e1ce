-- +goose Up
CREATE TABLE topics (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id INTEGER NOT NULL,
  parent_id INTEGER NULL,
  code TEXT NOT NULL,
  name_vi TEXT NOT NULL,
  name_en TEXT NOT NULL,
  position INTEGER NOT NULL,
  CONSTRAINT fk_topics_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  CONSTRAINT fk_topics_parent_id FOREIGN KEY (parent_id) REFERENCES topics (id)
);
CREATE INDEX ix_topics_parent_id ON topics (parent_id);
CREATE UNIQUE INDEX uq_topics_plan_id_code ON topics (plan_id, code);

-- +goose Down
DROP TABLE topics;
