package authority_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"taphuan/app/authority"
	"taphuan/app/errs"
)

var now = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

func initialise(t *testing.T, dir string, at time.Time, hosts ...string) authority.Made {
	t.Helper()
	made, err := authority.Init(dir, hosts, false, at)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhoTrustsOnlyTheAuthorityReachesTheServerByAddressAndByName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := initialise(t, dir, time.Now(), "127.0.0.1", "taphuan.caobang.gov.vn")
	files, err := authority.Open(filepath.Join(dir, authority.ServerCert), filepath.Join(dir, authority.ServerKey), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{TLSConfig: files.Config(), ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})}
	go s.ServeTLS(l, "", "")
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(made.Root)
	for _, x := range []struct {
		name string
		conf *tls.Config
		ok   bool
	}{
		{"by address", &tls.Config{RootCAs: pool}, true},
		{"by name", &tls.Config{RootCAs: pool, ServerName: "taphuan.caobang.gov.vn"}, true},
		{"by another name", &tls.Config{RootCAs: pool, ServerName: "caobang.gov.vn"}, false},
		{"without the authority", &tls.Config{RootCAs: x509.NewCertPool()}, false},
		{"TLS 1.2", &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS12}, true},
		{"TLS 1.1", &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS11, MaxVersion: tls.VersionTLS11}, false},
	} {
		c := http.Client{Transport: &http.Transport{TLSClientConfig: x.conf, ForceAttemptHTTP2: true}}
		res, err := c.Get("https://" + l.Addr().String())
		if (err == nil) != x.ok {
			t.Errorf("%s: %v", x.name, err)
		}
		if err != nil {
			continue
		}
		if res.ProtoMajor != 2 || len(res.TLS.PeerCertificates) != 1 {
			t.Errorf("%s: %s, %d certificates sent", x.name, res.Proto, len(res.TLS.PeerCertificates))
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		c.CloseIdleConnections()
	}
}

func TestOpenSSLTakesTheCertificateForItsHostsAndNoOthers(t *testing.T) {
	t.Parallel()
	for _, hosts := range [][]string{{"10.0.0.7"}, {"taphuan.vn"}, {"fd00::7"}, {"taphuan.vn", "10.0.0.7", "fd00::7", "tậphuấn.vn"}} {
		dir := t.TempDir()
		initialise(t, dir, time.Now(), hosts...)
		verify := func(args ...string) error {
			args = append([]string{"verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", filepath.Join(dir, authority.AuthorityCert)}, args...)
			return exec.Command("openssl", append(args, filepath.Join(dir, authority.ServerCert))...).Run()
		}
		for _, h := range hosts {
			flag := "-verify_ip"
			if strings.Contains(h, "vn") {
				flag = "-verify_hostname"
			}
			if err := verify(flag, strings.Replace(h, "tậphuấn", "xn--tphun-b21b2b", 1)); err != nil {
				t.Errorf("%v: %s: %v", hosts, h, err)
			}
		}
		if verify("-verify_ip", "10.0.0.8") == nil || verify("-verify_hostname", "example.vn") == nil {
			t.Errorf("%v: taken for another host", hosts)
		}
	}
}

func TestAnAuthorityCannotVouchForAnythingElse(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		own, other []string
	}{
		{[]string{"10.0.0.7"}, []string{"10.0.0.8", "fd00::7", "taphuan.vn"}},
		{[]string{"taphuan.vn"}, []string{"vn", "example.vn", "xtaphuan.vn", "10.0.0.7", "::1"}},
	} {
		dir := t.TempDir()
		initialise(t, dir, now, x.own...)
		before := read(t, dir, authority.ServerCert)
		for _, o := range x.other {
			if _, err := authority.Init(dir, []string{o}, false, now); !errs.Is(err, "authority_other_hosts") {
				t.Errorf("%v vouches for %s: %v", x.own, o, err)
			}
		}
		if !bytes.Equal(before, read(t, dir, authority.ServerCert)) {
			t.Error("a refusal changed the certificate")
		}
		// The same said by openssl, which is not us: a certificate signed with the stolen key.
		stolen := exec.Command("sh", "-c", `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -subj /O=x -addext subjectAltName=DNS:example.com -out r.csr &&
openssl x509 -req -in r.csr -CA authority.crt -CAkey authority.key -copy_extensions copyall -out bad.crt && openssl verify -CAfile authority.crt bad.crt`)
		stolen.Dir = dir
		out, err := stolen.CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("subtree violation")) {
			t.Errorf("%v: %v %s", x.own, err, out)
		}
	}
}

func TestRunningItAgainRenewsTheCertificateAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "tls")
	first := initialise(t, dir, now, "10.0.0.7", "taphuan.vn", "10.0.0.7")
	if !first.New || !slices.Equal(authority.Hosts(first.Server), []string{"10.0.0.7", "taphuan.vn"}) {
		t.Error(first.New, authority.Hosts(first.Server))
	}
	if d := first.Server.NotAfter.Sub(first.Server.NotBefore); d > 397*24*time.Hour {
		t.Errorf("a certificate of %s", d)
	}
	for _, key := range []string{authority.AuthorityKey, authority.ServerKey} {
		if i, err := os.Stat(filepath.Join(dir, key)); err != nil || i.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", key, i.Mode(), err)
		}
	}
	kept := map[string][]byte{}
	for _, name := range []string{authority.AuthorityCert, authority.AuthorityKey, authority.ServerKey} {
		kept[name] = read(t, dir, name)
	}
	later := now.AddDate(0, 11, 0)
	second := initialise(t, dir, later)
	if second.New || second.Server.NotAfter.Before(later.AddDate(1, 0, 0)) || !slices.Equal(authority.Hosts(second.Server), []string{"10.0.0.7", "taphuan.vn"}) {
		t.Error(second.New, second.Server.NotAfter, authority.Hosts(second.Server))
	}
	for name, b := range kept {
		if !bytes.Equal(b, read(t, dir, name)) {
			t.Errorf("%s was written over", name)
		}
	}
	if last := initialise(t, dir, first.Root.NotAfter.AddDate(0, 0, -10)); last.Server.NotAfter.After(first.Root.NotAfter) {
		t.Error("the certificate outlives its authority")
	}
	if _, err := authority.Init(dir, nil, false, first.Root.NotAfter.AddDate(0, 0, 1)); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("an authority that has ended: %v", err)
	}
	forced, err := authority.Init(dir, []string{"10.0.0.9"}, true, now)
	if err != nil || !forced.New || forced.Root.Equal(first.Root) {
		t.Error(forced.New, err)
	}
	for name, b := range kept {
		if bytes.Equal(b, read(t, dir, name)) {
			t.Errorf("--force left %s", name)
		}
	}
}

func TestWhatLiesInTheFolderIsNotWrittenOver(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		change func(dir string) error
		want   string
	}{
		"the authority's key is missing":        {func(d string) error { return os.Remove(filepath.Join(d, authority.AuthorityKey)) }, "one of them is missing"},
		"the authority's certificate's missing": {func(d string) error { return os.Remove(filepath.Join(d, authority.AuthorityCert)) }, "one of them is missing"},
		"others may read the key":               {func(d string) error { return os.Chmod(filepath.Join(d, authority.AuthorityKey), 0o640) }, "chmod 600"},
		"the key is none": {func(d string) error {
			return os.WriteFile(filepath.Join(d, authority.AuthorityKey), []byte("x"), 0o600)
		}, "holds no key"},
		"the key is another's": {func(d string) error {
			return os.Rename(filepath.Join(d, authority.ServerKey), filepath.Join(d, authority.AuthorityKey))
		}, "does not belong"},
		"the server's certificate is another's": {func(d string) error {
			other := t.TempDir()
			if _, err := authority.Init(other, []string{"10.0.0.7"}, false, now); err != nil {
				return err
			}
			return os.Rename(filepath.Join(other, authority.ServerCert), filepath.Join(d, authority.ServerCert))
		}, "left alone"},
		"there is a server's certificate without an authority": {func(d string) error {
			return errors.Join(os.Remove(filepath.Join(d, authority.AuthorityKey)), os.Remove(filepath.Join(d, authority.AuthorityCert)))
		}, "left alone"},
	} {
		dir := t.TempDir()
		initialise(t, dir, now, "10.0.0.7")
		if err := x.change(dir); err != nil {
			t.Fatal(err)
		}
		before := folder(t, dir)
		if _, err := authority.Init(dir, []string{"10.0.0.7"}, false, now); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", name, err)
		}
		if folder(t, dir) != before {
			t.Errorf("%s: something was written", name)
		}
	}
}

func folder(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all.WriteString(e.Name() + "\n" + string(read(t, dir, e.Name())))
	}
	return all.String()
}

func TestOnlyHostNamesAndAddressesAreTaken(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", " ", "https://a.vn", "a.vn:443", "*.a.vn", "a b", "10.0.0", "10.0.0.256", "1234", "0.0.0.0", "::", "224.0.0.1", "fe80::1%eth0", "a_b.vn", "-a.vn", "a..vn",
		"a.vn/x", strings.Repeat("a", 64) + ".vn", strings.Repeat("a.", 130) + "vn", "a\x00.vn", "\xff"} {
		if _, err := authority.Init(t.TempDir(), []string{bad}, false, now); !errs.Is(err, "host_invalid") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := authority.Init(t.TempDir(), nil, false, now); !errs.Is(err, "host_missing") {
		t.Error(err)
	}
	for typed, want := range map[string]string{"A.VN.": "a.vn", "[fd00::7]": "fd00::7", "::ffff:10.0.0.7": "10.0.0.7", "máychủ": "xn--mych-5na3327b", "localhost": "localhost", strings.Repeat("a", 60) + ".vn": strings.Repeat("a", 60) + ".vn"} {
		if got := authority.Hosts(initialise(t, t.TempDir(), now, typed).Server); !slices.Equal(got, []string{want}) {
			t.Errorf("%q is taken as %q, not %q", typed, got, want)
		}
	}
}
