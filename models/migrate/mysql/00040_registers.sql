-- +goose Up
CREATE TABLE registers (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  issuer_id BIGINT UNSIGNED NOT NULL,
  year INT NOT NULL,
  symbol VARCHAR(60) NOT NULL,
  next_number INT NOT NULL DEFAULT 1,
  created_at DATETIME(6) NOT NULL,
  CONSTRAINT fk_registers_issuer_id FOREIGN KEY (issuer_id) REFERENCES organisations (id),
  UNIQUE KEY uq_registers_issuer_id_year (issuer_id, year),
  UNIQUE KEY uq_registers_symbol_year (symbol, year)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE registers;
