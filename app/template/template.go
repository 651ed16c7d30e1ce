// Package template lays certificates out: what stands where on the page, in millimetres, with fields that each certificate fills in.
// A layout is data that people edit; a version of it that was saved is never changed, so that what was issued by it can always be
// drawn again as it was.
package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"taphuan/app/errs"
	"taphuan/app/paper"
	"taphuan/models/viet"
)

// Layout is one page of A4 with its elements in the order in which they are drawn and read aloud. Lengths are millimetres from the
// top left corner of the page, sizes of type are points.
type Layout struct {
	Page     Page      `json:"page"`
	Elements []Element `json:"elements"`
}

// Page says how the sheet lies.
type Page string

// The pages.
const (
	Landscape Page = "landscape"
	Portrait  Page = "portrait"
)

// Kind says what an element is.
type Kind string

// The kinds of elements.
const (
	Text    Kind = "text"    // words and fields in a box, made smaller or broken into lines until they fit
	Stack   Kind = "stack"   // texts below each other in one box: a long one takes room that short ones leave
	Heading Kind = "heading" // issuer and its superior, national name and motto (Nghị định 30/2020/NĐ-CP)
	Frame   Kind = "frame"   // the woven border along the edges, X millimetres from them
	Line    Kind = "line"    // from a corner of the box to the opposite one
	QR      Kind = "qr"      // opens the certificate's public page
	Image   Kind = "image"   // an uploaded picture, as large as the box allows
)

// Element is one thing on the page. What a kind has no use for is left out.
type Element struct {
	Kind Kind    `json:"kind"`
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	W    float64 `json:"w,omitempty"`
	H    float64 `json:"h,omitempty"`

	Text    string  `json:"text,omitempty"`    // with {field} and {field|upper}; nothing is drawn where all its fields are empty
	Font    string  `json:"font,omitempty"`    // regular, bold, italic, bold_italic; "" is regular
	Size    float64 `json:"size,omitempty"`    // points, where the text is short enough
	Least   float64 `json:"least,omitempty"`   // points down to which a long text is set smaller; 0 is Size
	Lines   int     `json:"lines,omitempty"`   // most lines; 0 is one
	Spacing float64 `json:"spacing,omitempty"` // points between letters, of a text in one line that is set in the middle
	Align   string  `json:"align,omitempty"`   // left, centre, right; "" is left
	Ink     string  `json:"ink,omitempty"`     // black, indigo, jade, grey, red; "" is black

	Anchor string    `json:"anchor,omitempty"` // of a box that is not full: top, middle, bottom; "" is top. The middle is the optical one.
	Space  float64   `json:"space,omitempty"`  // millimetres above a text of a stack
	Items  []Element `json:"items,omitempty"`  // the texts of a stack; they have no place of their own

	Thick float64 `json:"thick,omitempty"` // points, of a line
	Image string  `json:"image,omitempty"` // SHA-256 of an uploaded picture
	Seal  bool    `json:"seal,omitempty"`  // a picture that stands only on digitally signed documents
}

// The bounds of a layout.
const (
	MaxBytes    = 64 << 10
	MaxElements = 80
	MaxFilled   = 6000 // characters of the whole page, its fields filled in with the longest texts: what an A4 page holds in small type
	maxText     = 400  // characters of one text, as typed
	minType     = 5.0  // points
	maxType     = 90.0
	minQR       = 20.0 // millimetres: what a phone reads from a printed page
)

var (
	fonts  = map[string]paper.Font{"": paper.Regular, "regular": paper.Regular, "bold": paper.Bold, "italic": paper.Italic, "bold_italic": paper.BoldItalic}
	aligns = map[string]paper.Align{"": paper.Left, "left": paper.Left, "centre": paper.Centre, "right": paper.Right}
	inks   = map[string]paper.Colour{"": paper.Black, "black": paper.Black, "indigo": paper.Indigo, "jade": paper.Jade, "grey": paper.Grey, "red": {R: 0xb4, G: 0x1e, B: 0x1e}}
	// anchors are the part of a box's free room that stays above.
	anchors = map[string]float64{"": 0, "top": 0, "middle": 0.4, "bottom": 1}
	kinds   = []Kind{Text, Stack, Heading, Frame, Line, QR, Image}
)

// most is how many elements of a kind a page may have, where the kind is dear to draw.
var most = map[Kind]int{Heading: 2, Frame: 2, Image: 12}

// Size gives width and height of the page in points.
func (p Page) Size() (w, h float64) {
	if p == Portrait {
		return paper.A4Short, paper.A4Long
	}
	return paper.A4Long, paper.A4Short
}

