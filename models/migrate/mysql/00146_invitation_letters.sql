-- +goose Up
CREATE TABLE invitation_letters (
  course_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  number VARCHAR(60) NOT NULL DEFAULT '',
  documents VARCHAR(1000) NOT NULL DEFAULT '',
  contact VARCHAR(500) NOT NULL DEFAULT '',
  signatory_id BIGINT UNSIGNED NULL,
  version INT NOT NULL DEFAULT 1,
  sequence INT NOT NULL DEFAULT 0,
  told MEDIUMTEXT NOT NULL,
  told_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_invitation_letters_course_id FOREIGN KEY (course_id) REFERENCES courses (id),
  CONSTRAINT fk_invitation_letters_signatory_id FOREIGN KEY (signatory_id) REFERENCES signatories (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE invitation_letters;
