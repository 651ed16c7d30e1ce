package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// asCommand says to a test's process that it is to be the command itself.
const asCommand = "TAPHUAN_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	return cmd
}

func runs(t *testing.T, args ...string) string {
	t.Helper()
	out, err := command(t.Context(), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v %s", args, err, out)
	}
	return string(out)
}

// TestARenewedCertificateIsServedWithoutARestart starts the command as an office does, from what tls init prints, and renews.
func TestARenewedCertificateIsServedWithoutARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := filepath.Join(dir, "tls")
	said := runs(t, "tls", "init", "127.0.0.1", "--dir", folder)
	printed := regexp.MustCompile(`taphuan (serve --addr 0\.0\.0\.0:443 --http-addr 0\.0\.0\.0:80 --tls-cert \S+ --tls-key \S+)\n`).FindStringSubmatch(said)
	if printed == nil || !strings.Contains(said, "http://127.0.0.1/install") {
		t.Fatal(said)
	}
	args := strings.Fields(strings.NewReplacer("0.0.0.0:443", "127.0.0.1:0", "0.0.0.0:80", "127.0.0.1:0").Replace(printed[1]))
	cmd := command(context.Background(), append(args, "--db", "sqlite:"+filepath.Join(dir, "t.db"))...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
			t.Error(err)
		}
	}()
	lines := bufio.NewReader(out)
	secure, plain := addressIn(t, lines), strings.TrimSuffix(addressIn(t, lines), "/install")

	b, err := os.ReadFile(filepath.Join(folder, "authority.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(b)
	serial := func() string {
		t.Helper()
		c := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
		defer c.CloseIdleConnections()
		res, err := c.Get(secure + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 {
			t.Errorf("%d %s", res.StatusCode, res.Proto)
		}
		return res.TLS.PeerCertificates[0].SerialNumber.String()
	}
	first := serial()
	if said := runs(t, "tls", "init", "--dir", folder); !strings.Contains(said, "within seconds") || strings.Contains(said, "(new)") {
		t.Error(said)
	}
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for l := bufio.NewReader(log); ; {
		line, err := l.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(line, "the changed certificate is served") {
			go io.Copy(io.Discard, l)
			break
		}
	}
	if second := serial(); second == first {
		t.Error("the former certificate is still served")
	}
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Get(plain + "/sign-in")
	if err != nil || res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != secure+"/sign-in" {
		t.Error(res, err)
	}
	res.Body.Close()
}

// addressIn gives the next address that the command prints.
func addressIn(t *testing.T, lines *bufio.Reader) string {
	t.Helper()
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if a := regexp.MustCompile(`https?://\S+`).FindString(line); a != "" {
			return a
		}
	}
}

func TestServingIsRefusedInPlainWordsWhereTheCertificateCannotBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	own, other := filepath.Join(dir, "own"), filepath.Join(dir, "other")
	runs(t, "tls", "init", "10.0.0.7", "--dir", own)
	runs(t, "tls", "init", "10.0.0.7", "--dir", other)
	cert, key := filepath.Join(own, "server.crt"), filepath.Join(own, "server.key")
	db := "sqlite:" + filepath.Join(dir, "never.db")
	for _, x := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"serve", "--tls-cert", cert}, exitFailed, "belong together"},
		{[]string{"serve", "--tls-key", key}, exitFailed, "belong together"},
		{[]string{"serve", "--http-addr", "127.0.0.1:0"}, exitFailed, "needs --tls-cert"},
		{[]string{"serve", "--tls-cert", cert, "--tls-key", filepath.Join(other, "server.key")}, exitFailed, "do not belong together"},
		{[]string{"serve", "--tls-cert", filepath.Join(dir, "none"), "--tls-key", key}, exitFailed, "no such file"},
		{[]string{"serve", "--trusted-proxy", "proxy.vn"}, exitFailed, "neither an address nor a range"},
		{[]string{"serve", "--demo", "--http-addr", "0.0.0.0:0", "--tls-cert", cert, "--tls-key", key}, exitFailed, "known passwords"},
		{[]string{"tls", "init", "https://10.0.0.7", "--dir", own}, exitRefused, "host_invalid"},
		{[]string{"tls", "init", "10.0.0.8", "--dir", own}, exitRefused, "authority_other_hosts"},
		{[]string{"tls", "init", "--dir", filepath.Join(dir, "new")}, exitRefused, "host_missing"},
	} {
		out, err := command(t.Context(), append(x.args, "--db", db)...).CombinedOutput()
		var e *exec.ExitError
		if !errors.As(err, &e) || e.ExitCode() != x.status || !strings.Contains(string(out), x.want) {
			t.Errorf("%v: %v %s", x.args, err, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "never.db")); err == nil {
		t.Error("what was refused touched the database")
	}
}

func TestTheCommandToServeAnAddressOfIPv6ListensThere(t *testing.T) {
	t.Parallel()
	said := runs(t, "tls", "init", "2001:db8::7", "10.0.0.7", "--dir", t.TempDir())
	for _, want := range []string{"serve --addr [::]:443 --http-addr [::]:80 ", "http://[2001:db8::7]/install", "certificate   2001:db8::7, 10.0.0.7, until "} {
		if !strings.Contains(said, want) {
			t.Errorf("lacks %q:\n%s", want, said)
		}
	}
}

func TestHelpIsACommandToo(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"serve"}, {"tls", "init"}} {
		if got, want := runs(t, append([]string{"help"}, args...)...), runs(t, append(args, "--help")...); got != want || !strings.HasPrefix(got, "Usage: taphuan") {
			t.Errorf("help %q says\n%s", args, got)
		}
	}
}
