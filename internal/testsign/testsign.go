// Package testsign gives tests what offices get from authorities: keys in files, and OpenSSL's time-stamp service.
package testsign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	pkcs12 "software.sslmate.com/src/go-pkcs12"
)

// Key is a key of a kind with the certificate of a root that exists in this process only.
type Key struct {
	Private     crypto.Signer
	Certificate *x509.Certificate
}

// root is who vouches for all of them.
var root = sync.OnceValue(func() Key {
	k := Key{Private: curve()}
	k.Certificate = k.certify(k.Private.Public(), "Gốc thử nghiệm", func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })
	return k
})

// RSA is the key of somebody, RSA of 2048 bits.
func RSA(name string, change func(*x509.Certificate)) Key { return made(rsaKey(), name, change) }

// ECDSA is the key of somebody, on P-256. change, where there is one, changes the certificate before it is signed.
func ECDSA(name string, change func(*x509.Certificate)) Key { return made(curve(), name, change) }

// WeakRSA is the key of somebody, RSA of 1024 bits, with which nobody is to sign.
func WeakRSA(name string) Key {
	k, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		panic(err)
	}
	return made(k, name, nil)
}

func made(private crypto.Signer, name string, change func(*x509.Certificate)) Key {
	return Key{private, root().certify(private.Public(), name, change)}
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func curve() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
}

// File is the key as a .p12 file.
func (k Key) File(t testing.TB, password string) []byte {
	t.Helper()
	b, err := pkcs12.Modern.Encode(k.Private, k.Certificate, []*x509.Certificate{root().Certificate}, password)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Traces are what would give the key away wherever it stood: as a file holds it, in PEM, and the number that is secret in the usual ways of
// writing it down.
func (k Key) Traces(t testing.TB) []string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(k.Private)
	if err != nil {
		t.Fatal(err)
	}
	var secret []byte
	switch p := k.Private.(type) {
	case *rsa.PrivateKey:
		secret = p.Primes[0].Bytes()
	case *ecdsa.PrivateKey:
		if secret, err = p.Bytes(); err != nil {
			t.Fatal(err)
		}
	}
	traces := []string{"PRIVATE KEY", new(big.Int).SetBytes(secret).String()}
	for _, b := range [][]byte{secret, der[:40]} { // what it starts with: a line may break behind
		traces = append(traces, string(b), hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)), fmt.Sprint(b), base64.RawStdEncoding.EncodeToString(b[:30]), base64.RawURLEncoding.EncodeToString(b[:30]))
	}
	return append(traces, string(der))
}

// Root is the root in PEM.
func Root() string { return string(block("CERTIFICATE", root().Certificate.Raw)) }

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// certify vouches for a key; one without a certificate for itself.
func (k Key) certify(public crypto.PublicKey, name string, change func(*x509.Certificate)) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<60))
	c := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name, Country: []string{"VN"}}, NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter: time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC), BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment}
	if change != nil {
		change(c)
	}
	parent := k.Certificate
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, k.Private)
	if err != nil {
		panic(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return out
}

// tsaConfig is all that OpenSSL wants to know.
const tsaConfig = `
[tsa]
default_tsa = t
[t]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = chain.pem
signer_key = key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
`

// TimeService serves OpenSSL's time-stamp service on a loopback address, of the root's, and gives its address.
func TimeService(t testing.TB) string {
	t.Helper()
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		t.Fatal(err)
	}
	k := ECDSA("Dấu thời gian thử nghiệm", func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}}
	})
	der, err := x509.MarshalPKCS8PrivateKey(k.Private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{"tsa.conf": []byte(tsaConfig), "chain.pem": []byte(Root()), "tsa.pem": block("CERTIFICATE", k.Certificate.Raw), "key.pem": block("PRIVATE KEY", der)} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var one sync.Mutex // the serial number stands in a file
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one.Lock()
		defer one.Unlock()
		query, err := io.ReadAll(r.Body)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "query"), query, 0o600)
		}
		cmd := exec.Command("openssl", "ts", "-reply", "-config", "tsa.conf", "-queryfile", "query")
		cmd.Dir = dir
		var answer []byte
		if err == nil {
			answer, err = cmd.Output()
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(answer)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
