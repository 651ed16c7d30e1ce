-- +goose Up
CREATE TABLE signatories (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  organisation_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(200) NOT NULL,
  title VARCHAR(200) NOT NULL,
  form VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  form_title VARCHAR(200) NOT NULL DEFAULT '',
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_signatories_organisation_id FOREIGN KEY (organisation_id) REFERENCES organisations (id),
  CONSTRAINT ck_signatories_form CHECK (form IN ('', 'KT.', 'TM.', 'TL.', 'TUQ.'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE signatories;
