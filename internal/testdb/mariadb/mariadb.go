// Package mariadb runs a private MariaDB server in a temporary folder, for tests and benchmarks only.
//
// The server listens on loopback with a random password, belongs to nobody else, and is gone with its folder when its owner
// stops it or dies, however that happens: a watching shell holds the reading end of a pipe from the owner, and the end of
// that pipe is the end of the server.
package mariadb

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Options choose how the server treats what is written to it.
type Options struct {
	// Durable keeps MariaDB's own defaults, a flush to disk at every commit, as benchmarks need them. Tests leave it off.
	Durable bool
}

// Server is a running private server.
type Server struct {
	// URL is mysql://USER:PASSWORD@HOST:PORT/ ; a database's name is to be added.
	URL string

	watcher *exec.Cmd
	owner   io.Closer
	said    *bytes.Buffer
	ended   chan error
}

// startTimeout bounds how long a server may take to answer; a slow disk needs seconds, and a busy machine more.
const startTimeout = 5 * time.Minute

const account = "taphuan"

//go:embed watch.sh
var watch string

// Start makes a new data folder and a server on it, and returns when the server answers. It fails when the programs of
// MariaDB are not installed.
func Start(ctx context.Context, opt Options) (*Server, error) {
	install, err := find("mariadb-install-db", "mysql_install_db")
	if err != nil {
		return nil, err
	}
	daemon, err := find("mariadbd", "mysqld")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "taphuan-mariadb-")
	if err != nil {
		return nil, err
	}
	asUser, err := handOver(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	args := append([]string{"--no-defaults"}, asUser...)
	args = append(args, "--datadir="+filepath.Join(dir, "data"), "--tmpdir="+dir, "--auth-root-authentication-method=normal", "--skip-test-db")
	if out, err := exec.CommandContext(ctx, install, args...).CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w\n%s", install, err, out), os.RemoveAll(dir))
	}
	password := rand.Text()
	if err := writeInit(dir, password); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	// A free port can be taken by another between the asking and the starting: then the server ends at once, and the next try asks again.
	for try := 1; ; try++ {
		s, err := launch(ctx, daemon, dir, asUser, password, opt)
		if err == nil {
			return s, nil
		}
		if try == 3 || ctx.Err() != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
}

// Stop ends the server and removes its folder. Nothing written to it survives.
func (s *Server) Stop() error {
	if err := s.owner.Close(); err != nil {
		return err
	}
	return <-s.ended
}

func launch(ctx context.Context, daemon, dir string, asUser []string, password string, opt Options) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	args := []string{"-c", watch, "watch", dir, daemon, "--no-defaults"}
	args = append(args, asUser...)
	args = append(args,
		"--datadir="+filepath.Join(dir, "data"), "--tmpdir="+dir, "--socket="+filepath.Join(dir, "socket"), "--pid-file="+filepath.Join(dir, "pid"),
		"--init-file="+filepath.Join(dir, "init.sql"), "--bind-address=127.0.0.1", "--port="+strconv.Itoa(port),
		"--skip-name-resolve", "--performance-schema=0", "--skip-log-bin", "--max-connections=1000",
		"--character-set-server=utf8mb4", "--max-allowed-packet=64M", "--innodb-buffer-pool-size=256M")
	if !opt.Durable {
		// A fresh database for each test is mostly CREATE TABLE: one tablespace for all, no statistics kept beside each index and
		// nothing waited for make that five times as fast.
		args = append(args, "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0",
			"--sync-frm=0", "--loose-debug-no-sync", "--loose-innodb-file-per-table=0", "--innodb-stats-persistent=0")
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL:     fmt.Sprintf("mysql://%s:%s@127.0.0.1:%d/", account, password, port),
		watcher: exec.Command("/bin/sh", args...),
		owner:   w, said: new(bytes.Buffer), ended: make(chan error, 1),
	}
	s.watcher.Dir = "/"
	s.watcher.Stdin = r
	s.watcher.Stderr = s.said
	s.watcher.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := s.watcher.Start(); err != nil {
		return nil, errors.Join(err, r.Close(), w.Close())
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	died := make(chan struct{})
	go func() {
		s.ended <- s.watcher.Wait()
		close(died)
	}()
	return s, s.answers(ctx, port, password, died)
}

func (s *Server) answers(ctx context.Context, port int, password string, died <-chan struct{}) error {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr = account, password, "tcp", fmt.Sprintf("127.0.0.1:%d", port)
	cfg.Logger = &mysql.NopLogger{}
	db, err := sql.Open("mysql", cfg.FormatDSN())
	if err != nil {
		return errors.Join(err, s.Stop())
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		last := db.PingContext(ctx)
		if last == nil {
			return nil
		}
		select {
		case <-died:
			return fmt.Errorf("the private MariaDB server ended at once: %s", strings.TrimSpace(s.said.String()))
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the private MariaDB server does not answer: %w", last), s.Stop())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// handOver lets the server's user own dir when we are root, since MariaDB refuses to run as root of its own accord, and
// says which user that is as an option of the server.
func handOver(dir string) ([]string, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"mysql", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(u.Uid)
		if err != nil {
			return nil, err
		}
		if err := os.Chown(dir, uid, -1); err != nil {
			return nil, err
		}
		return []string{"--user=" + name}, nil
	}
	return []string{"--user=root"}, nil
}

// writeInit leaves one account with a password and no other way in over the network.
func writeInit(dir, password string) error {
	sql := "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';\nFLUSH PRIVILEGES;\n" +
		"CREATE USER IF NOT EXISTS '" + account + "'@'127.0.0.1' IDENTIFIED BY '" + password + "';\n" +
		"GRANT ALL PRIVILEGES ON *.* TO '" + account + "'@'127.0.0.1' WITH GRANT OPTION;\n"
	path := filepath.Join(dir, "init.sql")
	if err := os.WriteFile(path, []byte(sql), 0o600); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return nil
	}
	fi, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return os.Chown(path, int(fi.Sys().(*syscall.Stat_t).Uid), -1)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// find looks for a program on the path and where Debian keeps those that ordinary users do not have on theirs.
func find(names ...string) (string, error) {
	for _, name := range names {
		if p, err := exec.LookPath(name); err == nil {
			return p, nil
		}
		for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/libexec"} {
			if p, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return p, nil
			}
		}
	}
	return "", fmt.Errorf("%s is not installed: scripts/test-deps names the Debian packages that tests need", names[0])
}
