package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/seeds"
)

// demoAllowed keeps the demonstration's known passwords out of production: SQLite and loopback only.
func demoAllowed(db, addr string) error {
	if !strings.HasPrefix(db, string(store.SQLite)+":") {
		return fmt.Errorf("--demo loads accounts with known passwords and so refuses every database but an SQLite file")
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--demo loads accounts with known passwords and so refuses every address but a loopback one")
	}
	return nil
}

// prepareDemo makes the demonstration's database where there is none. It is made under another name, which it loses only when it
// is whole: who is interrupted finds nothing half-made on the next start.
func (p *program) prepareDemo(publicURL string) (err error) {
	path := strings.TrimPrefix(p.cli.DB, string(store.SQLite)+":")
	if path == "" {
		return nil // opening it says what is wrong
	}
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	fmt.Println("loading an invented province; this takes some seconds, once")
	part := path + ".part"
	if err := removeDatabase(part); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeDatabase(part))
		}
	}()
	if err := p.makeDemo(part, publicURL); err != nil {
		if p.ctx.Err() != nil {
			return errors.New("stopped before the province was loaded; nothing of it was kept")
		}
		return err
	}
	if err := flush(part); err != nil {
		return err
	}
	return os.Rename(part, path)
}

// flush waits until a file is on the disk.
func flush(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (p *program) makeDemo(path, publicURL string) (err error) {
	// Three years in some seconds leave much behind: collecting it as thriftily as a server does is a sixth of the time.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	db, err := store.Open(p.ctx, string(store.SQLite)+":"+path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }() // the last to close writes SQLite's log into the file
	// Nobody waits for the disk while the file can be thrown away; it is written out before it takes its name.
	if err := db.Pools()[0].Exec("PRAGMA synchronous = OFF").Error; err != nil {
		return err
	}
	if err := db.Migrate(p.ctx); err != nil {
		return err
	}
	keys, err := p.keys(db)
	if err != nil {
		return err
	}
	if _, err := seeds.Base(p.ctx, db); err != nil {
		return err
	}
	_, err = seeds.Demo(p.ctx, db, keys, publicURL, p.progress("loading"))
	return err
}

func removeDatabase(path string) error {
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// loadDemo makes sure that the open database holds the demonstration, and that there is a session today. A database that was
// there already, empty but for the base data, is filled in its place.
func loadDemo(ctx context.Context, db *store.DB, keys *secret.Keys, publicURL string) error {
	if _, err := seeds.Demo(ctx, db, keys, publicURL, nil); err != nil {
		return err
	}
	// Visitors may have changed whatever the class of today hangs on; that is no reason not to serve.
	if _, err := seeds.DemoToday(ctx, db, keys, publicURL); err != nil {
		slog.Warn("the demonstration's trainer has no session today", "error", err)
	}
	return ctx.Err()
}

// tellDemo prints who may sign in.
func tellDemo(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\n  sign in as\trole\tto see (every password is %s)\n", seeds.DemoPassword)
	for _, a := range seeds.DemoAccounts {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", a.SignIn, a.Role, a.Look)
	}
	fmt.Fprintln(t)
	return t.Flush()
}
