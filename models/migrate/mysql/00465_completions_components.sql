-- +goose Up
-- What a completion brings stands in it, a bit for each component (models.Components: update 1, training 2), and in the index that says whether it counts.
ALTER TABLE completions ADD COLUMN components TINYINT UNSIGNED NOT NULL DEFAULT 0 AFTER effective_day;
UPDATE completions SET components = 1 * EXISTS (SELECT 1 FROM completion_components cc WHERE cc.completion_id = completions.id AND cc.component = 'update') + 2 * EXISTS (SELECT 1 FROM completion_components cc WHERE cc.completion_id = completions.id AND cc.component = 'training');
ALTER TABLE completions ADD INDEX ix_completions_counting (cadre_id, effective_day, voided_at, components, course_id, recognition_id), DROP INDEX ix_completions_cadre_id_effective_day_voided_at_course_id;
DROP TABLE completion_components;

-- +goose Down
CREATE TABLE completion_components (
  completion_id BIGINT UNSIGNED NOT NULL,
  component VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  CONSTRAINT fk_completion_components_completion_id FOREIGN KEY (completion_id) REFERENCES completions (id) ON DELETE CASCADE,
  PRIMARY KEY (completion_id, component)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT INTO completion_components (completion_id, component) SELECT id, 'update' FROM completions WHERE components & 1 <> 0 UNION ALL SELECT id, 'training' FROM completions WHERE components & 2 <> 0;
ALTER TABLE completions ADD INDEX ix_completions_cadre_id_effective_day_voided_at_course_id (cadre_id, effective_day, voided_at, course_id), DROP INDEX ix_completions_counting, DROP COLUMN components;
