package migrate_test

import (
	"database/sql"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/glebarez/sqlite"
	"github.com/pressly/goose/v3"
	"gorm.io/gorm"

	"taphuan/models/migrate"
)

// TestACheckThatSQLiteChangesInPlaceIsSound goes through the migrations that rewrite a CHECK in the schema's own text, with a row there
// already: the file stays sound, other connections learn of it, and the new words are taken and no others.
func TestACheckThatSQLiteChangesInPlaceIsSound(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	pool, other := open(t, path), open(t, path)
	files, err := fs.Sub(migrate.Files, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, pool, files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 147); err != nil {
		t.Fatal(err)
	}
	enrol := func(db *sql.DB, source string) error {
		_, err := db.ExecContext(t.Context(), "INSERT INTO enrolments (course_id, cadre_id, state, source, created_at, updated_at)"+
			" SELECT 1, COALESCE(MAX(cadre_id), 0) + 1, 'enrolled', ?, '2026-01-01', '2026-01-01' FROM enrolments", source)
		return err
	}
	if err := enrol(pool, "coordinator"); err != nil {
		t.Fatal(err)
	}
	if err := enrol(other, "substitute"); err == nil {
		t.Error("a substitute before there were any")
	}
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, db := range []*sql.DB{pool, other, open(t, path)} {
		for _, source := range []string{"coordinator", "nomination", "substitute", "import"} {
			if err := enrol(db, source); err != nil {
				t.Errorf("%s: %v", source, err)
			}
		}
		if err := enrol(db, "somebody"); err == nil {
			t.Error("a word that is none was taken")
		}
		var sound string
		if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
			t.Errorf("%s, %v", sound, err)
		}
	}
}

func open(t *testing.T, path string) *sql.DB {
	t.Helper()
	g, err := gorm.Open(sqlite.Open("file:"+path+"?_pragma=journal_mode(WAL)"), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := g.DB()
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
