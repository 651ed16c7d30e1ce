package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // for crypto.SHA384, crypto.SHA512
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// The parts of CMS (RFC 5652) that signatures of PDFs are made of.
type (
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
	}
	signedData struct {
		Version      int
		Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
		Content      contentInfo
		Certificates asn1.RawValue `asn1:"optional,tag:0"`
		CRLs         asn1.RawValue `asn1:"optional,tag:1"`
		Signers      []signerInfo  `asn1:"set"`
	}
	signerInfo struct {
		Version   int
		ID        asn1.RawValue // issuer and serial number, or [0] the key's identifier
		Digest    pkix.AlgorithmIdentifier
		Signed    asn1.RawValue `asn1:"optional,tag:0"`
		Algorithm pkix.AlgorithmIdentifier
		Signature []byte
		Unsigned  asn1.RawValue `asn1:"optional,tag:1"`
	}
	issuerSerial struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	attribute struct {
		Type   asn1.ObjectIdentifier
		Values asn1.RawValue // a SET
	}
	signingCertificate struct { // RFC 5035; version 1 has no algorithm, it is SHA-1
		Certificates []certificateID
		Policies     asn1.RawValue `asn1:"optional"`
	}
	certificateID struct {
		Hash   pkix.AlgorithmIdentifier `asn1:"optional"`
		Sum    []byte
		Serial asn1.RawValue `asn1:"optional"`
	}
)

var (
	oidData                 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimeStampToken       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidSHA256               = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384               = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512               = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
	oidRSA                  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidRSASHA256            = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	oidRSASHA384            = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}
	oidRSASHA512            = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}
	oidRSAPSS               = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidECPublicKey          = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidECDSASHA256          = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidECDSASHA384          = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}
	oidECDSASHA512          = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}
)

// detached signs a digest of SHA-256 in CMS without the content, as CAdES baseline B asks: content type, digest and the hash of
// the signer's certificate are signed; the time is not, since the PDF says it. stamp, if any, gets the signature's value and
// gives the token that says when it was there.
func detached(k *Key, digest []byte, stamp func(value []byte) (token []byte, err error)) ([]byte, error) {
	sum := sha256.Sum256(k.Certificate.Raw)
	attrs, err := attributes(oidContentType, oidData, oidMessageDigest, digest,
		oidSigningCertificateV2, signingCertificate{Certificates: []certificateID{{Sum: sum[:]}}})
	if err != nil {
		return nil, err
	}
	toSign, err := asn1.MarshalWithParams(attrs, "set")
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(toSign)
	value, err := k.sign(hash[:])
	if err != nil {
		return nil, err
	}
	id, err := asn1.Marshal(issuerSerial{asn1.RawValue{FullBytes: k.Certificate.RawIssuer}, k.Certificate.SerialNumber})
	if err != nil {
		return nil, err
	}
	signer := signerInfo{
		Version: 1, ID: asn1.RawValue{FullBytes: id}, Digest: pkix.AlgorithmIdentifier{Algorithm: oidSHA256},
		Signed: tagged(0, toSign), Algorithm: k.algorithm(), Signature: value,
	}
	if stamp != nil {
		token, err := stamp(value)
		if err != nil {
			return nil, err
		}
		unsigned, err := attributes(oidTimeStampToken, asn1.RawValue{FullBytes: token})
		if err != nil {
			return nil, err
		}
		set, err := asn1.MarshalWithParams(unsigned, "set")
		if err != nil {
			return nil, err
		}
		signer.Unsigned = tagged(1, set)
	}
	return k.enclose(signer)
}

// enclose puts the signer and all certificates into the outer structures.
func (k *Key) enclose(signer signerInfo) ([]byte, error) {
	certificates := [][]byte{k.Certificate.Raw}
	for _, c := range k.Chain {
		certificates = append(certificates, c.Raw)
	}
	slices.SortFunc(certificates, bytes.Compare)
	inner, err := asn1.Marshal(signedData{
		Version: 1, Digests: []pkix.AlgorithmIdentifier{{Algorithm: oidSHA256}}, Content: contentInfo{Type: oidData},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: bytes.Join(certificates, nil)},
		Signers:      []signerInfo{signer},
	})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{Type: oidSignedData, Content: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}})
}

// attributes takes pairs of a type and its one value.
func attributes(pairs ...any) ([]attribute, error) {
	var out []attribute
	for i := 0; i < len(pairs); i += 2 {
		v, err := asn1.Marshal(pairs[i+1])
		if err != nil {
			return nil, err
		}
		out = append(out, attribute{pairs[i].(asn1.ObjectIdentifier), asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: v}})
	}
	return out, nil
}

