// Package authority makes HTTPS possible where there is neither a domain nor a public certificate: a private authority that can vouch
// for nothing but the names and addresses it was made for, certificates of the server signed by it, and the certificate files that
// a running server holds. Only the standard library's crypto is used.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"taphuan/app/errs"
)

// Files of a folder that Init fills. ServerCert holds the server's certificate followed by the authority's, so that who serves it
// also knows what phones are to install.
const (
	AuthorityCert = "authority.crt"
	AuthorityKey  = "authority.key"
	ServerCert    = "server.crt"
	ServerKey     = "server.key"
)

const (
	authorityYears = 10
	serverDays     = 397            // iPhones take 825 of a private authority, public ones are held to 398
	head           = 24 * time.Hour // a certificate begins so long ago: phones' clocks are behind
)

// Made is what Init made or renewed.
type Made struct {
	Root   *x509.Certificate // the authority's own certificate
	Server *x509.Certificate
	New    bool // the authority is new: phones have to install it
}

// Init makes an authority and a certificate of the server for the hosts in a folder. Where there is an authority already it stays and
// only the server's certificate is renewed, for the names it had when none are given; keys are never written over. With force all is
// made anew. It refuses what is neither a host name nor an address ("host_invalid"), no host ("host_missing"), and hosts for
// which the authority cannot vouch ("authority_other_hosts").
func Init(dir string, hosts []string, force bool, now time.Time) (Made, error) {
	names, err := parseHosts(hosts)
	if err != nil {
		return Made{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Made{}, err
	}
	root, key, err := load(dir)
	isNew := force || errors.Is(err, fs.ErrNotExist)
	if err != nil && !isNew {
		return Made{}, err
	}
	if isNew && !force {
		for _, name := range []string{ServerCert, ServerKey} {
			if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
				return Made{}, fmt.Errorf("%s is there already without its authority and is left alone: move it away, or name another folder with --dir", filepath.Join(dir, name))
			}
		}
	}
	if !isNew {
		was, err := issued(filepath.Join(dir, ServerCert), root)
		if err != nil {
			return Made{}, err
		}
		if was != nil && names.empty() {
			names = hostNames{was.DNSNames, was.IPAddresses}
		}
	}
	if names.empty() {
		return Made{}, errs.Invalid("host_missing")
	}
	if isNew {
		if root, key, err = create(dir, names, now); err != nil {
			return Made{}, err
		}
	} else if now.After(root.NotAfter) {
		return Made{}, fmt.Errorf("the authority in %s ended on %s: --force makes a new one, which every phone then has to install", dir, root.NotAfter.Format(time.DateOnly))
	}
	server, err := issue(dir, names, root, key, isNew, now)
	return Made{Root: root, Server: server, New: isNew}, err
}

// load reads the authority of a folder; fs.ErrNotExist says that there is none at all.
func load(dir string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	certFile, keyFile := filepath.Join(dir, AuthorityCert), filepath.Join(dir, AuthorityKey)
	key, err := readKey(keyFile)
	noKey := errors.Is(err, fs.ErrNotExist)
	if err != nil && !noKey {
		return nil, nil, err
	}
	certs, err := readCerts(certFile)
	if noCert := errors.Is(err, fs.ErrNotExist); noCert != noKey {
		return nil, nil, fmt.Errorf("%s and %s belong together and one of them is missing: bring it back, or begin anew with --force, which every phone then has to install", certFile, keyFile)
	}
	if err != nil {
		return nil, nil, err
	}
	if !key.PublicKey.Equal(certs[0].PublicKey) {
		return nil, nil, fmt.Errorf("the key in %s does not belong to the certificate in %s", keyFile, certFile)
	}
	return certs[0], key, nil
}

// create makes an authority that can vouch for these hosts only.
func create(dir string, names hostNames, now time.Time) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := writeKey(filepath.Join(dir, AuthorityKey))
	if err != nil {
		return nil, nil, err
	}
	from := now.Add(-head).UTC()
	t := &x509.Certificate{
		Subject:               subject("Tập huấn, gốc "+now.UTC().Format(time.DateOnly)+", ", names),
		NotBefore:             from,
		NotAfter:              from.AddDate(authorityYears, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true,
	}
	// A kind of name of which nothing is permitted would be free altogether: it is excluded as a whole.
	t.PermittedDNSDomains = names.dns
	if len(names.dns) == 0 {
		t.ExcludedDNSDomains = []string{""}
	}
	for _, ip := range names.ips {
		t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(8*len(ip), 8*len(ip))})
	}
	if len(names.ips) == 0 {
		t.ExcludedIPRanges = []*net.IPNet{{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, {IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)}}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	return root, key, write(filepath.Join(dir, AuthorityCert), pemOf(der), 0o644)
}