// Parse reads a layout from JSON and checks it. It refuses what is too large ("template_too_large"), no JSON of this shape
// ("template_json_broken", "template_json_name", "template_json_value", with what and where, or "template_not_understood"), and what Check
// refuses.
func Parse(body []byte) (Layout, error) {
	l, err := read(body)
	if err != nil {
		return l, err
	}
	return l, l.Check()
}

// read is Parse for a layout that was checked when it was kept: rules that came later do not hold for it.
func read(body []byte) (Layout, error) {
	var l Layout
	if len(body) > MaxBytes {
		return l, errs.Invalid("template_too_large", errs.Params{"n": MaxBytes >> 10})
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(&l)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = fmt.Errorf("something follows the layout")
		}
	}
	if err != nil {
		return l, misread(err)
	}
	l.tidy()
	return l, nil
}

// misread says in words what is wrong with JSON.
func misread(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	name, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return errs.Invalid("template_json_value", errs.Params{"at": shortened(kind.Field)})
	case unknown:
		return errs.Invalid("template_json_name", errs.Params{"name": shortened(strings.Trim(name, `"`))})
	case errors.As(err, &syntax):
		return errs.Invalid("template_json_broken", errs.Params{"n": syntax.Offset})
	}
	return errs.Invalid("template_not_understood")
}

// tidy composes the letters of all texts and leaves out what is so anyway, so that the same layout is the same JSON.
func (l *Layout) tidy() { tidy(l.Elements) }

func tidy(list []Element) {
	for i := range list {
		e := &list[i]
		e.Text = viet.NFC(e.Text)
		for value, usual := range map[*string]string{&e.Font: "regular", &e.Align: "left", &e.Ink: "black", &e.Anchor: "top"} {
			if *value == usual {
				*value = ""
			}
		}
		tidy(e.Items)
	}
}

// JSON writes the layout as it is kept: the same layout gives the same bytes.
func (l Layout) JSON() []byte {
	b, err := json.Marshal(l)
	if err != nil {
		panic(err) // numbers were checked to be finite
	}
	return b
}

// Images are the pictures that the layout shows, each once.
func (l Layout) Images() []string {
	var out []string
	for _, e := range l.Elements {
		if e.Kind == Image && !slices.Contains(out, e.Image) {
			out = append(out, e.Image)
		}
	}
	return out
}

// Check refuses a layout that could not make a certificate. Each refusal is on a field "elements.N" or "elements.N.items.M", counted
// from 0: unknown kind, font, alignment, ink or anchor ("choice"), a number that is none or out of its bounds ("template_number"), an
// element that reaches beyond the page ("template_outside"), an unknown field ("template_field_unknown") or a brace too many
// ("template_brace"), letters that the fonts lack ("glyph_missing"), too long a text ("too_long"), an empty one ("required"). As a whole
// it refuses a page that is none ("choice" on "page"), too many elements ("template_too_many") or of one kind ("template_kind_many"),
// more words than a page holds when they are at their longest ("template_filled", where they pass MaxFilled), and a layout without name,
// course title, number, code ("template_field_needed") or exactly one QR code ("template_qr_needed") that a phone can read from paper
// ("template_qr_small").
func (l Layout) Check() error {
	c := checker{longest: Longest(), kinds: map[Kind]int{}}
	if l.Page != Landscape && l.Page != Portrait {
		c.fields.Add("page", "choice")
		return c.fields.Err()
	}
	w, h := l.Page.Size()
	c.w, c.h = w/paper.Millimetre, h/paper.Millimetre
	n := len(l.Elements)
	for _, e := range l.Elements {
		n += len(e.Items)
	}
	if n > MaxElements {
		c.fields.Add("elements", "template_too_many", errs.Params{"n": MaxElements})
		return c.fields.Err()
	}
	for i, e := range l.Elements {
		c.element(fmt.Sprintf("elements.%d", i), e, false)
	}
	for _, name := range needed {
		if !slices.Contains(c.used, name) {
			c.fields.Add("elements", "template_field_needed", errs.Params{"field": name})
		}
	}
	if c.kinds[QR] != 1 {
		c.fields.Add("elements", "template_qr_needed")
	}
	return c.fields.Err()
}

// needed are the fields without which a page is no certificate.
var needed = []string{"name", "course_title", "serial", "code"}

type checker struct {
	fields  errs.Fields
	w, h    float64 // of the page
	used    []string
	kinds   map[Kind]int
	longest Snapshot
	filled  int // characters of the texts so far, filled in with the longest
}

