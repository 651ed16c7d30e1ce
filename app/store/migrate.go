package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pressly/goose/v3"

	"taphuan/models/migrate"
)

// Migrate brings the schema to the newest version. Processes that start at once take turns; an up-to-date database costs one query.
func (db *DB) Migrate(ctx context.Context) (err error) {
	pool, err := db.write.DB()
	if err != nil {
		return err
	}
	p, err := db.provider(pool)
	if err != nil {
		return err
	}
	if db.Dialect == MySQL {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		var got sql.NullInt64
		if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(CONCAT('taphuan-migrate-', DATABASE()), 300)").Scan(&got); err != nil {
			return err
		}
		if got.Int64 != 1 {
			return fmt.Errorf("another process has been migrating for five minutes")
		}
		defer func() {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT RELEASE_LOCK(CONCAT('taphuan-migrate-', DATABASE()))") // freed with the connection anyway
		}()
	}
	if pending, err := p.HasPending(ctx); err != nil || !pending {
		return err
	}
	if db.Dialect == SQLite {
		free, err := lockFolder(filepath.Dir(db.path))
		if err != nil {
			return err
		}
		defer func() {
			if e := free(); e != nil && err == nil {
				err = e
			}
		}()
		if pending, err := p.HasPending(ctx); err != nil || !pending {
			return err
		}
		// A rebuilt table must not cascade: foreign keys are off while migrating and checked afterwards.
		// The pool has one connection, so the setting holds for what follows.
		if _, err := pool.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
			return err
		}
		defer func() {
			if _, e := pool.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = ON"); e != nil && err == nil {
				err = e
			}
		}()
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	if db.Dialect == SQLite {
		var broken int
		if err := pool.QueryRowContext(ctx, "SELECT COUNT(*) FROM pragma_foreign_key_check").Scan(&broken); err != nil {
			return err
		}
		if broken > 0 {
			return fmt.Errorf("migrating left %d rows whose parent is missing", broken)
		}
	}
	return nil
}

// lockFolder waits until no other process has the folder locked. The database file itself must not be the lock: closing any
// handle on it would free SQLite's own locks.
func lockFolder(dir string) (free func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("waiting for another process to migrate: %w", err), f.Close())
	}
	return f.Close, nil
}

func (db *DB) provider(pool *sql.DB) (*goose.Provider, error) {
	dialect, dir := goose.DialectSQLite3, "sqlite"
	if db.Dialect == MySQL {
		dialect, dir = goose.DialectMySQL, "mysql"
	}
	files, err := fs.Sub(migrate.Files, dir)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, pool, files)
}
