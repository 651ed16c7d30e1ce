package signature

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"taphuan/app/errs"
	"taphuan/app/paper"
)

var now = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

// drawn is a page as the house draws them.
func drawn(t testing.TB) []byte {
	t.Helper()
	d := paper.New(paper.A4Long, paper.A4Short, paper.Info{Title: "Giấy chứng nhận số 0042/2026", Author: "Sở Văn hóa, Thể thao và Du lịch (Cao Bằng)", Created: now})
	d.Page()
	d.Frame(26)
	d.Ink(paper.Black)
	d.Line(paper.Bold, 28, 80, 260, 600, paper.Centre, "Nông Thị Thanh Huyền")
	b, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// authority is a root and one below it, valid long enough for programs that look at the clock.
type authority struct {
	root, sub       *x509.Certificate
	rootKey, subKey *ecdsa.PrivateKey
}

var theAuthority = sync.OnceValue(func() *authority {
	a := &authority{rootKey: curveKey(elliptic.P256()), subKey: curveKey(elliptic.P256())}
	a.root = certify(a.rootKey.Public(), "Gốc thử nghiệm", nil, a.rootKey, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })
	a.sub = certify(a.subKey.Public(), "CA thử nghiệm", a.root, a.rootKey, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })
	return a
})

func curveKey(c elliptic.Curve) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func certify(public crypto.PublicKey, cn string, parent *x509.Certificate, by crypto.Signer, change func(*x509.Certificate)) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<60))
	c := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: cn, Organization: []string{"Sở Văn hóa, Thể thao và Du lịch"}, Country: []string{"VN"}},
		NotBefore: now.AddDate(-3, 0, 0), NotAfter: now.AddDate(20, 0, 0), BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment}
	if change != nil {
		change(c)
	}
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, by)
	if err != nil {
		panic(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return out
}

func keyOf(private crypto.Signer, change func(*x509.Certificate)) *Key {
	a := theAuthority()
	return &Key{private, certify(private.Public(), "Hoàng Văn Thạch", a.sub, a.subKey, change), []*x509.Certificate{a.sub, a.root}}
}

var keys = sync.OnceValue(func() map[string]*Key {
	demo, err := NewDemoKey(now.AddDate(-1, 0, 0), "Sở Văn hóa, Thể thao và Du lịch tỉnh Cao Bằng")
	if err != nil {
		panic(err)
	}
	return map[string]*Key{"RSA-2048": keyOf(rsaKey(), nil), "P-256": keyOf(curveKey(elliptic.P256()), nil), "P-384": keyOf(curveKey(elliptic.P384()), nil), "demo": demo}
})

func signed(t testing.TB, k *Key, o Options) []byte {
	t.Helper()
	o.At = now
	out, err := Sign(context.Background(), drawn(t), k, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func save(t testing.TB, b []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func run(t testing.TB, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// nss is a folder of trusted roots for pdfsig.
func nss(t testing.TB, roots ...*x509.Certificate) string {
	t.Helper()
	dir := t.TempDir()
	run(t, "certutil", "-N", "-d", "sql:"+dir, "--empty-password")
	for i, c := range roots {
		file := filepath.Join(dir, strconv.Itoa(i)+".pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "certutil", "-A", "-d", "sql:"+dir, "-n", "root"+strconv.Itoa(i), "-t", "CT,CT,CT", "-i", file)
	}
	return dir
}

func pdfsig(t testing.TB, dir, file string) string {
	t.Helper()
	out, _ := exec.Command("pdfsig", "-nssdir", "sql:"+dir, file).CombinedOutput() // its status says "not valid", too
	return string(out)
}

func only(t testing.TB, b []byte) Signature {
	t.Helper()
	all, err := Verify(b)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0]
}

func TestPdfsigAndVerifyCallSignaturesOfEveryKeyValidAndTrusted(t *testing.T) {
	t.Parallel()
	dir := nss(t, theAuthority().root)
	roots := x509.NewCertPool()
	roots.AddCert(theAuthority().root)
	roots.AddCert(keys()["demo"].Certificate)
	for kind, k := range keys() {
		b := signed(t, k, Options{Reason: "Cấp giấy chứng nhận", Location: "Cao Bằng"})
		out := pdfsig(t, dir, save(t, b))
		said := []string{"Signature is Valid.", "Certificate is Trusted.", "Total document signed", "ETSI.CAdES.detached", "SHA-256"}
		if k.Demo() {
			said[1] = "CN=\"DEMO Sở" // nobody vouches for it
		}
		for _, want := range said {
			if !strings.Contains(out, want) {
				t.Errorf("%s: pdfsig does not say %q:\n%s", kind, want, out)
			}
		}
		s := only(t, b)
		if !s.Intact() || !s.CoversAll || s.Stamp != nil || !s.Signed.Equal(now) || s.Reason != "Cấp giấy chứng nhận" || s.Name != k.Certificate.Subject.CommonName {
			t.Errorf("%s: %+v", kind, s)
		}
		if err := s.Trust(roots, now); err != nil || len(s.Chain) != 1+len(k.Chain) {
			t.Errorf("%s: chain of %d: %v", kind, len(s.Chain), err)
		}
		if len(b)-len(drawn(t)) > 7<<10 {
			t.Errorf("%s: the signature takes %d bytes", kind, len(b)-len(drawn(t)))
		}
	}
}

func TestAStrangerIsNotTrusted(t *testing.T) {
	t.Parallel()
	b := signed(t, keys()["P-256"], Options{})
	if out := pdfsig(t, nss(t), save(t, b)); !strings.Contains(out, "Signature is Valid.") || strings.Contains(out, "Certificate is Trusted.") {
		t.Error(out)
	}
	s := only(t, b)
	if err := s.Trust(x509.NewCertPool(), now); err == nil || !s.Intact() {
		t.Error(s, err)
	}
}

// cms gives the CMS of the one signature and the bytes it is of.
func cms(t testing.TB, b []byte) (der, content []byte) {
	t.Helper()
	m := regexp.MustCompile(`/ByteRange \[0 (\d+) (\d+) (\d+)\]`).FindSubmatch(b)
	if m == nil {
		t.Fatal("no ByteRange")
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(string(m[i+1]))
	}
	raw, err := hex.DecodeString(string(b[n[0]+1 : n[1]-1]))
	if err != nil {
		t.Fatal(err)
	}
	der, err = toDER(raw)
	if err != nil {
		t.Fatal(err)
	}
	return der, append(append([]byte{}, b[:n[0]]...), b[n[1]:n[1]+n[2]]...)
}

func TestOthersVerifyTheCMSAndItIsBaselineB(t *testing.T) {
	t.Parallel()
	for kind, k := range keys() {
		der, content := cms(t, signed(t, k, Options{}))
		p, err := pkcs7.Parse(der)
		if err != nil {
			t.Fatal(kind, err)
		}
		p.Content = content
		if err := p.Verify(); err != nil {
			t.Error(kind, err)
		}
		var at time.Time
		if err := p.UnmarshalSignedAttribute(pkcs7.OIDAttributeSigningTime, &at); err == nil {
			t.Errorf("%s: the signing time is an attribute, which baseline B forbids", kind)
		}
		dir := t.TempDir()
		for file, b := range map[string][]byte{"s.der": der, "content": content} {
			if err := os.WriteFile(filepath.Join(dir, file), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		root := k.Certificate
		if len(k.Chain) > 0 {
			root = theAuthority().root
		}
		if err := os.WriteFile(filepath.Join(dir, "root.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", dir + "/s.der", "-content", dir + "/content", "-CAfile", dir + "/root.pem", "-purpose", "any", "-out", os.DevNull}
		if out := run(t, "openssl", args...); !strings.Contains(out, "CAdES Verification successful") {
			t.Errorf("%s: %s", kind, out)
		}
	}
}

func TestTheSameInputGivesTheSameFile(t *testing.T) {
	t.Parallel()
	for kind, k := range keys() {
		if a, b := signed(t, k, Options{}), signed(t, k, Options{}); !bytes.Equal(a, b) {
			t.Errorf("%s: two files", kind)
		}
	}
	a, err := Finish(drawn(t), "")
	b, err2 := Finish(drawn(t), "")
	if err != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Error(err, err2)
	}
}

func TestAFinishedFileSaysItsLanguageAndTitleAndIsSound(t *testing.T) {
	t.Parallel()
	finished, err := Finish(drawn(t), "")
	if err != nil {
		t.Fatal(err)
	}
	for kind, b := range map[string][]byte{"finished": finished, "signed": signed(t, keys()["P-256"], Options{Reason: "Cấp (a)"})} {
		file := save(t, b)
		run(t, "qpdf", "--check", file)
		if !bytes.HasPrefix(b, drawn(t)) {
			t.Errorf("%s: the page is not the one that was drawn", kind)
		}
		info := run(t, "pdfinfo", file)
		for _, want := range []string{"Giấy chứng nhận số 0042/2026", "Sở Văn hóa, Thể thao và Du lịch (Cao Bằng)"} {
			if !strings.Contains(info, want) {
				t.Errorf("%s: %q is not in\n%s", kind, want, info)
			}
		}
		doc := run(t, "qpdf", "--json", "--json-key=qpdf", file)
		for _, want := range []string{`"/Lang": "u:vi-VN"`, `"/DisplayDocTitle": true`, `"/ID"`} {
			if !strings.Contains(doc, want) {
				t.Errorf("%s: no %s", kind, want)
			}
		}
		if text := run(t, "pdftotext", file, "-"); !strings.Contains(text, "Nông Thị Thanh Huyền") {
			t.Errorf("%s: %s", kind, text)
		}
	}
	if _, err := Verify(finished); err != nil {
		t.Error(err)
	}
	if _, err := Finish([]byte("%PDF-1.7\nrubbish"), ""); !errs.Is(err, "pdf_unreadable") {
		t.Error(err)
	}
}
