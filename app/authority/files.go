package authority

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Files are the certificate and key files of a running server. They are read again when they change, so that a renewal needs no
// restart; while what stands in them cannot be served, what was read before is.
type Files struct {
	certFile, keyFile string
	now               func() time.Time
	held              atomic.Pointer[held]
}

type held struct {
	sum  [sha256.Size]byte // of both files
	cert *tls.Certificate
	root *Root
}

// Root is the certificate of a private authority, for phones to install.
type Root struct {
	Name        string
	DER         []byte
	Fingerprint string // SHA-256 in 64 hexadecimal digits, upper case
	NotAfter    time.Time
	Only        []string // the names and addresses that it can vouch for; none: any
}

// RootOf says of an authority's certificate what people are shown.
func RootOf(c *x509.Certificate) *Root {
	sum := sha256.Sum256(c.Raw)
	return &Root{Name: c.Subject.CommonName, DER: c.Raw, Fingerprint: strings.ToUpper(hex.EncodeToString(sum[:])), NotAfter: c.NotAfter, Only: permitted(c)}
}

// Groups is the fingerprint in sixteen groups of four digits, to be compared by eye.
func (r *Root) Groups() []string {
	var groups []string
	for g := range slices.Chunk([]byte(r.Fingerprint), 4) {
		groups = append(groups, string(g))
	}
	return groups
}

// Open reads the files of a server. It refuses, in words for who started it, files that are missing or hold something else, a key that
// does not belong to the certificate, and a certificate that has ended, has not begun, names no host or is not for servers.
func Open(certFile, keyFile string, now func() time.Time) (*Files, error) {
	f := &Files{certFile: certFile, keyFile: keyFile, now: now}
	_, err := f.Reload()
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Reload reads the files again and says whether they have changed. What it refuses changes nothing.
func (f *Files) Reload() (changed bool, err error) {
	certPEM, err := os.ReadFile(f.certFile)
	if err != nil {
		return false, err
	}
	keyPEM, err := os.ReadFile(f.keyFile)
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(bytes.Join([][]byte{certPEM, keyPEM}, []byte{0}))
	if h := f.held.Load(); h != nil && h.sum == sum {
		return false, nil
	}
	certs, err := readCerts(f.certFile)
	if err != nil {
		return false, err
	}
	if err := usable(f.certFile, certs[0], f.now()); err != nil {
		return false, err
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return false, fmt.Errorf("the key in %s and the certificate in %s do not belong together: %w", f.keyFile, f.certFile, err)
	}
	h := &held{sum: sum, cert: &pair}
	if last := certs[len(certs)-1]; len(certs) > 1 && last.IsCA && bytes.Equal(last.RawIssuer, last.RawSubject) && last.CheckSignatureFrom(last) == nil {
		h.root = RootOf(last)
		pair.Certificate = pair.Certificate[:len(certs)-1] // who trusts it has it
	}
	f.held.Store(h)
	return true, nil
}

func usable(path string, c *x509.Certificate, now time.Time) error {
	switch {
	case now.After(c.NotAfter):
		return fmt.Errorf("the certificate in %s ended on %s: renew it (one of taphuan tls init: run that again)", path, c.NotAfter.Format(time.DateOnly))
	case now.Before(c.NotBefore):
		return fmt.Errorf("the certificate in %s holds only from %s on: is this machine's clock right?", path, c.NotBefore.Format(time.RFC3339))
	case len(c.DNSNames)+len(c.IPAddresses) == 0:
		return fmt.Errorf("the certificate in %s names no host (subjectAltName), and no browser takes such a one", path)
	case len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0 && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny):
		return fmt.Errorf("the certificate in %s is not for servers (extendedKeyUsage serverAuth)", path)
	}
	return nil
}

// Config is TLS 1.2 or newer with the certificate that is held at the time of each handshake.
func (f *Files) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.held.Load().cert, nil }}
}

// Root is the private authority that signed the certificate, nil where its file names none: then it is a public one.
func (f *Files) Root() *Root { return f.held.Load().root }

// Covers says whether the certificate is for a host, a name or an address.
func (f *Files) Covers(host string) bool { return f.leaf().VerifyHostname(host) == nil }

// Hosts are the names that the certificate is for, addresses first; one for many hosts (*.) is left out.
func (f *Files) Hosts() []string {
	return slices.DeleteFunc(Hosts(f.leaf()), func(h string) bool { return strings.HasPrefix(h, "*") })
}

// NotAfter is when the certificate ends.
func (f *Files) NotAfter() time.Time { return f.leaf().NotAfter }

func (f *Files) leaf() *x509.Certificate { return f.held.Load().cert.Leaf }

const (
	look = 5 * time.Second     // how often the files are looked at; they are small
	soon = 30 * 24 * time.Hour // before the end it is said in the log, once a day, and among the settings
)

// Soon says whether what ends then is to be renewed now.
func Soon(ends, now time.Time) bool { return ends.Sub(now) < soon }

// Watch reads the files again when they change, and at once on a signal, until the context ends.
func (f *Files) Watch(ctx context.Context, log *slog.Logger, again <-chan os.Signal) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	var refused string
	var warned time.Time
	for {
		if Soon(f.NotAfter(), f.now()) && f.now().Sub(warned) > 24*time.Hour {
			warned = f.now()
			log.Warn("the certificate is to be renewed", "file", f.certFile, "ends", f.NotAfter())
		}
		select {
		case <-ctx.Done():
			return
		case <-again:
			refused = "" // who asks is told again
		case <-tick.C:
		}
		changed, err := f.Reload()
		switch {
		case err != nil && err.Error() != refused: // half of a renewal may be there: the other half will come
			refused = err.Error()
			log.Warn("the changed certificate is not served, the former is", "error", err)
		case changed:
			refused, warned = "", time.Time{}
			log.Info("the changed certificate is served", "hosts", f.Hosts(), "ends", f.NotAfter())
		}
	}
}
