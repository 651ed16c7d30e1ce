-- +goose Up
CREATE TABLE leaves (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  posting_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  CONSTRAINT fk_leaves_posting_id FOREIGN KEY (posting_id) REFERENCES postings (id) ON DELETE CASCADE,
  CONSTRAINT ck_leaves_kind CHECK (kind IN ('maternity', 'sick', 'secondment', 'study')),
  CONSTRAINT ck_leaves_lifetime CHECK (from_day < to_day)
);
CREATE INDEX ix_leaves_posting_id ON leaves (posting_id);

-- +goose Down
DROP TABLE leaves;
