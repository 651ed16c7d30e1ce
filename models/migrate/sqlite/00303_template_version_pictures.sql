-- +goose Up
CREATE TABLE template_version_pictures (
  template_version_id INTEGER NOT NULL,
  picture_id INTEGER NOT NULL,
  CONSTRAINT fk_template_version_pictures_template_version_id FOREIGN KEY (template_version_id) REFERENCES template_versions (id),
  CONSTRAINT fk_template_version_pictures_picture_id FOREIGN KEY (picture_id) REFERENCES template_pictures (id),
  PRIMARY KEY (template_version_id, picture_id)
);
CREATE INDEX ix_template_version_pictures_picture_id ON template_version_pictures (picture_id);

-- +goose Down
DROP TABLE template_version_pictures;
