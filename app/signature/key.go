package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"taphuan/app/errs"
	"taphuan/models"
)

// Key is a private key that signs, with its certificate and those above it.
type Key struct {
	Private     crypto.Signer
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // from the issuer upwards, as far as known
}

// Subject is who signs, as its certificate says.
func (k *Key) Subject() string { return Who(k.Certificate.Subject) }

// Issuer is who vouches for that.
func (k *Key) Issuer() string { return Who(k.Certificate.Issuer) }

// Who gives the names of a certificate as people read them: the person, and the organisation where it says another.
func Who(n pkix.Name) string {
	names := []string{n.CommonName}
	if n.CommonName == "" {
		names = nil
	}
	for _, o := range n.Organization {
		if o != n.CommonName {
			names = append(names, o)
		}
	}
	return strings.Join(names, ", ")
}

// NotAfter is when the certificate ends.
func (k *Key) NotAfter() time.Time { return k.Certificate.NotAfter }

// Fingerprint is the SHA-256 of the certificate.
func (k *Key) Fingerprint() string {
	sum := sha256.Sum256(k.Certificate.Raw)
	return hex.EncodeToString(sum[:])
}

// ValidAt refuses a moment before ("key_not_yet_valid") or after ("key_expired") the certificate's time.
func (k *Key) ValidAt(at time.Time) error {
	if at.Before(k.Certificate.NotBefore) {
		return errs.Invalid("key_not_yet_valid", errs.Params{"from": models.DayOf(k.Certificate.NotBefore)})
	}
	if at.After(k.Certificate.NotAfter) {
		return errs.Invalid("key_expired", errs.Params{"until": models.DayOf(k.Certificate.NotAfter)})
	}
	return nil
}

// maxKeyFile is the size of a key file: those with long chains have some 10 KB.
const maxKeyFile = 1 << 20

// maxRounds is how many rounds a file may ask for to make its keys from the password: programs write up to 600,000, and two
// thousand million would hold a processor for an hour.
const maxRounds = 5_000_000

// LoadPKCS12 reads a key from a .p12 or .pfx file, modern or of the old kinds (3DES, RC2). It refuses
//
//	key_file_unreadable      what is no such file, or of a kind that is not understood
//	key_password_wrong       a wrong password
//	key_missing              a file without a private key
//	key_several              one with several, since nobody could say which is meant
//	key_certificate_missing  one without the certificate of its key
//	key_expired, key_not_yet_valid
//	key_weak                 RSA below 2048 bits, curves other than P-256 and P-384, other kinds of keys
//	key_usage                a certificate that is not for signing documents
func LoadPKCS12(data []byte, password string, now time.Time) (*Key, error) {
	if len(data) > maxKeyFile {
		return nil, errs.TooLarge("key_file_unreadable")
	}
	if der, err := toDER(data); err == nil {
		data = der // some programs write BER
	}
	if rounds(data, 0) > maxRounds {
		return nil, errs.Invalid("key_file_unreadable")
	}
	private, first, others, err := pkcs12.DecodeChain(data, password)
	if err != nil {
		return nil, &errs.Error{Kind: errs.KindInvalid, Code: refusal(err), Err: err}
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return nil, errs.Invalid("key_weak")
	}
	k, err := match(signer, append([]*x509.Certificate{first}, others...))
	if err != nil {
		return nil, err
	}
	if err := k.check(now); err != nil {
		return nil, err
	}
	return k, nil
}

// refusal gives the code for an error of the library, which has no kinds of errors for most.
func refusal(err error) string {
	switch said := err.Error(); {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return "key_password_wrong"
	case strings.Contains(said, "private key missing"):
		return "key_missing"
	case strings.Contains(said, "exactly one key bag"):
		return "key_several"
	case strings.Contains(said, "certificate missing"):
		return "key_certificate_missing"
	}
	return "key_file_unreadable"
}

// match finds the certificate of the key and puts those above it in order.
func match(private crypto.Signer, certificates []*x509.Certificate) (*Key, error) {
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return nil, &errs.Error{Kind: errs.KindInvalid, Code: "key_weak", Err: err}
	}
	for i, c := range certificates {
		if bytes.Equal(c.RawSubjectPublicKeyInfo, public) || c.PublicKey.(interface{ Equal(crypto.PublicKey) bool }).Equal(private.Public()) {
			others := append(append([]*x509.Certificate{}, certificates[:i]...), certificates[i+1:]...)
			return &Key{private, c, path(c, others)[1:]}, nil
		}
	}
	return nil, errs.Invalid("key_certificate_missing")
}

func (k *Key) check(now time.Time) error {
	if err := strong(k.Private.Public()); err != nil {
		return &errs.Error{Kind: errs.KindInvalid, Code: "key_weak", Err: err}
	}
	if u := k.Certificate.KeyUsage; u != 0 && u&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return errs.Invalid("key_usage")
	}
	return k.ValidAt(now)
}

// strong refuses keys that are too weak, or of a kind that readers of PDF do not know.
func strong(public crypto.PublicKey) error {
	switch p := public.(type) {
	case *rsa.PublicKey:
		if p.N.BitLen() < 2048 {
			return fmt.Errorf("RSA of %d bits", p.N.BitLen())
		}
		return nil
	case *ecdsa.PublicKey:
		if p.Curve == elliptic.P256() || p.Curve == elliptic.P384() {
			return nil
		}
		return fmt.Errorf("curve %s", p.Curve.Params().Name)
	}
	return fmt.Errorf("%T", public)
}

// DemoMark begins the subject of demonstration keys.
const DemoMark = "DEMO"

// Demo says whether the key is one of NewDemoKey's.
func (k *Key) Demo() bool { return strings.HasPrefix(k.Certificate.Subject.CommonName, DemoMark) }

// NewDemoKey makes a key for trying out: P-256, its certificate signed by itself and valid for ten years, "DEMO" before the
// organisation's name in the subject.
func NewDemoKey(now time.Time, organisation string) (*Key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	subject := DemoMark + " " + organisation
	if r := []rune(subject); len(r) > 64 { // the most that X.520 allows
		subject = strings.TrimSpace(string(r[:64]))
	}
	subject = strings.TrimSpace(subject)
	template := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)), Subject: pkix.Name{CommonName: subject, Organization: []string{subject}, Country: []string{"VN"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, err
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &Key{Private: private, Certificate: c}, nil
}

// Marshal gives the key with its certificates in PEM, for whoever seals it: it holds the private key in the clear.
func (k *Key) Marshal() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.Private)
	if err != nil {
		return nil, err
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, c := range append([]*x509.Certificate{k.Certificate}, k.Chain...) {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out, nil
}

// ParseKey reads what Marshal gave. It does not ask whether the certificate is still valid: Sign does.
func ParseKey(b []byte) (*Key, error) {
	var private crypto.Signer
	var certificates []*x509.Certificate
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, err
			}
			certificates = append(certificates, c)
			continue
		}
		k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		private, _ = k.(crypto.Signer)
	}
	if private == nil || len(certificates) == 0 {
		return nil, errs.Invalid("key_missing")
	}
	return match(private, certificates)
}
