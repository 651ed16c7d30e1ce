package signature

import (
	"bytes"
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tspclient "github.com/notaryproject/tspclient-go"

	"taphuan/app/errs"
)

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

// stamping is the key of a time-stamp service.
func stamping(usage ...pkix.Extension) *Key {
	return keyOf(curveKey(elliptic.P256()), func(c *x509.Certificate) {
		c.Subject.CommonName = "Dấu thời gian thử nghiệm"
		c.ExtraExtensions = usage
	})
}

// usage is an extended key usage; time-stamping is 8.
func usage(critical bool, kind ...int) pkix.Extension {
	var ids []asn1.ObjectIdentifier
	for _, n := range kind {
		ids = append(ids, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, n})
	}
	b, err := asn1.Marshal(ids)
	if err != nil {
		panic(err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: b}
}

// opensslTSA serves OpenSSL's time-stamp service on a loopback address.
func opensslTSA(t testing.TB) *TimeService {
	t.Helper()
	dir := t.TempDir()
	k := stamping(usage(true, 8))
	der, err := x509.MarshalPKCS8PrivateKey(k.Private)
	if err != nil {
		t.Fatal(err)
	}
	chain := []byte{}
	for _, c := range k.Chain {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	for name, b := range map[string][]byte{
		"tsa.conf": []byte(tsaConfig), "chain.pem": chain, "tsa.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: k.Certificate.Raw}),
		"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return serve(t, func(query []byte) ([]byte, error) {
		if err := os.WriteFile(filepath.Join(dir, "query"), query, 0o600); err != nil {
			return nil, err
		}
		cmd := exec.Command("openssl", "ts", "-reply", "-config", "tsa.conf", "-queryfile", "query")
		cmd.Dir = dir
		return cmd.Output()
	})
}

func serve(t testing.TB, answer func(query []byte) ([]byte, error)) *TimeService {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
			t.Error(r.Header, err)
		}
		b, err := answer(query)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(b)
	}))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(theAuthority().root)
	return &TimeService{URL: s.URL, Roots: roots}
}

func TestATimeStampOfOpenSSLsServiceProvesWhen(t *testing.T) {
	t.Parallel()
	tsa := opensslTSA(t)
	dir := nss(t, theAuthority().root)
	for _, kind := range []string{"RSA-2048", "P-256"} {
		for range 2 { // the second time the room is known
			b := signed(t, keys()[kind], Options{Time: tsa})
			s := only(t, b)
			if !s.Intact() || s.Stamp == nil || time.Since(s.Stamp.Time).Abs() > time.Hour || s.Stamp.Service.Subject.CommonName != "Dấu thời gian thử nghiệm" {
				t.Fatalf("%s: %+v", kind, s)
			}
			if out := pdfsig(t, dir, save(t, b)); !strings.Contains(out, "Signature is Valid.") || !strings.Contains(out, "Certificate is Trusted.") {
				t.Errorf("%s: %s", kind, out)
			}
			run(t, "qpdf", "--check", save(t, b))
			if grown := len(b) - len(drawn(t)); grown > 12<<10 {
				t.Errorf("%s: signature and time-stamp take %d bytes", kind, grown)
			}
			der, _ := cms(t, b)
			e, bad := open(der)
			if bad != nil {
				t.Fatal(bad)
			}
			var token asn1.RawValue
			if err := find(e.unsigned, oidTimeStampToken, &token); err != nil {
				t.Fatal(err)
			}
			out := t.TempDir()
			for name, b := range map[string][]byte{"token": token.FullBytes, "value": e.signer.Signature, "root.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: theAuthority().root.Raw})} {
				if err := os.WriteFile(filepath.Join(out, name), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			run(t, "openssl", "ts", "-verify", "-token_in", "-in", out+"/token", "-data", out+"/value", "-CAfile", out+"/root.pem")
		}
	}
}

// reply answers a request with a token of ours, after change.
func reply(t testing.TB, k *Key, query []byte, change func(info *tspclient.TSTInfo)) []byte {
	t.Helper()
	var request tspclient.Request
	if err := request.UnmarshalBinary(query); err != nil {
		t.Error(err)
		return nil
	}
	info := tspclient.TSTInfo{Version: 1, Policy: asn1.ObjectIdentifier{1, 2, 3, 4, 1}, MessageImprint: request.MessageImprint, SerialNumber: big.NewInt(7), GenTime: now, Nonce: request.Nonce}
	change(&info)
	must := func(v any) []byte {
		b, err := asn1.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		return b
	}
	oidTSTInfo := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	content := must(info)
	digest, sum := sha256.Sum256(content), sha256.Sum256(k.Certificate.Raw)
	attrs, _ := attributes(oidContentType, oidTSTInfo, oidMessageDigest, digest[:], oidSigningCertificateV2, signingCertificate{Certificates: []certificateID{{Sum: sum[:]}}})
	set, _ := asn1.MarshalWithParams(attrs, "set")
	hash := sha256.Sum256(set)
	value, err := k.Private.Sign(nil, hash[:], crypto.SHA256)
	if err != nil {
		t.Error(err)
	}
	id := must(issuerSerial{asn1.RawValue{FullBytes: k.Certificate.RawIssuer}, k.Certificate.SerialNumber})
	var certificates []byte
	for _, c := range append([]*x509.Certificate{k.Certificate}, k.Chain...) {
		certificates = append(certificates, c.Raw...)
	}
	zero := func(b []byte) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: b}
	}
	token := contentInfo{oidSignedData, zero(must(signedData{
		Version: 3, Digests: []pkix.AlgorithmIdentifier{{Algorithm: oidSHA256}}, Content: contentInfo{oidTSTInfo, zero(must(content))}, Certificates: zero(certificates),
		Signers: []signerInfo{{Version: 1, ID: asn1.RawValue{FullBytes: id}, Digest: pkix.AlgorithmIdentifier{Algorithm: oidSHA256}, Signed: tagged(0, set), Algorithm: k.algorithm(), Signature: value}},
	}))}
	return must(struct {
		Status struct{ Status int }
		Token  asn1.RawValue
	}{Token: asn1.RawValue{FullBytes: must(token)}})
}

