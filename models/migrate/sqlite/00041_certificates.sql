-- +goose Up
CREATE TABLE certificates (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  register_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  serial TEXT NOT NULL,
  code TEXT NOT NULL,
  completion_id INTEGER NOT NULL,
  live_completion_id INTEGER NULL,
  cadre_id INTEGER NOT NULL,
  course_id INTEGER NULL,
  state TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  pdf_sha256 TEXT NOT NULL,
  issued_day DATE NOT NULL,
  issued_at DATETIME NOT NULL,
  issued_by_id INTEGER NULL,
  ended_at DATETIME NULL,
  ended_by_id INTEGER NULL,
  end_reason TEXT NOT NULL DEFAULT '',
  replaces_id INTEGER NULL,
  CONSTRAINT fk_certificates_register_id FOREIGN KEY (register_id) REFERENCES registers (id),
  CONSTRAINT fk_certificates_completion_id FOREIGN KEY (completion_id) REFERENCES completions (id),
  CONSTRAINT fk_certificates_cadre_id FOREIGN KEY (cadre_id) REFERENCES cadres (id),
  CONSTRAINT fk_certificates_course_id FOREIGN KEY (course_id) REFERENCES courses (id),
  CONSTRAINT ck_certificates_state CHECK (state IN ('valid', 'revoked', 'replaced')),
  CONSTRAINT fk_certificates_issued_by_id FOREIGN KEY (issued_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_certificates_ended_by_id FOREIGN KEY (ended_by_id) REFERENCES accounts (id),
  CONSTRAINT fk_certificates_replaces_id FOREIGN KEY (replaces_id) REFERENCES certificates (id)
);
CREATE INDEX ix_certificates_issued_by_id ON certificates (issued_by_id);
CREATE INDEX ix_certificates_ended_by_id ON certificates (ended_by_id);
CREATE INDEX ix_certificates_replaces_id ON certificates (replaces_id);
CREATE UNIQUE INDEX uq_certificates_register_id_number ON certificates (register_id, number);
CREATE UNIQUE INDEX uq_certificates_serial ON certificates (serial);
CREATE UNIQUE INDEX uq_certificates_code ON certificates (code);
CREATE UNIQUE INDEX uq_certificates_live_completion_id ON certificates (live_completion_id);
CREATE INDEX ix_certificates_cadre_id ON certificates (cadre_id);
CREATE INDEX ix_certificates_completion_id ON certificates (completion_id);
CREATE INDEX ix_certificates_course_id ON certificates (course_id);

-- +goose Down
DROP TABLE certificates;
