// Package testdb gives tests a database of their own: a file of SQLite, or a fresh database on a private MariaDB server.
//
// The server is the one that TAPHUAN_TEST_MYSQL names (make test starts one for the whole run) or, where that is not set,
// one that the test process starts for itself and that ends with it.
package testdb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"taphuan/app/store"
	"taphuan/internal/testdb/mariadb"
)

// Now is what the clock of a test's database says, unless At says otherwise: 2026-11-24, eight in the morning in Cao Bằng.
var Now = time.Date(2026, 11, 24, 8, 0, 0, 0, time.FixedZone("+07", 7*60*60))

// Fill writes what a template database is to hold after its migrations.
type Fill func(ctx context.Context, db *store.DB) error

// Option changes the database that a test gets.
type Option func(*options)

type options struct {
	now      func() time.Time
	template string
	fill     Fill
}

// With gives databases that already hold what fill writes. It is run once a process and dialect, for the first test that
// asks for the name; the others get copies.
func With(name string, fill Fill) Option {
	return func(o *options) { o.template, o.fill = name, fill }
}

// Empty gives databases without tables, for tests of the migrations themselves.
func Empty() Option { return func(o *options) { o.template = empty } }

// At sets the clock of the database.
func At(now func() time.Time) Option { return func(o *options) { o.now = now } }

const (
	empty    = "-"
	migrated = ""
)

// Each runs f as a subtest on SQLite and on MariaDB, side by side, each with a migrated database of its own.
func Each(t *testing.T, f func(t *testing.T, db *store.DB), opts ...Option) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { f(t, Open(t, url, opts...)) }, opts...)
}

// EachURL is Each for tests that open the database themselves, perhaps several times.
func EachURL(t *testing.T, f func(t *testing.T, url string), opts ...Option) {
	t.Helper()
	for _, d := range []store.Dialect{store.SQLite, store.MySQL} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			f(t, New(t, d, opts...))
		})
	}
}

// Only gives an open database of one dialect, where a test is about that one.
func Only(t testing.TB, d store.Dialect, opts ...Option) *store.DB {
	t.Helper()
	return Open(t, New(t, d, opts...), opts...)
}

// Open opens the database as the application would, but for its clock; it is closed when the test ends.
func Open(t testing.TB, url string, opts ...Option) *store.DB {
	t.Helper()
	db, err := open(t.Context(), url, collect(opts).now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		sameLedger(t, db)
		if err := db.Close(); err != nil {
			t.Error("closing the database:", err)
		}
	})
	return db
}

// New makes a database and gives its URL. It is gone when the test ends.
func New(t testing.TB, d store.Dialect, opts ...Option) string {
	t.Helper()
	o := collect(opts)
	var url string
	var err error
	if d == store.SQLite {
		url, err = newSQLite(filepath.Join(t.TempDir(), "test.db"), o)
	} else {
		url, err = newMariaDB(t, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func collect(opts []Option) options {
	o := options{now: func() time.Time { return Now }}
	for _, f := range opts {
		f(&o)
	}
	return o
}

// open opens a database with the counter of queries in it and without waiting for disks.
func open(ctx context.Context, url string, now func() time.Time) (*store.DB, error) {
	db, err := store.Open(ctx, url, store.WithClock(now))
	if err != nil {
		return nil, err
	}
	c, b := new(counter), new(bypass)
	for _, g := range db.Pools() {
		for _, p := range []gorm.Plugin{c, b} {
			if err := g.Use(p); err != nil {
				return nil, err
			}
		}
	}
	if db.Dialect == store.SQLite {
		if err := db.Pools()[0].Exec("PRAGMA synchronous = OFF").Error; err != nil {
			return nil, err
		}
	}
	return db, nil
}

// templates of one dialect, by name: each is built once, by the first that needs it.
type templates[T any] struct {
	mu    sync.Mutex
	built map[string]func() (T, error)
}

func (ts *templates[T]) get(name string, build func() (T, error)) (T, error) {
	ts.mu.Lock()
	if ts.built == nil {
		ts.built = map[string]func() (T, error){}
	}
	once, ok := ts.built[name]
	if !ok {
		once = sync.OnceValues(build)
		ts.built[name] = once
	}
	ts.mu.Unlock()
	return once()
}

var sqliteTemplates templates[[]byte]

func newSQLite(path string, o options) (string, error) {
	if o.template == empty {
		return "sqlite:" + path, nil
	}
	file, err := sqliteTemplates.get(o.template, func() ([]byte, error) { return buildSQLite(o) })
	if err != nil {
		return "", err
	}
	return "sqlite:" + path, os.WriteFile(path, file, 0o600)
}

func buildSQLite(o options) (file []byte, err error) {
	dir, err := os.MkdirTemp("", "taphuan-template-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := os.RemoveAll(dir); e != nil && err == nil {
			err = e
		}
	}()
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite:"+path, o); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// migrate makes a template. Closing the last connection writes SQLite's log into its file.
func migrate(url string, o options) error {
	ctx := context.Background()
	db, err := open(ctx, url, o.now)
	if err != nil {
		return err
	}
	err = db.Migrate(ctx)
	if err == nil && o.fill != nil {
		err = o.fill(ctx, db)
	}
	if e := db.Close(); err == nil {
		err = e
	}
	return err
}

// server gives the URL of the server, and starts it where there is none.
var server = sync.OnceValues(func() (string, error) {
	if url := os.Getenv("TAPHUAN_TEST_MYSQL"); url != "" {
		return strings.TrimSuffix(url, "/") + "/", nil
	}
	s, err := mariadb.Start(context.Background(), mariadb.Options{})
	if err != nil {
		return "", err
	}
	return s.URL, nil
})

var databases atomic.Int64

// name is new on the server for as long as processes have different numbers.
func name() string { return fmt.Sprintf("test_%d_%d", os.Getpid(), databases.Add(1)) }
