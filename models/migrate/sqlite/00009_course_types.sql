-- +goose Up
CREATE TABLE course_types (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id INTEGER NOT NULL,
  code TEXT NOT NULL,
  name_vi TEXT NOT NULL,
  name_en TEXT NOT NULL,
  position INTEGER NOT NULL,
  CONSTRAINT fk_course_types_plan_id FOREIGN KEY (plan_id) REFERENCES plans (id)
);
CREATE UNIQUE INDEX uq_course_types_plan_id_code ON course_types (plan_id, code);

-- +goose Down
DROP TABLE course_types;