// tagged gives a SET under another tag.
func tagged(tag int, set []byte) asn1.RawValue {
	set = slices.Clone(set)
	set[0] = 0xa0 | byte(tag)
	return asn1.RawValue{FullBytes: set}
}

func (k *Key) sign(hash []byte) ([]byte, error) {
	if e, ok := k.Private.(*ecdsa.PrivateKey); ok {
		return e.Sign(nil, hash, crypto.SHA256) // without randomness it is RFC 6979: the same document gives the same signature
	}
	return k.Private.Sign(nil, hash, crypto.SHA256)
}

func (k *Key) algorithm() pkix.AlgorithmIdentifier {
	if _, ok := k.Private.Public().(*rsa.PublicKey); ok {
		return pkix.AlgorithmIdentifier{Algorithm: oidRSASHA256, Parameters: asn1.NullRawValue}
	}
	return pkix.AlgorithmIdentifier{Algorithm: oidECDSASHA256}
}

// maxCertificates is how many certificates a signature may carry along.
const maxCertificates = 32

// envelope is a parsed CMS signature by one signer.
type envelope struct {
	signer       signerInfo
	certificate  *x509.Certificate
	certificates []*x509.Certificate // the others
	signed       []attribute
	unsigned     []attribute
}

// fault is why a signature does not stand.
type fault struct {
	code string
	err  error
}

func (f *fault) Error() string {
	if f.err == nil {
		return f.code
	}
	return f.code + ": " + f.err.Error()
}

func broken(code string, err error) *fault { return &fault{code, err} }

// open reads a CMS signature; the rest of b is the room that a PDF left for it, zeros.
func open(b []byte) (*envelope, *fault) {
	der, rest, err := convert(b, 0)
	if err != nil || len(bytes.Trim(rest, "\x00")) > 0 {
		return nil, broken("signature_malformed", err)
	}
	var outer contentInfo
	if _, err := asn1.Unmarshal(der, &outer); err != nil || !outer.Type.Equal(oidSignedData) {
		return nil, broken("signature_malformed", err)
	}
	var sd signedData
	if rest, err := asn1.Unmarshal(outer.Content.Bytes, &sd); err != nil || len(rest) > 0 {
		return nil, broken("signature_malformed", err)
	}
	if len(sd.Signers) != 1 {
		return nil, broken("signature_malformed", fmt.Errorf("%d signers", len(sd.Signers)))
	}
	certificates, err := x509.ParseCertificates(sd.Certificates.Bytes)
	if err != nil || len(certificates) > maxCertificates {
		return nil, broken("signature_malformed", err)
	}
	e := &envelope{signer: sd.Signers[0]}
	for _, c := range certificates {
		if e.certificate == nil && e.names(c) {
			e.certificate = c
		} else {
			e.certificates = append(e.certificates, c)
		}
	}
	if e.certificate == nil {
		return nil, broken("signature_certificate_missing", nil)
	}
	for _, part := range []struct {
		raw  asn1.RawValue
		into *[]attribute
	}{{e.signer.Signed, &e.signed}, {e.signer.Unsigned, &e.unsigned}} {
		for rest := part.raw.Bytes; len(rest) > 0; {
			var a attribute
			if rest, err = asn1.Unmarshal(rest, &a); err != nil {
				return nil, broken("signature_malformed", err)
			}
			*part.into = append(*part.into, a)
		}
	}
	return e, nil
}

// names says whether the signer calls the certificate the own one.
func (e *envelope) names(c *x509.Certificate) bool {
	if id := e.signer.ID; id.Class == asn1.ClassContextSpecific && id.Tag == 0 {
		return len(c.SubjectKeyId) > 0 && bytes.Equal(id.Bytes, c.SubjectKeyId)
	}
	var is issuerSerial
	if _, err := asn1.Unmarshal(e.signer.ID.FullBytes, &is); err != nil || is.Serial == nil {
		return false
	}
	return bytes.Equal(is.Issuer.FullBytes, c.RawIssuer) && is.Serial.Cmp(c.SerialNumber) == 0
}

// find gives the one value of an attribute; one that stands twice, or with more values, counts as none.
func find(attrs []attribute, oid asn1.ObjectIdentifier, into any) error {
	var found *attribute
	for i, a := range attrs {
		if a.Type.Equal(oid) {
			if found != nil {
				return errors.New("attribute stands twice")
			}
			found = &attrs[i]
		}
	}
	if found == nil {
		return errors.New("attribute missing")
	}
	rest, err := asn1.Unmarshal(found.Values.Bytes, into)
	if err == nil && len(rest) > 0 {
		err = errors.New("attribute with several values")
	}
	return err
}

