package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"taphuan/app/store"
)

// now is the clock of all databases here, so that every run sees the same day.
var now = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

// env is what benchmarks share: the server.
type env struct {
	base  string // mysql://USER:PASSWORD@HOST:PORT/
	admin *sql.DB
	count int

	countries map[int]*country // by size
}

func newEnv(ctx context.Context) (*env, error) {
	e := &env{base: strings.TrimSuffix(os.Getenv("TAPHUAN_TEST_MYSQL"), "/") + "/"}
	u, err := url.Parse(e.base)
	if err != nil || u.Scheme != "mysql" {
		return nil, errors.New("TAPHUAN_TEST_MYSQL is to be mysql://USER:PASSWORD@HOST:PORT/ of a server without data to lose: run make bench")
	}
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr = u.User.Username(), "tcp", u.Host
	cfg.Passwd, _ = u.User.Password()
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	e.admin = sql.OpenDB(c)
	var version, flush string
	if err := e.admin.QueryRowContext(ctx, "SELECT VERSION(), @@innodb_flush_log_at_trx_commit").Scan(&version, &flush); err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s, %d cores; database %s, innodb_flush_log_at_trx_commit=%s\n", runtime.Version(), runtime.GOMAXPROCS(0), version, flush)
	fmt.Fprintln(os.Stderr, "name size ours yardstick ratio")
	return e, nil
}

// database makes a migrated database on the server; end closes and drops it.
func (e *env) database(ctx context.Context) (_ *store.DB, end func() error, err error) {
	e.count++
	name := fmt.Sprintf("bench_%d_%d", os.Getpid(), e.count)
	if _, err := e.admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return nil, nil, err
	}
	drop := func() error {
		_, err := e.admin.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name)
		return err
	}
	db, err := store.Open(ctx, e.base+name, store.WithClock(func() time.Time { return now }))
	if err != nil {
		return nil, nil, errors.Join(err, drop())
	}
	closeAndDrop := func() error { return errors.Join(db.Close(), drop()) }
	if err := db.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, closeAndDrop())
	}
	return db, closeAndDrop, nil
}

// embedded makes a migrated database of SQLite; end closes and removes it.
func embedded(ctx context.Context) (_ *store.DB, end func() error, err error) {
	dir, err := os.MkdirTemp("", "taphuan-bench-")
	if err != nil {
		return nil, nil, err
	}
	drop := func() error { return os.RemoveAll(dir) }
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "bench.db"), store.WithClock(func() time.Time { return now }))
	if err != nil {
		return nil, nil, errors.Join(err, drop())
	}
	closeAndDrop := func() error { return errors.Join(db.Close(), drop()) }
	if err := db.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, closeAndDrop())
	}
	return db, closeAndDrop, nil
}
