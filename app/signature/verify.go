package signature

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"taphuan/app/errs"
)

const (
	cadesDetached = "ETSI.CAdES.detached"
	adobeDetached = "adbe.pkcs7.detached"
	documentStamp = "ETSI.RFC3161"
	maxContents   = 1 << 20 // of one signature
	maxFields     = 1_000
)

// Signature is one signature of a PDF, as found and checked.
type Signature struct {
	Field       string
	Name        string
	Reason      string
	SubFilter   string
	Signed      time.Time           // as the signer says; zero where the file says nothing
	Certificate *x509.Certificate   // of the signer; nil where the signature cannot be read
	Chain       []*x509.Certificate // from the signer upwards, as far as the file brings it; nil where the signature does not stand
	Stamp       *Stamp              // what a time-stamp proves; nil for none
	End         int                 // the signature covers the file so far
	CoversAll   bool                // and nothing follows: otherwise somebody saved after it
	Only        bool                // it is no person's: a time-stamp of the document only
	Fault       string              // why it does not stand, a code; "" if it does
	Err         error               // the inside of that, for logs
}

// Intact says whether what the signature covers is what was signed with the certificate's key. Whether to trust the
// certificate is another question: Trust.
func (s *Signature) Intact() bool { return s.Fault == "" }

// At is when the signature was there for all we know: by its time-stamp, otherwise now.
func (s *Signature) At(now time.Time) time.Time {
	if s.Stamp != nil {
		return s.Stamp.Time
	}
	return now
}

// Trust says why the chain does not lead to one of the roots at that time, nil if it does.
func (s *Signature) Trust(roots *x509.CertPool, at time.Time) error {
	if s.Certificate == nil {
		return errors.New("no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range s.Chain {
		between.AddCert(c)
	}
	_, err := s.Certificate.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err
}

// Verify finds the signatures of a PDF, in the order in which they were made, and says of each what it covers and whether it
// stands. It refuses what it cannot read strictly by the book with "pdf_unreadable", and more than 64 MB with "pdf_too_large". Faults:
//
//	signature_kind                  a kind that is not checked here (adbe.pkcs7.sha1 and older)
//	signature_range                 it leaves out more of the file than itself
//	signature_malformed             what stands there is no signature
//	signature_content_changed       the file was changed in what it covers
//	signature_wrong                 it was not made with the certificate's key
//	signature_weak                  SHA-1, RSA below 2048 bits
//	signature_key_usage             the certificate is not for signing
//	signature_certificate_missing   the certificate is not in it
//	signature_certificate_mismatch  the certificate is not the one that signed
//	time_stamp_wrong                its time-stamp does not stand
func Verify(pdf []byte) ([]Signature, error) {
	doc, err := open64(pdf)
	if err != nil {
		return nil, err
	}
	fields, err := doc.signatureFields()
	if err != nil {
		return nil, unreadable(err)
	}
	var out []Signature
	for _, f := range fields {
		if f.dict["V"] == nil {
			continue
		}
		s := Signature{Field: people(f.dict["T"])}
		if bad := doc.check(&s, f.dict["V"]); bad != nil {
			s.Fault, s.Err = bad.code, bad.err
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Signature) int { return cmp.Compare(a.End, b.End) })
	return out, nil
}

func open64(pdf []byte) (*document, error) {
	doc, err := read(pdf)
	if errors.Is(err, errLimits) {
		return nil, &errs.Error{Kind: errs.KindTooLarge, Code: "pdf_too_large", Err: err}
	}
	if err != nil {
		return nil, unreadable(err)
	}
	return doc, nil
}

// field is a field of a form with what it inherits.
type field struct {
	dict dict
	ref  ref
}

// signatureFields gives all fields for signatures, signed or not.
func (d *document) signatureFields() ([]field, error) {
	root, err := d.dictOf(d.trailer["Root"])
	if err != nil {
		return nil, err
	}
	form, err := d.dictOf(root["AcroForm"])
	if err != nil {
		return nil, err
	}
	type node struct {
		at     any
		parent dict
	}
	var todo []node
	list, err := d.arrayOf(form["Fields"])
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		todo = append(todo, node{f, nil})
	}
	seen := map[ref]bool{}
	var out []field
	for n := 0; len(todo) > 0; n++ {
		at := todo[0]
		todo = todo[1:]
		r, indirect := at.at.(ref)
		if n > maxFields || len(todo) > maxFields || !indirect || seen[r] {
			return nil, fmt.Errorf("%w: fields", errSyntax)
		}
		seen[r] = true
		f, err := d.dictOf(r)
		if err != nil {
			return nil, err
		}
		full := with(f)
		for _, k := range []name{"FT", "V", "T"} {
			if full[k] == nil && at.parent[k] != nil {
				full[k] = at.parent[k]
			}
		}
		kids, err := d.arrayOf(f["Kids"])
		if err != nil {
			return nil, err
		}
		fields := 0
		for _, k := range kids {
			kid, err := d.dictOf(k)
			if err != nil {
				return nil, err
			}
			if kid["T"] != nil { // a field of its own, not only the look of this one
				fields++
				todo = append(todo, node{k, full})
			}
		}
		kind, err := d.resolve(full["FT"])
		if err != nil {
			return nil, err
		}
		if fields == 0 && kind == name("Sig") {
			out = append(out, field{full, r})
		}
	}
	return out, nil
}

