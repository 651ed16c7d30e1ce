-- +goose Up
CREATE TABLE course_quotas (
  course_id INTEGER NOT NULL,
  organisation_id INTEGER NOT NULL,
  seats INTEGER NOT NULL,
  CONSTRAINT fk_course_quotas_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT fk_course_quotas_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT ck_course_quotas_seats CHECK (seats >= 0),
  PRIMARY KEY (course_id, organisation_id)
);
CREATE INDEX ix_course_quotas_organisation_id ON course_quotas (organisation_id);

-- +goose Down
DROP TABLE course_quotas;
