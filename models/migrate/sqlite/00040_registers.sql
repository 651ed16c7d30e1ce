-- +goose Up
CREATE TABLE registers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issuer_id INTEGER NOT NULL,
  year INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  next_number INTEGER NOT NULL DEFAULT 1,
  created_at DATETIME NOT NULL,
  CONSTRAINT fk_registers_issuer_id FOREIGN KEY (issuer_id) REFERENCES organisations (id)
);
CREATE UNIQUE INDEX uq_registers_issuer_id_year ON registers (issuer_id, year);
CREATE UNIQUE INDEX uq_registers_symbol_year ON registers (symbol, year);

-- +goose Down
DROP TABLE registers;
