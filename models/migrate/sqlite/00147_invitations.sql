-- +goose Up
CREATE TABLE invitations (
  enrolment_id INTEGER NOT NULL PRIMARY KEY,
  invited_at DATETIME NULL,
  via TEXT NOT NULL DEFAULT '',
  reply TEXT NOT NULL DEFAULT '',
  replied_at DATETIME NULL,
  reply_reason TEXT NOT NULL DEFAULT '',
  substitute_cadre_id INTEGER NULL,
  substitute_name TEXT NOT NULL DEFAULT '',
  reminded_for DATE NULL,
  reminded_days INTEGER NOT NULL DEFAULT 0,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_invitations_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT fk_invitations_substitute_cadre_id FOREIGN KEY (substitute_cadre_id) REFERENCES cadres (id),
  CONSTRAINT ck_invitations_via CHECK (via IN ('', 'mail', 'paper')),
  CONSTRAINT ck_invitations_reply CHECK (reply IN ('', 'confirmed', 'declined') AND (reply = '' OR replied_at IS NOT NULL))
);
CREATE INDEX ix_invitations_substitute_cadre_id ON invitations (substitute_cadre_id);

-- +goose Down
DROP TABLE invitations;
