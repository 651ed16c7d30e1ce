-- +goose Up
CREATE TABLE target_groups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id INTEGER NOT NULL,
  code TEXT NOT NULL,
  name_vi TEXT NOT NULL,
  name_en TEXT NOT NULL,
  short_vi TEXT NOT NULL,
  short_en TEXT NOT NULL,
  target_percent INTEGER NOT NULL,
  position INTEGER NOT NULL,
  aliases TEXT NOT NULL,
  CONSTRAINT fk_target_groups_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id),
  CONSTRAINT ck_target_groups_percent CHECK (target_percent BETWEEN 0 AND 100)
);
CREATE UNIQUE INDEX uq_target_groups_plan_id_code ON target_groups (plan_id, code);

-- +goose Down
DROP TABLE target_groups;
