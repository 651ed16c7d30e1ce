// Package signature signs PDFs and checks signed ones: PAdES baseline B-B, and B-T with a time-stamp service. It knows PDF,
// CMS, PKCS#12 and RFC 3161, and nothing of what documents say.
package signature

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"taphuan/app/errs"
)

// Options are what a signature says beside who signs.
type Options struct {
	At       time.Time // when, as the signer says
	Name     string    // who, for people; "" is the common name of the certificate
	Reason   string
	Location string
	Language string       // of the document; "" is the one that it says, or Language
	Time     *TimeService // proves when; nil for none
}

// Sign appends a signature of the document's state, as PAdES baseline B asks, and with it what Finish does. It certifies that
// nothing may be changed any more (DocMDP, P 1). Without a time-stamp service the same input gives the same bytes.
//
// It refuses what is no PDF of gopdf's kind ("pdf_unreadable") or signed already ("pdf_signed"), a key that is not valid at
// that time ("key_expired", "key_not_yet_valid") or too weak ("key_weak", "key_usage"), and what TimeService.Stamp refuses.
func Sign(ctx context.Context, pdf []byte, k *Key, o Options) ([]byte, error) {
	if err := k.check(o.At); err != nil {
		return nil, err
	}
	room := k.room()
	if o.Time != nil {
		room += o.Time.room()
	}
	for range 3 { // a token may turn out larger than those before it
		signed, need, err := attempt(ctx, pdf, k, o, room)
		if err != nil || need <= room {
			return signed, err
		}
		room = need + 64
	}
	return nil, noStamp("time_stamp_refused", fmt.Errorf("answers grow beyond %d bytes", room))
}

// room is the most that a signature without a time-stamp takes, in bytes.
func (k *Key) room() int {
	n := 500 + len(k.Certificate.Raw) + len(k.Certificate.RawIssuer)
	if p, ok := k.Private.Public().(*rsa.PublicKey); ok {
		n += p.Size()
	}
	for _, c := range k.Chain {
		n += len(c.Raw)
	}
	return n
}

// attempt signs with so much room for the signature, and says how much it needed.
func attempt(ctx context.Context, pdf []byte, k *Key, o Options, room int) (signed []byte, need int, err error) {
	inc, err := begin(pdf)
	if err != nil {
		return nil, 0, err
	}
	if inc.root["AcroForm"] != nil {
		return nil, 0, errs.Conflict("pdf_signed")
	}
	inc.describe(o.Language)
	if err := inc.field(k, o, room); err != nil {
		return nil, 0, err
	}
	out := inc.bytes()
	at := len(pdf) + bytes.Index(out[len(pdf):], []byte(gap(room)))
	end := at + len(gap(room))
	ranges := fmt.Sprintf("[0 %d %d %d]", at, end, len(out)-end)
	placed := len(pdf) + bytes.Index(out[len(pdf):], []byte(rangesRoom))
	copy(out[placed:], ranges+strings.Repeat(" ", len(rangesRoom)-len(ranges)))

	h := sha256.New()
	h.Write(out[:at])
	h.Write(out[end:])
	var stamp func([]byte) ([]byte, error)
	if o.Time != nil {
		stamp = func(value []byte) ([]byte, error) { return o.Time.Stamp(ctx, value) }
	}
	cms, err := detached(k, h.Sum(nil), stamp)
	if err != nil {
		return nil, 0, err
	}
	if len(cms) <= room {
		hex.Encode(out[at+1:], cms)
	}
	return out, len(cms), nil
}

// What stands where the places of the signature, and the signature itself, come later.
const rangesRoom = "[0 9999999999 9999999999 9999999999]"

func gap(room int) string { return "<" + strings.Repeat("0", 2*room) + ">" }

// field adds the signature's dictionary and its field, an invisible one on the first page.
func (inc *increment) field(k *Key, o Options, room int) error {
	who := o.Name
	if who == "" {
		who = k.Certificate.Subject.CommonName
	}
	value := dict{
		"Type": name("Sig"), "Filter": name("Adobe.PPKLite"), "SubFilter": name(cadesDetached), "ByteRange": verbatim(rangesRoom), "Contents": verbatim(gap(room)),
		"M": moment(o.At), "Name": words(who),
		"Reference": []any{dict{"Type": name("SigRef"), "TransformMethod": name("DocMDP"), "TransformParams": dict{"Type": name("TransformParams"), "P": 1, "V": name("1.2")}}},
	}
	if o.Reason != "" {
		value["Reason"] = words(o.Reason)
	}
	if o.Location != "" {
		value["Location"] = words(o.Location)
	}
	pageRef, page, err := inc.doc.firstPage()
	if err != nil {
		return unreadable(err)
	}
	annots, err := inc.doc.arrayOf(page["Annots"])
	if err != nil {
		return unreadable(err)
	}
	v := inc.add(value)
	f := inc.add(dict{
		"Type": name("Annot"), "Subtype": name("Widget"), "FT": name("Sig"), "T": plain("Signature1"), "V": v, "P": pageRef,
		"Rect": []any{0, 0, 0, 0}, "F": 132, // printed, locked
	})
	inc.objects[pageRef.num] = with(page, name("Annots"), append(append([]any{}, annots...), f))
	inc.root["AcroForm"] = dict{"Fields": []any{f}, "SigFlags": 3} // signatures exist; append only
	inc.root["Perms"] = dict{"DocMDP": v}
	return nil
}

// firstPage finds the first page.
func (d *document) firstPage() (ref, dict, error) {
	root, err := d.dictOf(d.trailer["Root"])
	if err != nil {
		return ref{}, nil, err
	}
	at := root["Pages"]
	for range maxDepth {
		node, err := d.dictOf(at)
		if err != nil {
			return ref{}, nil, err
		}
		kids, err := d.arrayOf(node["Kids"])
		if err != nil {
			return ref{}, nil, err
		}
		r, indirect := at.(ref)
		if node["Type"] == name("Page") && indirect {
			return r, node, nil
		}
		if len(kids) == 0 {
			break
		}
		at = kids[0]
	}
	return ref{}, nil, fmt.Errorf("%w: no page", errSyntax)
}