// issue signs a certificate of the server, with the key that it has, or with a new one.
func issue(dir string, names hostNames, root *x509.Certificate, by *ecdsa.PrivateKey, newKey bool, now time.Time) (*x509.Certificate, error) {
	path := filepath.Join(dir, ServerKey)
	key, err := readKey(path)
	if newKey || errors.Is(err, fs.ErrNotExist) {
		key, err = writeKey(path)
	}
	if err != nil {
		return nil, err
	}
	from := now.Add(-head).UTC()
	t := &x509.Certificate{
		Subject:               subject("Tập huấn, máy chủ ", names), // with words, so that nobody takes it for a host's name
		NotBefore:             from,
		NotAfter:              from.AddDate(0, 0, serverDays).Add(-time.Second),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              names.dns,
		IPAddresses:           names.ips,
	}
	if t.NotBefore.Before(root.NotBefore) {
		t.NotBefore = root.NotBefore
	}
	if t.NotAfter.After(root.NotAfter) {
		t.NotAfter = root.NotAfter
	}
	der, err := x509.CreateCertificate(rand.Reader, t, root, key.Public(), by)
	if err != nil {
		return nil, err
	}
	server, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if err := verify(server, root, now); err != nil {
		var outside x509.CertificateInvalidError
		if errors.As(err, &outside) && outside.Reason == x509.CANotAuthorizedForThisName {
			return nil, errs.Invalid("authority_other_hosts", errs.Params{"hosts": strings.Join(permitted(root), ", ")})
		}
		return nil, err
	}
	return server, write(filepath.Join(dir, ServerCert), append(pemOf(der), pemOf(root.Raw)...), 0o644)
}

// subject names a certificate for people who find it in a list on a phone; the authority's is never the server's, or OpenSSL takes
// the server's for signed by itself.
func subject(words string, names hostNames) pkix.Name {
	name := []rune(words + names.list()[0])
	return pkix.Name{Organization: []string{"Tập huấn"}, CommonName: string(name[:min(len(name), 64)])}
}

// verify asks whether who trusts only the root trusts the server's certificate.
func verify(server, root *x509.Certificate, now time.Time) error {
	pool := x509.NewCertPool()
	pool.AddCert(root)
	_, err := server.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return err
}

// issued is the certificate of the server that stands in the file, nil without one. It refuses one of another authority, which would
// be written over.
func issued(path string, root *x509.Certificate) (*x509.Certificate, error) {
	certs, err := readCerts(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := certs[0].CheckSignatureFrom(root); err != nil {
		return nil, fmt.Errorf("%s is not of the authority beside it and is left alone: move it away, or name another folder with --dir", path)
	}
	return certs[0], nil
}

// permitted lists what an authority can vouch for.
func permitted(root *x509.Certificate) []string {
	names := root.PermittedDNSDomains
	for _, r := range root.PermittedIPRanges {
		names = append(names, r.IP.String())
	}
	return names
}

func pemOf(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// readCerts reads the certificates of a file, at least one.
func readCerts(path string) ([]*x509.Certificate, error) {
	rest, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var certs []*x509.Certificate
	for block := new(pem.Block); ; {
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("%s holds no certificate (PEM, BEGIN CERTIFICATE)", path)
	}
	return certs, nil
}

// readKey reads a key that this package wrote. It refuses a file that others may read.
func readKey(path string) (*ecdsa.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s may be read by others: chmod 600 it", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key (PEM, BEGIN PRIVATE KEY)", path)
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := any.(*ecdsa.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s holds no ECDSA key", path)
	}
	return key, nil
}

func writeKey(path string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, write(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}

// write puts a whole file in place of another at once.
func write(path string, b []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err == nil {
		err = errors.Join(f.Chmod(mode), f.Sync())
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// hostNames are what a certificate is for.
type hostNames struct {
	dns []string
	ips []net.IP // 4 bytes or 16
}

func (n hostNames) empty() bool { return len(n.dns)+len(n.ips) == 0 }

// Hosts are the names and addresses that a certificate is for, addresses first: they need no name service.
func Hosts(c *x509.Certificate) []string { return hostNames{c.DNSNames, c.IPAddresses}.list() }

// list gives them all, addresses first.
func (n hostNames) list() []string {
	var all []string
	for _, ip := range n.ips {
		all = append(all, ip.String())
	}
	return append(all, n.dns...)
}

// unusable are addresses at which no phone reaches a server.
func unusable(a netip.Addr) bool {
	return a.Zone() != "" || a.IsUnspecified() || a.IsMulticast()
}
