package authority_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"taphuan/app/authority"
)

func paths(dir string) (cert, key string) {
	return filepath.Join(dir, authority.ServerCert), filepath.Join(dir, authority.ServerKey)
}

func at(x time.Time) func() time.Time { return func() time.Time { return x } }

func TestFilesThatCannotBeServedAreRefusedInPlainWords(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	made := initialise(t, dir, now, "10.0.0.7")
	initialise(t, other, now, "10.0.0.7")
	cert, key := paths(dir)
	_, otherKey := paths(other)
	none, rubbish := filepath.Join(dir, "none.crt"), filepath.Join(dir, "rubbish.crt")
	if err := os.WriteFile(rubbish, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	nameless, forClients := selfSigned(t, x509.Certificate{}), selfSigned(t, x509.Certificate{DNSNames: []string{"a.vn"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	for name, x := range map[string]struct {
		cert, key string
		when      time.Time
		want      string
	}{
		"no certificate file":          {none, key, now, "none.crt"},
		"no key file":                  {cert, none, now, "none.crt"},
		"rubbish":                      {rubbish, key, now, "rubbish.crt"},
		"the files are exchanged":      {key, cert, now, "holds no certificate"},
		"the key of another":           {cert, otherKey, now, "do not belong together"},
		"ended":                        {cert, key, made.Server.NotAfter.Add(time.Second), "ended on 2027-12-25"},
		"not begun":                    {cert, key, made.Server.NotBefore.Add(-time.Second), "clock"},
		"a certificate without a host": {nameless, nameless, now, "names no host"},
		"a certificate for clients":    {forClients, forClients, now, "not for servers"},
	} {
		if _, err := authority.Open(x.cert, x.key, at(x.when)); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// selfSigned gives a file with a certificate and its key.
func selfSigned(t *testing.T, c x509.Certificate) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.NotBefore, c.NotAfter, c.Subject = now, now.AddDate(1, 0, 0), pkix.Name{CommonName: "a.vn"}
	der, err := x509.CreateCertificate(rand.Reader, &c, &c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "own.pem")
	b := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheRootIsKnownFromTheFileOfAPrivateAuthorityOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := initialise(t, dir, now, "10.0.0.7", "taphuan.vn")
	cert, key := paths(dir)
	f, err := authority.Open(cert, key, at(now))
	if err != nil {
		t.Fatal(err)
	}
	root := f.Root()
	if root == nil || root.Name != made.Root.Subject.CommonName || len(root.Groups()) != 16 || strings.Join(root.Groups(), "") != root.Fingerprint || len(root.Fingerprint) != 64 ||
		strings.Join(root.Only, " ") != "taphuan.vn 10.0.0.7" {
		t.Errorf("%+v", root)
	}
	for host, want := range map[string]bool{"10.0.0.7": true, "taphuan.vn": true, "TAPHUAN.vn": true, "10.0.0.8": false, "a.taphuan.vn": false, "": false} {
		if f.Covers(host) != want {
			t.Errorf("covers %q: %v", host, !want)
		}
	}
	own := selfSigned(t, x509.Certificate{DNSNames: []string{"*.a.vn", "a.vn"}, IPAddresses: []net.IP{net.IPv6loopback}})
	if f, err = authority.Open(own, own, at(now)); err != nil || f.Root() != nil || strings.Join(f.Hosts(), " ") != "::1 a.vn" {
		t.Error(f.Root(), f.Hosts(), err)
	}
}

func TestARenewalIsServedWhenItIsWholeAndUntilThenTheFormer(t *testing.T) {
	t.Parallel()
	dir, next := t.TempDir(), t.TempDir()
	first := initialise(t, dir, now, "10.0.0.7")
	cert, key := paths(dir)
	f, err := authority.Open(cert, key, at(now))
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := f.Reload(); changed || err != nil {
		t.Error(changed, err)
	}
	second := initialise(t, next, now.Add(time.Hour), "10.0.0.9")
	for i, name := range []string{authority.ServerCert, authority.ServerKey} {
		if err := os.Rename(filepath.Join(next, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		changed, err := f.Reload()
		if half := i == 0; changed == half || (err == nil) == half || f.Covers("10.0.0.7") != half {
			t.Errorf("after %s: %v %v, serving %v", name, changed, err, f.Hosts())
		}
	}
	if served, err := f.Config().GetCertificate(nil); err != nil || !served.Leaf.Equal(second.Server) || served.Leaf.Equal(first.Server) {
		t.Error("the renewed certificate is not the one that is served", err)
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	if changed, err := f.Reload(); changed || err == nil || !f.Covers("10.0.0.9") {
		t.Error("without its file the former is not served", changed, err)
	}
}

func TestASignalHasTheFilesReadAgainAndTheLogSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	initialise(t, dir, now, "10.0.0.7")
	cert, key := paths(dir)
	f, err := authority.Open(cert, key, at(now.AddDate(1, 0, 20)))
	if err != nil {
		t.Fatal(err)
	}
	said := make(lines, 10)
	again, ended := make(chan os.Signal), make(chan struct{})
	ctx, end := context.WithCancel(t.Context())
	go func() {
		defer close(ended)
		f.Watch(ctx, slog.New(slog.NewTextHandler(said, nil)), again)
	}()
	said.wants(t, "is to be renewed")
	initialise(t, dir, now.AddDate(1, 0, 20))
	again <- syscall.SIGHUP
	said.wants(t, "the changed certificate is served")
	if f.NotAfter().Before(now.AddDate(2, 0, 0)) {
		t.Error(f.NotAfter())
	}
	if err := os.WriteFile(key, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	again <- syscall.SIGHUP
	said.wants(t, "is not served, the former is")
	end()
	<-ended
}

type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

func (l lines) wants(t *testing.T, text string) {
	t.Helper()
	if line := <-l; !strings.Contains(line, text) {
		t.Errorf("the log says %q, not %q", line, text)
	}
}
