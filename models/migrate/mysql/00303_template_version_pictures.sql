-- +goose Up
CREATE TABLE template_version_pictures (
  template_version_id BIGINT UNSIGNED NOT NULL,
  picture_id BIGINT UNSIGNED NOT NULL,
  CONSTRAINT fk_template_version_pictures_template_version_id FOREIGN KEY (template_version_id) REFERENCES template_versions (id),
  CONSTRAINT fk_template_version_pictures_picture_id FOREIGN KEY (picture_id) REFERENCES template_pictures (id),
  PRIMARY KEY (template_version_id, picture_id),
  KEY ix_template_version_pictures_picture_id (picture_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE template_version_pictures;
