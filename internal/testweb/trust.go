package testweb

import (
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"taphuan/app/authority"
	"taphuan/app/store"
	"taphuan/handlers"
)

// ServeSecure serves the application as the command serve does with certificate files and a plain address beside: the site's URL is the
// one with TLS, plain the other. Both are on the host, a name or an address, at loopback ports.
func ServeSecure(t testing.TB, db *store.DB, files *authority.Files, host string) (site *Site, plain string) {
	t.Helper()
	var doors []net.Listener
	var urls []string
	for _, scheme := range []string{"https://", "http://"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		doors, urls = append(doors, l), append(urls, scheme+net.JoinHostPort(host, port(l)))
	}
	h := work(t, db, func(d *handlers.Deps) {
		d.TLS, d.Ports = files, handlers.Ports{HTTPS: port(doors[0]), HTTP: port(doors[1])}
	})
	for i, s := range []*http.Server{{Handler: h, TLSConfig: files.Config()}, {Handler: h.Plain()}} {
		s.ErrorLog = log.New(io.Discard, "", 0) // who does not trust the certificate hangs up
		t.Cleanup(func() { _ = s.Close() })
		go func() {
			if i == 0 {
				_ = s.ServeTLS(doors[i], "", "")
			} else {
				_ = s.Serve(doors[i])
			}
		}()
	}
	return &Site{URL: urls[0], DB: db, Keys: h.Keys, Server: h}, urls[1]
}

func port(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }

// BrowseTrusting opens a window of a browser of its own, on whose machine the authority of a PEM file is installed; with "" it is a
// browser that does not trust the site, and says so in its log. The host, a name or an address, leads to this machine. The site may
// be asked under both addresses, with TLS and without.
func BrowseTrusting(t testing.TB, base, besides, host, authority string) *Tab {
	t.Helper()
	home := t.TempDir()
	if authority != "" {
		store := filepath.Join(home, ".pki", "nssdb")
		if err := os.MkdirAll(store, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"-N", "--empty-password"}, {"-A", "-n", "taphuan", "-t", "C,,", "-i", authority}} {
			if out, err := exec.Command("certutil", append([]string{"-d", "sql:" + store}, args...)...).CombinedOutput(); err != nil {
				t.Fatalf("certutil (scripts/test-deps names its package): %v %s", err, out)
			}
		}
	}
	p := &process{env: []string{"HOME=" + home}, hosts: "MAP " + host + " 127.0.0.1, "}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	b := p.browse(t, base)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.besides, b.distrust = besides, authority == ""
	return b
}
