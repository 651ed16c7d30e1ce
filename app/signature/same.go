package signature

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"

	"taphuan/app/errs"
)

// TakeBack checks a PDF that was sent out and has come back signed, and gives its last signature by a person. It refuses what
// Verify and SameContent refuse, a file without a signature ("signature_missing"), the first fault of a signature (its code),
// one whose certificate was not valid then ("signature_certificate_expired"), and a file that was changed after it was signed,
// other than by what proves the certificate's standing (DSS) or the time ("signature_changed_after").
func TakeBack(sent, signed []byte, now time.Time) (*Signature, error) {
	all, err := Verify(signed)
	if err != nil {
		return nil, err
	}
	var last *Signature
	for i := range all {
		s := &all[i]
		if !s.Intact() {
			return nil, &errs.Error{Kind: errs.KindInvalid, Code: s.Fault, Err: s.Err}
		}
		if at := s.At(now); at.Before(s.Certificate.NotBefore) || at.After(s.Certificate.NotAfter) {
			return nil, errs.Invalid("signature_certificate_expired", errs.Params{"subject": s.Certificate.Subject.CommonName})
		}
		if !s.Only {
			last = s
		}
	}
	if last == nil {
		return nil, errs.Invalid("signature_missing")
	}
	if err := SameContent(sent, signed); err != nil {
		return nil, err
	}
	if end := all[len(all)-1].End; end < len(signed) {
		if err := compareFiles(signed[:end], signed, &comparison{grown: []name{"DSS", "Extensions", "Version"}}); err != nil {
			return nil, &errs.Error{Kind: errs.KindInvalid, Code: "signature_changed_after", Err: err}
		}
	}
	return last, nil
}

// maxLook is the part of its page that the look of a signature may take.
const maxLook = 1.0 / 8

// SameContent refuses a signed file whose content is not that of the file sent out ("signed_file_changed"). Both are compared
// as readers see them, object by object from the catalogue down, so that it does not matter whether a signing tool appended to
// the file or wrote it anew. Only what signing adds may differ: the form with nothing but signature fields, their looks (each
// at most an eighth of its page, and without actions), proofs (DSS), permissions, the version, metadata.
func SameContent(sent, signed []byte) error {
	err := compareFiles(sent, signed, &comparison{grown: []name{"AcroForm", "DSS", "Extensions", "Metadata", "Perms", "Version"}, fields: true})
	if err != nil && !errs.Is(err, "pdf_unreadable") && !errs.Is(err, "pdf_too_large") {
		return &errs.Error{Kind: errs.KindInvalid, Code: "signed_file_changed", Err: err}
	}
	return err
}

// comparison compares two documents.
type comparison struct {
	grown  []name // keys of the catalogue that may differ
	fields bool   // whether signature fields may have come
	a, b   *document
	seen   map[[2]ref]bool
	looks  map[ref]bool // the widgets of signature fields of b
}

func compareFiles(a, b []byte, c *comparison) error {
	var err error
	if c.a, err = open64(a); err != nil {
		return err
	}
	if c.b, err = open64(b); err != nil {
		return err
	}
	c.seen, c.looks = map[[2]ref]bool{}, map[ref]bool{}
	if c.fields {
		if err := c.form(); err != nil {
			return err
		}
	}
	if err := c.info(); err != nil {
		return err
	}
	rootA, err := c.a.dictOf(c.a.trailer["Root"])
	if err != nil {
		return err
	}
	rootB, err := c.b.dictOf(c.b.trailer["Root"])
	if err != nil {
		return err
	}
	for _, k := range c.grown {
		rootA, rootB = without(rootA, k), without(rootB, k)
	}
	return c.dicts(rootA, rootB, 0)
}

func without(d dict, keys ...name) dict {
	out := with(d)
	for _, k := range keys {
		delete(out, k)
	}
	return out
}

func differ(what string) error { return fmt.Errorf("differs: %s", what) }

// info holds the words about the document; programs put their own names and times beside them.
func (c *comparison) info() error {
	a, err := c.a.dictOf(c.a.trailer["Info"])
	if err != nil {
		return err
	}
	b, err := c.b.dictOf(c.b.trailer["Info"])
	if err != nil {
		return err
	}
	for _, k := range []name{"Title", "Author", "Subject", "Keywords"} {
		if people(a[k]) != people(b[k]) {
			return differ(string(k))
		}
	}
	return nil
}

// form asks that the form of b holds signed signature fields only, and notes their widgets.
func (c *comparison) form() error {
	root, err := c.b.dictOf(c.b.trailer["Root"])
	if err != nil {
		return err
	}
	form, err := c.b.dictOf(root["AcroForm"])
	if err != nil {
		return err
	}
	for k := range form {
		if !slices.Contains([]name{"Fields", "SigFlags", "DA", "DR", "NeedAppearances"}, k) {
			return differ("form has " + string(k))
		}
	}
	fields, err := c.b.signatureFields()
	if err != nil {
		return err
	}
	list, err := c.b.arrayOf(form["Fields"])
	if err != nil {
		return err
	}
	if len(list) != len(fields) {
		return differ("form has fields that are not for signatures")
	}
	values := map[ref]bool{}
	for _, f := range fields {
		v, ok := f.dict["V"].(ref)
		if !ok || values[v] {
			return differ("a field is not signed")
		}
		values[v] = true
		kids, err := c.b.arrayOf(f.dict["Kids"])
		if err != nil {
			return err
		}
		if len(kids) == 0 {
			c.looks[f.ref] = true
		}
		if len(kids) > 1 {
			return differ("a signature is shown twice")
		}
		for _, k := range kids {
			if r, ok := k.(ref); ok {
				c.looks[r] = true
			}
		}
	}
	return nil
}