func TestAnswersOfTimeStampServicesAreChecked(t *testing.T) {
	t.Parallel()
	right := stamping(usage(true, 8))
	stranger := *right
	stranger.Private = curveKey(elliptic.P256())
	nothing := func(*tspclient.TSTInfo) {}
	with := func(k *Key, change func(*tspclient.TSTInfo)) func([]byte) ([]byte, error) {
		return func(q []byte) ([]byte, error) { return reply(t, k, q, change), nil }
	}
	for what, c := range map[string]struct {
		answer func([]byte) ([]byte, error)
		code   string
	}{
		"right":                  {with(right, nothing), ""},
		"another nonce":          {with(right, func(i *tspclient.TSTInfo) { i.Nonce = big.NewInt(1) }), "time_stamp_refused"},
		"no nonce":               {with(right, func(i *tspclient.TSTInfo) { i.Nonce = nil }), "time_stamp_refused"},
		"another imprint":        {with(right, func(i *tspclient.TSTInfo) { i.MessageImprint.HashedMessage = make([]byte, 32) }), "time_stamp_refused"},
		"another key":            {with(&stranger, nothing), "time_stamp_refused"},
		"certificate of anyone":  {with(keys()["P-256"], nothing), "time_stamp_refused"},
		"usage not critical":     {with(stamping(usage(false, 8)), nothing), "time_stamp_refused"},
		"usage not alone":        {with(stamping(usage(true, 8, 3)), nothing), "time_stamp_refused"},
		"other usage":            {with(stamping(usage(true, 3)), nothing), "time_stamp_refused"},
		"expired then":           {with(right, func(i *tspclient.TSTInfo) { i.GenTime = now.AddDate(40, 0, 0) }), "time_stamp_refused"},
		"refused by the service": {func([]byte) ([]byte, error) { return []byte{0x30, 5, 0x30, 3, 2, 1, 2}, nil }, "time_stamp_refused"},
		"rubbish":                {func([]byte) ([]byte, error) { return []byte("rubbish"), nil }, "time_stamp_unavailable"},
		"an error":               {func([]byte) ([]byte, error) { return nil, io.ErrUnexpectedEOF }, "time_stamp_unavailable"},
	} {
		service := serve(t, c.answer)
		_, err := Sign(context.Background(), drawn(t), keys()["P-256"], Options{At: now, Time: service})
		if c.code == "" && err != nil || c.code != "" && !errs.Is(err, c.code) {
			t.Errorf("%s: %v, want %q", what, err, c.code)
		}
	}
	gone := serve(t, nil)
	gone.URL = "http://127.0.0.1:1"
	if _, err := gone.Stamp(context.Background(), []byte("x")); !errs.Is(err, "time_stamp_unavailable") {
		t.Error(err)
	}
	slow := serve(t, func([]byte) ([]byte, error) { return nil, io.EOF })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := slow.Stamp(ctx, []byte("x")); !errs.Is(err, "time_stamp_unavailable") {
		t.Error(err)
	}
	foreign := serve(t, with(right, nothing))
	foreign.Roots = x509.NewCertPool()
	if _, err := foreign.Stamp(context.Background(), []byte("x")); !errs.Is(err, "time_stamp_refused") {
		t.Error(err)
	}
}

func TestATimeStampOfSomethingElseDoesNotStand(t *testing.T) {
	t.Parallel()
	tsa := serve(t, func(q []byte) ([]byte, error) {
		return reply(t, stamping(usage(true, 8)), q, func(*tspclient.TSTInfo) {}), nil
	})
	other, err := tsa.Stamp(context.Background(), []byte("something else"))
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("content"))
	der, err := detached(keys()["P-256"], digest[:], func([]byte) ([]byte, error) { return other, nil })
	if err != nil {
		t.Fatal(err)
	}
	e, bad := open(der)
	if bad != nil {
		t.Fatal(bad)
	}
	if bad := e.check([]byte("content")); bad != nil {
		t.Error(bad)
	}
	if _, bad := e.stamp(); bad == nil || bad.code != "time_stamp_wrong" {
		t.Error(bad)
	}
}

// A service that answers with more from time to time does not stop the signing.
func TestRoomForALargerTokenIsMade(t *testing.T) {
	t.Parallel()
	small, large := stamping(usage(true, 8)), stamping(usage(true, 8))
	small.Chain = nil
	for range 8 {
		large.Chain = append(large.Chain, certify(curveKey(elliptic.P256()).Public(), "Thêm", theAuthority().root, theAuthority().rootKey, nil))
	}
	large.Chain = append(large.Chain, theAuthority().sub)
	asked := 0
	tsa := serve(t, func(q []byte) ([]byte, error) {
		asked++
		k := small
		if asked > 1 {
			k = large
		}
		return reply(t, k, q, func(*tspclient.TSTInfo) {}), nil
	})
	tsa.Roots = nil
	for range 3 {
		if b := signed(t, keys()["P-256"], Options{Time: tsa}); !stands(b) || bytes.Count(b, []byte("/ByteRange")) != 1 {
			t.Errorf("%+v", only(t, b))
		}
	}
	if asked != 4 {
		t.Errorf("asked %d times", asked)
	}
}