func hashOf(oid asn1.ObjectIdentifier) (crypto.Hash, bool) {
	switch {
	case oid.Equal(oidSHA256):
		return crypto.SHA256, true
	case oid.Equal(oidSHA384):
		return crypto.SHA384, true
	case oid.Equal(oidSHA512):
		return crypto.SHA512, true
	}
	return 0, false
}

// check says what is wrong with the signature over content, nil for nothing.
func (e *envelope) check(content ...[]byte) *fault {
	hash, ok := hashOf(e.signer.Digest.Algorithm)
	if !ok {
		return broken("signature_weak", fmt.Errorf("digest %v", e.signer.Digest.Algorithm))
	}
	if err := strong(e.certificate.PublicKey); err != nil {
		return broken("signature_weak", err)
	}
	var contentType asn1.ObjectIdentifier
	if err := find(e.signed, oidContentType, &contentType); err != nil || !contentType.Equal(oidData) {
		return broken("signature_malformed", err)
	}
	var digest []byte
	if err := find(e.signed, oidMessageDigest, &digest); err != nil {
		return broken("signature_malformed", err)
	}
	h := hash.New()
	for _, part := range content {
		h.Write(part)
	}
	if !bytes.Equal(h.Sum(nil), digest) {
		return broken("signature_content_changed", nil)
	}
	if f := e.checkCertificate(); f != nil {
		return f
	}
	set := slices.Clone(e.signer.Signed.FullBytes)
	set[0] = asn1.TagSet | 0x20
	if err := e.certificate.CheckSignature(e.algorithm(hash), set, e.signer.Signature); err != nil {
		return broken("signature_wrong", err)
	}
	if u := e.certificate.KeyUsage; u != 0 && u&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return broken("signature_key_usage", nil)
	}
	return nil
}

// checkCertificate holds the certificate to the hash that is signed, where one is.
func (e *envelope) checkCertificate() *fault {
	var sc signingCertificate
	if !slices.ContainsFunc(e.signed, func(a attribute) bool { return a.Type.Equal(oidSigningCertificateV2) }) {
		return nil
	}
	if err := find(e.signed, oidSigningCertificateV2, &sc); err != nil || len(sc.Certificates) == 0 {
		return broken("signature_malformed", err)
	}
	first, hash := sc.Certificates[0], crypto.SHA256
	if len(first.Hash.Algorithm) > 0 {
		var ok bool
		if hash, ok = hashOf(first.Hash.Algorithm); !ok {
			return broken("signature_weak", nil)
		}
	}
	h := hash.New()
	h.Write(e.certificate.Raw)
	if !bytes.Equal(h.Sum(nil), first.Sum) {
		return broken("signature_certificate_mismatch", nil)
	}
	return nil
}

// algorithm is what the signer says it signed with; unknown ones fail to verify.
func (e *envelope) algorithm(hash crypto.Hash) x509.SignatureAlgorithm {
	oid := e.signer.Algorithm.Algorithm
	index := map[crypto.Hash]int{crypto.SHA256: 0, crypto.SHA384: 1, crypto.SHA512: 2}[hash]
	for _, known := range []struct {
		oids       []asn1.ObjectIdentifier // one for any digest, or one for each
		algorithms [3]x509.SignatureAlgorithm
	}{
		{[]asn1.ObjectIdentifier{oidRSA}, [3]x509.SignatureAlgorithm{x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA}},
		{[]asn1.ObjectIdentifier{oidRSASHA256, oidRSASHA384, oidRSASHA512}, [3]x509.SignatureAlgorithm{x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA}},
		{[]asn1.ObjectIdentifier{oidRSAPSS}, [3]x509.SignatureAlgorithm{x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS}},
		{[]asn1.ObjectIdentifier{oidECPublicKey}, [3]x509.SignatureAlgorithm{x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512}},
		{[]asn1.ObjectIdentifier{oidECDSASHA256, oidECDSASHA384, oidECDSASHA512}, [3]x509.SignatureAlgorithm{x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512}},
	} {
		if len(known.oids) == 1 && oid.Equal(known.oids[0]) || len(known.oids) == 3 && oid.Equal(known.oids[index]) {
			return known.algorithms[index]
		}
	}
	return x509.UnknownSignatureAlgorithm
}

// path gives the chain from the certificate upwards, as far as others of the signature go.
func path(c *x509.Certificate, others []*x509.Certificate) []*x509.Certificate {
	out := []*x509.Certificate{c}
	for range others {
		last := out[len(out)-1]
		i := slices.IndexFunc(others, func(o *x509.Certificate) bool {
			return bytes.Equal(o.RawSubject, last.RawIssuer) && !slices.Contains(out, o) && last.CheckSignatureFrom(o) == nil
		})
		if i < 0 || bytes.Equal(last.RawIssuer, last.RawSubject) {
			break
		}
		out = append(out, others[i])
	}
	return out
}