func (c *checker) element(at string, e Element, item bool) {
	if !slices.Contains(kinds, e.Kind) || item && e.Kind != Text {
		c.fields.Add(at, "choice")
		return
	}
	for _, x := range []float64{e.X, e.Y, e.W, e.H, e.Size, e.Least, e.Spacing, e.Space, e.Thick} {
		if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 || x > 1000 {
			c.fields.Add(at, "template_number")
			return
		}
	}
	if !item {
		c.place(at, e)
		c.kinds[e.Kind]++
		if n := most[e.Kind]; n > 0 && c.kinds[e.Kind] == n+1 {
			c.fields.Add(at, "template_kind_many", errs.Params{"n": n})
		}
	}
	switch e.Kind {
	case Text:
		c.text(at, e, item)
	case Stack:
		if len(e.Items) == 0 {
			c.fields.Add(at, "required")
		}
		for j, x := range e.Items {
			c.element(fmt.Sprintf("%s.items.%d", at, j), x, true)
		}
	case Heading:
		c.between(at, e.Size, minType, 20)
	case Frame:
		c.between(at, e.X, 4, 30)
	case Line:
		c.between(at, e.Thick, 0.1, 10)
	case QR:
		if min(e.W, e.H) < minQR {
			c.fields.Add(at, "template_qr_small", errs.Params{"n": minQR})
		}
	case Image:
		if len(e.Image) != 64 {
			c.fields.Add(at, "template_picture_unknown")
		}
	}
	if _, ok := anchors[e.Anchor]; !ok {
		c.fields.Add(at, "choice")
	}
	if _, ok := inks[e.Ink]; !ok {
		c.fields.Add(at, "choice")
	}
}

// place asks that the element lies on the page and has a size.
func (c *checker) place(at string, e Element) {
	if e.Kind == Frame {
		return
	}
	const hair = 0.01 // millimetres: what sums of decimals may differ by
	if e.X+e.W > c.w+hair || e.Y+e.H > c.h+hair {
		c.fields.Add(at, "template_outside")
	}
	if e.Kind == Line && e.W+e.H > 0 {
		return
	}
	if e.W < 1 || e.H < 1 && e.Kind != Heading {
		c.fields.Add(at, "template_number")
	}
}

func (c *checker) text(at string, e Element, item bool) {
	_, font := fonts[e.Font]
	_, align := aligns[e.Align]
	if !font || !align {
		c.fields.Add(at, "choice")
	}
	c.between(at, e.Size, minType, maxType)
	if e.Least != 0 {
		c.between(at, e.Least, minType, e.Size)
	}
	if e.Lines < 0 || e.Lines > 12 || item && e.H != 0 {
		c.fields.Add(at, "template_number")
	}
	switch n := len([]rune(e.Text)); {
	case n == 0:
		c.fields.Add(at, "required")
		return
	case n > maxText:
		c.fields.Add(at, "too_long", errs.Params{"n": maxText})
		return
	}
	parts, err := split(e.Text)
	if err != nil {
		c.add(at, err)
		return
	}
	for _, p := range parts {
		if p.field != "" {
			c.used = append(c.used, p.field)
		} else if err := paper.CheckGlyphs(p.text); err != nil {
			c.add(at, err)
			return
		}
	}
	before := c.filled
	c.filled += utf8.RuneCountInString(compiled{parts: parts}.say(c.longest))
	if before <= MaxFilled && c.filled > MaxFilled {
		c.fields.Add(at, "template_filled", errs.Params{"n": MaxFilled})
	}
}

func (c *checker) between(at string, x, least, most float64) {
	if x < least || x > most {
		c.fields.Add(at, "template_number")
	}
}

func (c *checker) add(at string, err error) {
	e := errs.As(err)
	c.fields.Add(at, e.Code, e.Params)
}

// part is a piece of a text: words, or a field.
type part struct {
	text  string
	field string
	turn  func(string) string // what is done to the field's value; nil for nothing
}

var turns = map[string]func(string) string{"upper": strings.ToUpper, "lower_first": lowerFirst, "upper_first": upperFirst}

// split takes a text apart at its fields. It refuses a brace without its partner ("template_brace") and a field or a change of it that
// is not known ("template_field_unknown").
func split(text string) ([]part, error) {
	var out []part
	for text != "" {
		at := strings.IndexAny(text, "{}")
		if at < 0 {
			return append(out, part{text: text}), nil
		}
		if at > 0 {
			out = append(out, part{text: text[:at]})
		}
		end := strings.IndexByte(text[at:], '}')
		if text[at] == '}' || end < 0 {
			return nil, errs.Invalid("template_brace")
		}
		name, turn, turned := strings.Cut(text[at+1:at+end], "|")
		p := part{field: name}
		if turned {
			p.turn = turns[turn]
		}
		if !slices.Contains(Fields, name) || turned && p.turn == nil {
			return nil, errs.Invalid("template_field_unknown", errs.Params{"field": shortened(text[at+1 : at+end])})
		}
		out = append(out, p)
		text = text[at+end+1:]
	}
	return out, nil
}

func shortened(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
