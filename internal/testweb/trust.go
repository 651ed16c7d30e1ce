package testweb

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

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
