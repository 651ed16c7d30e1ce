-- +goose Up
CREATE TABLE invitation_letters (
  course_id INTEGER NOT NULL PRIMARY KEY,
  number TEXT NOT NULL DEFAULT '',
  documents TEXT NOT NULL DEFAULT '',
  contact TEXT NOT NULL DEFAULT '',
  signatory_id INTEGER NULL,
  version INTEGER NOT NULL DEFAULT 1,
  sequence INTEGER NOT NULL DEFAULT 0,
  told TEXT NOT NULL DEFAULT '',
  told_at DATETIME NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_invitation_letters_course_id FOREIGN KEY (course_id) REFERENCES courses (id),
  CONSTRAINT fk_invitation_letters_signatory_id FOREIGN KEY (signatory_id) REFERENCES signatories (id)
);
CREATE INDEX ix_invitation_letters_signatory_id ON invitation_letters (signatory_id);

-- +goose Down
DROP TABLE invitation_letters;
