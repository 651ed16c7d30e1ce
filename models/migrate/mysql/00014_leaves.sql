-- +goose Up
CREATE TABLE leaves (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  posting_id BIGINT UNSIGNED NOT NULL,
  kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_leaves_posting_id FOREIGN KEY (posting_id) REFERENCES postings (id) ON DELETE CASCADE,
  CONSTRAINT ck_leaves_kind CHECK (kind IN ('maternity', 'sick', 'secondment', 'study')),
  CONSTRAINT ck_leaves_lifetime CHECK (from_day < to_day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE leaves;
