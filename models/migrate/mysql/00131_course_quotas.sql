-- +goose Up
CREATE TABLE course_quotas (
  course_id BIGINT UNSIGNED NOT NULL,
  organisation_id BIGINT UNSIGNED NOT NULL,
  seats INT NOT NULL,
  CONSTRAINT fk_course_quotas_course_id FOREIGN KEY (course_id) REFERENCES courses (id) ON DELETE CASCADE,
  CONSTRAINT fk_course_quotas_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT ck_course_quotas_seats CHECK (seats >= 0),
  PRIMARY KEY (course_id, organisation_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE course_quotas;
