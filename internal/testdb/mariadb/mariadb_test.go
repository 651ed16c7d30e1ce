package mariadb_test

import (
	"context"
	"database/sql"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"taphuan/internal/testdb/mariadb"
)

// The owner's part of the tests below: this same binary, started again, that starts a server, says where, and waits.
func TestMain(m *testing.M) {
	if os.Getenv("MARIADB_TEST_OWNER") == "" {
		os.Exit(m.Run())
	}
	s, err := mariadb.Start(context.Background(), mariadb.Options{})
	if err != nil {
		panic(err)
	}
	if _, err := os.Stdout.WriteString(s.URL + "\n"); err != nil {
		panic(err)
	}
	select {}
}

func TestTheServerEndsWithItsFolderWhenStopped(t *testing.T) {
	tmp := privateTemp(t)
	t.Setenv("TMPDIR", tmp)
	s, err := mariadb.Start(t.Context(), mariadb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cred, addr := parts(s.URL)
	db, err := sql.Open("mysql", cred+"@tcp("+addr+")/")
	if err != nil {
		t.Fatal(err)
	}
	var users int
	if err := db.QueryRow("SELECT COUNT(*) FROM mysql.user WHERE Host <> 'localhost' AND User <> 'PUBLIC'").Scan(&users); err != nil || users != 1 {
		t.Errorf("%d accounts can come over the network, %v; want 1", users, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := gone(tmp, addr); err != "" {
		t.Error(err)
	}
}

func TestTheServerEndsWithItsFolderWhenItsOwnerIsKilled(t *testing.T) {
	tmp := privateTemp(t)
	owner := exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), "MARIADB_TEST_OWNER=1", "TMPDIR="+tmp)
	owner.Stderr = os.Stderr
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 200)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	_, addr := parts(strings.TrimSpace(string(buf[:n])))
	if err := owner.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := owner.Wait(); err == nil {
		t.Error("the owner was not killed")
	}
	for wait := time.Millisecond; gone(tmp, addr) != ""; wait *= 2 {
		if wait > time.Minute {
			t.Fatal(gone(tmp, addr))
		}
		time.Sleep(wait)
	}
}

// privateTemp is a temporary folder that the server's user may enter.
func privateTemp(t *testing.T) string {
	t.Helper()
	tmp, err := os.MkdirTemp("", "taphuan-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(tmp); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(tmp, 0o755); err != nil {
		t.Fatal(err)
	}
	return tmp
}

func parts(url string) (cred, addr string) {
	cred, addr, _ = strings.Cut(strings.TrimSuffix(strings.TrimPrefix(url, "mysql://"), "/"), "@")
	return cred, addr
}

// gone says what is left of a server, "" if nothing is.
func gone(tmp, addr string) string {
	if c, err := net.Dial("tcp", addr); err == nil {
		return "the server still answers: " + errText(c.Close())
	}
	left, err := filepath.Glob(filepath.Join(tmp, "taphuan-mariadb-*"))
	if err != nil || len(left) > 0 {
		return "left behind: " + strings.Join(left, " ") + errText(err)
	}
	return ""
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
