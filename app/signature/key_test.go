package signature

import (
	"context"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"taphuan/app/errs"
)

// exported gives a .p12 file that OpenSSL made, with these flags.
func exported(t *testing.T, k *Key, flags ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	b, err := k.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "k.pem"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "openssl", append([]string{"pkcs12", "-export", "-in", dir + "/k.pem", "-out", dir + "/k.p12", "-passout", "pass:mật khẩu"}, flags...)...)
	out, err := os.ReadFile(filepath.Join(dir, "k.p12"))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestKeyFilesOfOpenSSLAndOfOldProgramsAreRead(t *testing.T) {
	t.Parallel()
	for kind, k := range keys() {
		files := map[string][]byte{"OpenSSL": exported(t, k), "OpenSSL, old": exported(t, k, "-legacy")}
		for name, enc := range map[string]*pkcs12.Encoder{"RC2": pkcs12.LegacyRC2, "3DES": pkcs12.LegacyDES, "AES": pkcs12.Modern2023} {
			b, err := enc.Encode(k.Private, k.Certificate, k.Chain, "mật khẩu")
			if err != nil {
				t.Fatal(err)
			}
			files[name] = b
		}
		for by, b := range files {
			got, err := LoadPKCS12(b, "mật khẩu", now)
			if err != nil {
				t.Errorf("%s by %s: %v", kind, by, err)
				continue
			}
			if got.Fingerprint() != k.Fingerprint() || len(got.Chain) != len(k.Chain) || !strings.Contains(got.Subject(), k.Certificate.Subject.CommonName) || !got.NotAfter().Equal(k.NotAfter()) {
				t.Errorf("%s by %s: %s, chain of %d", kind, by, got.Subject(), len(got.Chain))
			}
		}
	}
}

func TestAKeyIsKeptWithItsChain(t *testing.T) {
	t.Parallel()
	for kind, k := range keys() {
		b, err := k.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseKey(b)
		if err != nil || got.Fingerprint() != k.Fingerprint() || len(got.Chain) != len(k.Chain) {
			t.Error(kind, got, err)
		}
	}
	if _, err := ParseKey([]byte("nothing")); !errs.Is(err, "key_missing") {
		t.Error(err)
	}
}

func TestKeyFilesThatCannotSignAreRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	good := keys()["P-256"]
	file := func(k *Key) []byte {
		b, err := pkcs12.Modern2023.Encode(k.Private, k.Certificate, k.Chain, "x")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := pkcs12.Modern2023.EncodeTrustStore([]*x509.Certificate{good.Certificate}, "x")
	if err != nil {
		t.Fatal(err)
	}
	strange := *good
	strange.Private = curveKey(elliptic.P256())
	cut := file(good)
	for what, c := range map[string]struct {
		b              []byte
		password, code string
		at             time.Time
	}{
		"wrong password":          {file(good), "y", "key_password_wrong", now},
		"wrong password, old":     {exported(t, good, "-legacy"), "y", "key_password_wrong", now},
		"no file":                 {[]byte("rubbish"), "x", "key_file_unreadable", now},
		"empty":                   {nil, "x", "key_file_unreadable", now},
		"cut off":                 {cut[:len(cut)/2], "x", "key_file_unreadable", now},
		"huge":                    {make([]byte, 2<<20), "x", "key_file_unreadable", now},
		"expired":                 {file(good), "x", "key_expired", now.AddDate(30, 0, 0)},
		"not yet valid":           {file(good), "x", "key_not_yet_valid", now.AddDate(-30, 0, 0)},
		"weak RSA":                {file(keyOf(weak, nil)), "x", "key_weak", now},
		"P-521":                   {file(keyOf(curveKey(elliptic.P521()), nil)), "x", "key_weak", now},
		"Ed25519":                 {file(keyOf(edwards, nil)), "x", "key_weak", now},
		"not for signing":         {file(keyOf(curveKey(elliptic.P256()), func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment })), "x", "key_usage", now},
		"certificates only":       {trust, "x", "key_missing", now},
		"another's certificate":   {file(&strange), "x", "key_certificate_missing", now},
		"rounds without end":      {slow(t, file(good)), "x", "key_file_unreadable", now},
		"two keys":                {bags(t, good.Private, strange.Private), "", "key_several", now},
		"key, but no certificate": {bags(t, good.Private), "", "key_certificate_missing", now},
	} {
		k, err := LoadPKCS12(c.b, c.password, c.at)
		if !errs.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", what, err, c.code)
		}
		if k != nil {
			t.Errorf("%s: a key all the same", what)
		}
	}
}

// bags is a PKCS#12 file with these keys in the clear and nothing else: no library writes one.
func bags(t *testing.T, private ...any) []byte {
	t.Helper()
	must := func(v any) []byte {
		b, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	explicit := func(b []byte) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: b}
	}
	type bag struct {
		ID    asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	var safe []bag
	for _, p := range private {
		der, err := x509.MarshalPKCS8PrivateKey(p)
		if err != nil {
			t.Fatal(err)
		}
		safe = append(safe, bag{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}, explicit(der)})
	}
	contents := []bag{{oidData, explicit(must(must(safe)))}}
	return must(struct {
		Version int
		Safe    bag
	}{3, bag{oidData, explicit(must(must(contents)))}})
}

func TestADemonstrationKeySaysSoAndSigns(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Ủy ban nhân dân xã ", 10)
	for _, organisation := range []string{"", "Sở Văn hóa", long} {
		k, err := NewDemoKey(now, organisation)
		if err != nil {
			t.Fatal(err)
		}
		s := k.Certificate.Subject
		if !k.Demo() || !strings.HasPrefix(s.CommonName, "DEMO") || !strings.HasPrefix(s.Organization[0], "DEMO") || len([]rune(s.CommonName)) > 64 {
			t.Errorf("%+v", s)
		}
		if _, err := Sign(context.Background(), drawn(t), k, Options{At: now.AddDate(9, 0, 0)}); err != nil {
			t.Error(err)
		}
	}
	if keys()["P-256"].Demo() {
		t.Error("a real key counts as a demonstration")
	}
}

// slow is the file with a hundred million rounds wherever it says 2048.
func slow(t *testing.T, b []byte) []byte {
	t.Helper()
	if rounds(b, 0) != 2048 { // the library's
		t.Fatal("the file asks for", rounds(b, 0))
	}
	var change func(v asn1.RawValue) []byte
	change = func(v asn1.RawValue) []byte {
		inner := v.Bytes
		if v.IsCompound || v.Class == 0 && v.Tag == asn1.TagOctetString && isValue(v.Bytes) {
			inner = nil
			for rest := v.Bytes; len(rest) > 0; {
				var part asn1.RawValue
				var err error
				if rest, err = asn1.Unmarshal(rest, &part); err != nil {
					t.Fatal(err)
				}
				inner = append(inner, change(part)...)
			}
		}
		if v.Class == 0 && v.Tag == asn1.TagInteger && string(v.Bytes) == "\x08\x00" {
			inner = []byte{5, 0xf5, 0xe1, 0}
		}
		return encode(v.FullBytes[:1], inner)
	}
	var v asn1.RawValue
	if _, err := asn1.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return change(v)
}