func (c *comparison) values(a, b any, depth int) error {
	if depth > 10*maxDepth {
		return differ("nested too deeply")
	}
	ra, okA := a.(ref)
	rb, okB := b.(ref)
	if okA && okB {
		pair := [2]ref{ra, rb}
		if c.seen[pair] {
			return nil
		}
		c.seen[pair] = true
	}
	a, err := c.a.resolve(a)
	if err != nil {
		return err
	}
	if b, err = c.b.resolve(b); err != nil {
		return err
	}
	switch a := a.(type) {
	case dict:
		if b, ok := b.(dict); ok {
			return c.dicts(a, b, depth)
		}
	case []any:
		if b, ok := b.([]any); ok && len(a) == len(b) {
			return c.arrays(a, b, depth)
		}
	case *stream:
		if b, ok := b.(*stream); ok {
			return c.streams(a, b, depth)
		}
	case text:
		if b, ok := b.(text); ok && a.value == b.value {
			return nil
		}
	case int, real:
		if x, ok := number(b); ok {
			if y, _ := number(a); x == y {
				return nil
			}
		}
	default:
		switch b.(type) {
		case dict, []any, *stream:
		default:
			if a == b {
				return nil
			}
		}
	}
	return differ(fmt.Sprintf("%T, %T", a, b))
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case real:
		f, err := strconv.ParseFloat(string(v), 64)
		return f, err == nil
	}
	return 0, false
}

func (c *comparison) arrays(a, b []any, depth int) error {
	for i := range a {
		if err := c.values(a[i], b[i], depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) dicts(a, b dict, depth int) error {
	if c.fields && a["Type"] == name("Page") && b["Type"] == name("Page") {
		if err := c.annotations(a, b, depth); err != nil {
			return err
		}
		a, b = without(a, "Annots"), without(b, "Annots")
	}
	for k, v := range a {
		if err := c.values(v, b[k], depth+1); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
	}
	for k, v := range b {
		if _, both := a[k]; !both && v != nil {
			return differ("has come: " + string(k))
		}
	}
	return nil
}

// streams compares what streams hold; how it is compressed may differ.
func (c *comparison) streams(a, b *stream, depth int) error {
	if !bytes.Equal(a.raw, b.raw) || c.values(a.dict["Filter"], b.dict["Filter"], depth+1) != nil || c.values(a.dict["DecodeParms"], b.dict["DecodeParms"], depth+1) != nil {
		x, err := c.a.inflate(a)
		if err != nil {
			return err
		}
		y, err := c.b.inflate(b)
		if err != nil {
			return err
		}
		if !bytes.Equal(x, y) {
			return differ("stream")
		}
	}
	return c.dicts(without(a.dict, "Length", "Filter", "DecodeParms"), without(b.dict, "Length", "Filter", "DecodeParms"), depth+1)
}

// annotations asks that those of a page are the same, followed by nothing but looks of signatures.
func (c *comparison) annotations(a, b dict, depth int) error {
	before, err := c.a.arrayOf(a["Annots"])
	if err != nil {
		return err
	}
	after, err := c.b.arrayOf(b["Annots"])
	if err != nil {
		return err
	}
	if len(after) < len(before) {
		return differ("annotations")
	}
	if err := c.arrays(before, after[:len(before)], depth); err != nil {
		return err
	}
	for _, v := range after[len(before):] {
		r, ok := v.(ref)
		if !ok || !c.looks[r] {
			return differ("an annotation that is no signature")
		}
		w, err := c.b.dictOf(r)
		if err != nil {
			return err
		}
		if w["Subtype"] != name("Widget") || w["A"] != nil || w["AA"] != nil {
			return differ("a signature with an action")
		}
		if err := c.look(w, b); err != nil {
			return err
		}
	}
	return nil
}

// look asks that the signature's look takes little of the page.
func (c *comparison) look(widget, page dict) error {
	box := page["MediaBox"]
	for up, n := page, 0; box == nil && up["Parent"] != nil && n < maxDepth; n++ {
		var err error
		if up, err = c.b.dictOf(up["Parent"]); err != nil {
			return err
		}
		box = up["MediaBox"]
	}
	whole, err := c.area(box)
	if err != nil {
		return err
	}
	part, err := c.area(widget["Rect"])
	if err != nil {
		return err
	}
	if !(part <= whole*maxLook) {
		return differ("a signature covers the page")
	}
	return nil
}

func (c *comparison) area(v any) (float64, error) {
	list, err := c.b.arrayOf(v)
	if err != nil || len(list) != 4 {
		return 0, differ("rectangle")
	}
	var n [4]float64
	for i, v := range list {
		var ok bool
		if n[i], ok = number(v); !ok {
			return 0, differ("rectangle")
		}
	}
	w, h := n[2]-n[0], n[3]-n[1]
	return max(w*h, -w*h), nil
}
