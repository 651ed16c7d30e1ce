package migrate_test

import (
	"io/fs"
	"testing"

	"github.com/pressly/goose/v3"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models/migrate"
)

// TestFeedbackOfBeforeKeepsItsRatingsAndLosesItsNames goes through the migrations that made feedback anonymous, with answers there already.
func TestFeedbackOfBeforeKeepsItsRatingsAndLosesItsNames(t *testing.T) {
	t.Parallel()
	for dialect, x := range map[store.Dialect]struct {
		goose  goose.Dialect
		dir    string
		noKeys string // the rows of this test have no courses
	}{store.SQLite: {goose.DialectSQLite3, "sqlite", "PRAGMA foreign_keys = OFF"}, store.MySQL: {goose.DialectMySQL, "mysql", "SET FOREIGN_KEY_CHECKS = 0"}} {
		t.Run(x.dir, func(t *testing.T) {
			t.Parallel()
			pool, err := testdb.Only(t, dialect, testdb.Empty()).Pools()[0].DB()
			if err != nil {
				t.Fatal(err)
			}
			pool.SetMaxOpenConns(1)
			do := func(sql string) {
				t.Helper()
				if _, err := pool.ExecContext(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			number := func(sql string) (n int64) {
				t.Helper()
				if err := pool.QueryRowContext(t.Context(), sql).Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			files, err := fs.Sub(migrate.Files, x.dir)
			if err != nil {
				t.Fatal(err)
			}
			p, err := goose.NewProvider(x.goose, pool, files)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.UpTo(t.Context(), 239); err != nil {
				t.Fatal(err)
			}
			do(x.noKeys)
			do("INSERT INTO feedback (id, enrolment_id, course_id, rating, comment, created_at, updated_at) VALUES (1, 11, 7, 2, 'a', '2026-01-01', '2026-01-01'), (2, 12, 7, 5, 'b', '2026-01-01', '2026-01-01')")
			do("INSERT INTO trainer_ratings (feedback_id, account_id, rating) VALUES (1, 3, 1), (2, 3, 4), (2, 4, 5)")
			if _, err := p.UpTo(t.Context(), 241); err != nil {
				t.Fatal(err)
			}
			for sql, want := range map[string]int64{
				"SELECT COUNT(*) FROM feedback_given WHERE enrolment_id IN (11, 12)":                                                                      2,
				"SELECT COUNT(*) FROM feedback WHERE course_id = 7 AND organisation IS NULL AND id > 2":                                                   2,
				"SELECT SUM(t.rating * f.content) FROM trainer_ratings t JOIN feedback f ON f.id = t.feedback_id WHERE f.content = 5":                     45,
				"SELECT SUM(t.rating * f.content) FROM trainer_ratings t JOIN feedback f ON f.id = t.feedback_id WHERE f.content = 2 AND f.comment = 'a'": 2,
			} {
				if got := number(sql); got != want {
					t.Errorf("%s: %d, want %d", sql, got, want)
				}
			}
		})
	}
}
