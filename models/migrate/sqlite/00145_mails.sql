-- +goose Up
CREATE TABLE mails (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  unique_key TEXT NOT NULL,
  uid TEXT NOT NULL,
  enrolment_id INTEGER NULL,
  to_address TEXT NOT NULL,
  to_name TEXT NOT NULL DEFAULT '',
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at DATETIME NOT NULL,
  lease_until DATETIME NULL,
  leased_by TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  sent_at DATETIME NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_mails_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT ck_mails_state CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'dropped'))
);
CREATE UNIQUE INDEX uq_mails_unique_key ON mails (unique_key);
CREATE UNIQUE INDEX uq_mails_uid ON mails (uid);
CREATE INDEX ix_mails_enrolment_id ON mails (enrolment_id);
CREATE INDEX ix_mails_state_next_at ON mails (state, next_at);

-- +goose Down
DROP TABLE mails;
