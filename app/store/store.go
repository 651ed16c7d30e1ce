// Package store opens the database (embedded SQLite, or MariaDB/MySQL) and holds the one helper through which everything is written.
package store

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	sqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Dialect names the database engine.
type Dialect string

// The dialects.
const (
	SQLite Dialect = "sqlite"
	MySQL  Dialect = "mysql"
)

// DB is an open database. On SQLite one connection writes and a pool reads; on MariaDB both are one pool.
type DB struct {
	Dialect Dialect
	Now     func() time.Time // the clock, passed in for tests

	read  *gorm.DB
	write *gorm.DB
	path  string // of the SQLite file
}

// Option changes how Open opens.
type Option func(*DB)

// WithClock sets the clock.
func WithClock(now func() time.Time) Option { return func(db *DB) { db.Now = now } }

// Open opens the database that a URL names: `sqlite:PATH` or `mysql://USER:PASSWORD@HOST:PORT/NAME`.
// It refuses other URLs. It does not migrate.
func Open(ctx context.Context, rawURL string, opts ...Option) (*DB, error) {
	db := &DB{Now: time.Now}
	for _, o := range opts {
		o(db)
	}
	var err error
	switch {
	case strings.HasPrefix(rawURL, "sqlite:"):
		db.Dialect = SQLite
		err = db.openSQLite(strings.TrimPrefix(rawURL, "sqlite:"))
	case strings.HasPrefix(rawURL, "mysql://"):
		db.Dialect = MySQL
		err = db.openMySQL(rawURL)
	default:
		return nil, fmt.Errorf("database must be sqlite:PATH or mysql://USER:PASSWORD@HOST:PORT/NAME")
	}
	if err != nil {
		return nil, err
	}
	sql, err := db.write.DB()
	if err != nil {
		return nil, err
	}
	if err := sql.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("cannot reach the %s database: %w", db.Dialect, err)
	}
	return db, nil
}

func (db *DB) config() *gorm.Config {
	return &gorm.Config{
		TranslateError:         true,
		SkipDefaultTransaction: true,
		NowFunc:                func() time.Time { return db.Time() },
		// Errors are returned and logged where they end, without values: those are people's data and session tokens.
		Logger: logger.Discard,
	}
}

func (db *DB) openSQLite(path string) error {
	if path == "" {
		return fmt.Errorf("sqlite: needs a path, such as sqlite:data/taphuan.db")
	}
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	// The file holds people's data: made here, nobody else on the machine may read it. SQLite gives its other files the same mode.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("cannot open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	db.path = path
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-32000)"
	w, err := gorm.Open(sqlite.Open(dsn), db.config())
	if err != nil {
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	ws, err := w.DB()
	if err != nil {
		return err
	}
	ws.SetMaxOpenConns(1)
	r, err := gorm.Open(sqlite.Open(dsn+"&_pragma=query_only(1)"), db.config())
	if err != nil {
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	rs, err := r.DB()
	if err != nil {
		return err
	}
	rs.SetMaxOpenConns(8)
	rs.SetMaxIdleConns(8)
	db.write, db.read = w, r
	return nil
}

func (db *DB) openMySQL(rawURL string) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		return fmt.Errorf("not a database URL (want mysql://USER:PASSWORD@HOST:PORT/NAME)") // the parse error would show the password
	}
	name := strings.Trim(u.Path, "/")
	if u.Host == "" || name == "" {
		return fmt.Errorf("not a database URL (want mysql://USER:PASSWORD@HOST:PORT/NAME)")
	}
	host := u.Host
	if u.Port() == "" {
		host += ":3306"
	}
	c := sqldriver.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.Net, c.Addr, c.DBName = "tcp", host, name
	c.ParseTime, c.Loc = true, time.UTC
	c.InterpolateParams = true
	c.MultiStatements = u.Query().Get("multi") == "1"
	c.Collation = "utf8mb4_bin"
	c.Params = map[string]string{"time_zone": "'+00:00'", "sql_mode": "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'"}
	g, err := gorm.Open(mysql.New(mysql.Config{DSNConfig: c}), db.config())
	if err != nil {
		return fmt.Errorf("cannot open the mysql database %s at %s: %w", name, host, err)
	}
	s, err := g.DB()
	if err != nil {
		return err
	}
	s.SetMaxOpenConns(48)
	s.SetMaxIdleConns(24)
	s.SetConnMaxLifetime(30 * time.Minute)
	db.write, db.read = g, g
	return nil
}

// Time is the present instant as the database keeps it: UTC, whole microseconds.
func (db *DB) Time() time.Time { return db.Now().UTC().Truncate(time.Microsecond) }

// Read gives a session for queries; on SQLite it cannot write.
func (db *DB) Read(ctx context.Context) *gorm.DB { return db.read.WithContext(ctx) }

// Pools gives the pools of connections, the writing one first; plug-ins and metrics attach to them.
func (db *DB) Pools() []*gorm.DB {
	if db.read == db.write {
		return []*gorm.DB{db.write}
	}
	return []*gorm.DB{db.write, db.read}
}

// InOrder is the JOIN that takes the table on its left first, whatever the planner reckons: for a list that is to walk an index in
// its order and to stop after a page.
func (d Dialect) InOrder() string {
	if d == MySQL {
		return "STRAIGHT_JOIN"
	}
	return "CROSS JOIN"
}

// Index names the index by which a table is to be read, whatever the planner reckons; it stands behind the table. "" is the table itself.
func (d Dialect) Index(name string) string {
	switch {
	case name == "" && d == MySQL:
		return "FORCE INDEX (PRIMARY)"
	case name == "":
		return "NOT INDEXED"
	case d == MySQL:
		return "FORCE INDEX (" + name + ")"
	}
	return "INDEXED BY " + name
}

// Analyse lets SQLite look at a part of its tables, for how many rows an index finds: without that it guesses which one to take. It does nothing
// where little has changed since the last time. MariaDB does so by itself.
func (db *DB) Analyse(ctx context.Context) error {
	if db.Dialect != SQLite {
		return nil
	}
	return db.write.WithContext(ctx).Exec("PRAGMA optimize = 0x10012").Error
}

// Path is the SQLite file, "" on MariaDB.
func (db *DB) Path() string { return db.path }

// Close closes all connections.
func (db *DB) Close() error {
	var first error
	for _, g := range db.Pools() {
		s, err := g.DB()
		if err == nil {
			err = s.Close()
		}
		if err != nil && first == nil {
			first = err
		}
	}
	return first
}