// check fills in what the signature says and gives its fault.
func (d *document) check(s *Signature, v any) *fault {
	r, indirect := v.(ref)
	if !indirect || d.entries[r.num].kind != 1 { // in an object stream its place could not be told
		return broken("signature_malformed", nil)
	}
	sig, err := d.dictOf(r)
	if err != nil {
		return broken("signature_malformed", err)
	}
	kind, _ := sig["SubFilter"].(name)
	s.SubFilter, s.Only = string(kind), kind == documentStamp
	s.Name, s.Reason, s.Signed = people(sig["Name"]), people(sig["Reason"]), timeOf(sig["M"])
	contents, ok := sig["Contents"].(text)
	if !ok || !contents.hex || len(contents.value) > maxContents {
		return broken("signature_malformed", nil)
	}
	parts, bad := d.covered(s, sig, contents)
	if bad != nil {
		return bad
	}
	switch kind {
	case documentStamp:
		return s.checkStamp(contents.value, parts)
	case cadesDetached, adobeDetached:
	default:
		return broken("signature_kind", nil)
	}
	e, bad := open([]byte(contents.value))
	if bad != nil {
		return bad
	}
	s.Certificate = e.certificate
	if bad := e.check(parts...); bad != nil {
		return bad
	}
	s.Chain = path(e.certificate, e.certificates)
	s.Stamp, bad = e.stamp()
	return bad
}

// covered gives the bytes that the signature is of. They are the file from its first byte to the end of a saved state, without
// exactly the signature's own string.
func (d *document) covered(s *Signature, sig dict, contents text) ([][]byte, *fault) {
	list, err := d.arrayOf(sig["ByteRange"])
	if err != nil || len(list) != 4 {
		return nil, broken("signature_range", err)
	}
	var n [4]int
	for i, v := range list {
		var ok bool
		if n[i], ok = v.(int); !ok || n[i] < 0 || n[i] > len(d.b) {
			return nil, broken("signature_range", nil)
		}
	}
	end := n[2] + n[3]
	if n[0] != 0 || n[1] != contents.from || n[2] != contents.to || end > len(d.b) {
		return nil, broken("signature_range", nil)
	}
	if !bytes.HasSuffix(bytes.TrimRight(d.b[:end], "\r\n"), []byte("%%EOF")) {
		return nil, broken("signature_range", nil)
	}
	s.End, s.CoversAll = end, end == len(d.b)
	return [][]byte{d.b[:n[1]], d.b[n[2]:end]}, nil
}

func (s *Signature) checkStamp(token string, parts [][]byte) *fault {
	der, err := toDER([]byte(token))
	if err != nil {
		return broken("time_stamp_wrong", err)
	}
	stamp, err := stampOf(context.Background(), der, bytes.Join(parts, nil), nil)
	if err != nil {
		return broken("time_stamp_wrong", err)
	}
	s.Stamp, s.Certificate, s.Chain = stamp, stamp.Service, stamp.Chain
	return nil
}
