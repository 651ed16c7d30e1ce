-- +goose Up
CREATE TABLE invitations (
  enrolment_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  invited_at DATETIME(6) NULL,
  via VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  reply VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  replied_at DATETIME(6) NULL,
  reply_reason VARCHAR(500) NOT NULL DEFAULT '',
  substitute_cadre_id BIGINT UNSIGNED NULL,
  substitute_name VARCHAR(200) NOT NULL DEFAULT '',
  reminded_for DATE NULL,
  reminded_days INT NOT NULL DEFAULT 0,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_invitations_enrolment_id FOREIGN KEY (enrolment_id) REFERENCES enrolments (id),
  CONSTRAINT fk_invitations_substitute_cadre_id FOREIGN KEY (substitute_cadre_id) REFERENCES cadres (id),
  CONSTRAINT ck_invitations_via CHECK (via IN ('', 'mail', 'paper')),
  CONSTRAINT ck_invitations_reply CHECK (reply IN ('', 'confirmed', 'declined') AND (reply = '' OR replied_at IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE invitations;
