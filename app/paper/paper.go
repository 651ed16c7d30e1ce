// Package paper draws official documents with gopdf: fonts cut to the Vietnamese repertoire, text that is measured before it is
// set, and the heading of administrative documents.
package paper

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"codeberg.org/go-fonts/liberation/liberationserifbold"
	"codeberg.org/go-fonts/liberation/liberationserifbolditalic"
	"codeberg.org/go-fonts/liberation/liberationserifitalic"
	"codeberg.org/go-fonts/liberation/liberationserifregular"
	"github.com/signintech/gopdf"
	"golang.org/x/text/unicode/norm"

	"taphuan/app/errs"
)

// Sizes of A4 in points.
const (
	A4Short = 595.276
	A4Long  = 841.890
)

// Millimetre is a millimetre in points.
const Millimetre = 72 / 25.4

// Font names a face. Liberation Serif has the metrics of Times New Roman, the type of administrative documents.
type Font string

// The faces.
const (
	Regular    Font = "TAPHUA+LiberationSerif"
	Bold       Font = "TAPHUB+LiberationSerif-Bold"
	Italic     Font = "TAPHUC+LiberationSerif-Italic"
	BoldItalic Font = "TAPHUD+LiberationSerif-BoldItalic"
)

// Align says where a line stands in its box.
type Align int

// The alignments.
const (
	Left Align = iota
	Centre
	Right
)

// Colour is a colour of ink.
type Colour struct{ R, G, B uint8 }

// The inks: Tày indigo, Bản Giốc jade, black and grey.
var (
	Black  = Colour{0x14, 0x14, 0x1c}
	Indigo = Colour{0x22, 0x2f, 0x63}
	Jade   = Colour{0x1f, 0x7a, 0x6d}
	Grey   = Colour{0x6a, 0x6c, 0x76}
)

// repertoire is what the cut fonts hold: Latin with all of Vietnamese, and the signs of official text.
var repertoire = sync.OnceValue(func() []rune {
	var out []rune
	for r := rune(0x20); r < 0x7f; r++ {
		out = append(out, r)
	}
	for r := rune(0xa0); r <= 0x17f; r++ { // Latin-1 and Latin Extended-A
		out = append(out, r)
	}
	out = append(out, 'Ơ', 'ơ', 'Ư', 'ư')
	for r := rune(0x1ea0); r <= 0x1ef9; r++ { // Vietnamese letters with two marks
		out = append(out, r)
	}
	return append(out, []rune("–—‘’“”…•€№₫−×")...)
})

// fonts holds the cut faces, parsed once for the process.
var fonts = sync.OnceValues(func() (*gopdf.FontContainer, error) {
	var c gopdf.FontContainer
	for name, ttf := range map[Font][]byte{Regular: liberationserifregular.TTF, Bold: liberationserifbold.TTF, Italic: liberationserifitalic.TTF, BoldItalic: liberationserifbolditalic.TTF} {
		cut, err := cutFont(ttf, append([]rune(nil), repertoire()...))
		if err != nil {
			return nil, fmt.Errorf("font %s: %w", name, err)
		}
		if err := c.AddTTFFontDataWithOption(string(name), cut, gopdf.TtfOption{UseKerning: true}); err != nil {
			return nil, fmt.Errorf("font %s: %w", name, err)
		}
	}
	return &c, nil
})

// Faces gives the cut faces under the names of the fonts, for those who draw with gopdf itself.
func Faces() (*gopdf.FontContainer, error) { return fonts() }

var known = sync.OnceValue(func() map[rune]bool {
	m := map[rune]bool{}
	for _, r := range repertoire() {
		m[r] = true
	}
	return m
})

// CheckGlyphs refuses text with a letter that the fonts lack ("glyph_missing"), which would otherwise print as a blank.
func CheckGlyphs(text string) error {
	for _, r := range norm.NFC.String(text) {
		if !known()[r] {
			return errs.Invalid("glyph_missing", errs.Params{"glyph": string(r), "number": fmt.Sprintf("U+%04X", r)})
		}
	}
	return nil
}

// Doc is a document being drawn. Its methods note the first error and do nothing after it; Bytes gives it.
type Doc struct {
	pdf   gopdf.GoPdf
	err   error
	Boxes []Box   // where text was set, for tests of the layout
	W, H  float64 // of the pages that begin from now on when they are trimmed, in points
	bleed float64 // around it
	dx    float64 // from the page's corner to that of what is drawn
	dy    float64
	font  Font
	size  float64
	ink   Colour
	inked bool
	pen   pen // of the page, as it was last set
	faces map[Font]bool

	tagged bool
	within bool // a part
	parts  []part
	drawn  []onPage
}

// pen is how lines are drawn. What has not changed since the last line is not written again.
type pen struct {
	ink   Colour
	inked bool
	thick float64
	dash  []float64
}

// Box is where a line of text stands on its page.
type Box struct {
	Page           int
	X0, Y0, X1, Y1 float64
	Text           string
}

// Info is the document's information.
type Info struct {
	Title, Author, Subject string
	Created                time.Time
	Tagged                 bool // says to readers' aids what is a headline, a paragraph, a figure: see Part
}

// New begins a document of pages w by h points.
func New(w, h float64, info Info) *Doc {
	d := &Doc{W: w, H: h, faces: map[Font]bool{}}
	d.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: w, H: h}})
	d.pdf.SetCompressLevel(zlib.BestSpeed) // of the content only: a tenth larger and a tenth faster as a whole, for the fonts are most of both
	if d.tagged = info.Tagged; d.tagged {
		d.pdf.SetNoCompression() // tags are put into the content, which is compressed then
	}
	d.pdf.SetInfo(gopdf.PdfInfo{Title: norm.NFC.String(info.Title), Author: norm.NFC.String(info.Author), Subject: norm.NFC.String(info.Subject), Creator: "taphuan", Producer: "taphuan", CreationDate: info.Created})
	return d
}

// Bleed gives the pages that begin from now on a margin of so many points that is cut off after printing.
func (d *Doc) Bleed(points float64) { d.bleed, d.dx, d.dy = points, points, points }

// Page begins a new page.
func (d *Doc) Page() {
	if b := d.bleed; b == 0 {
		d.pdf.AddPageWithOption(gopdf.PageOption{PageSize: &gopdf.Rect{W: d.W, H: d.H}})
	} else {
		d.pdf.AddPageWithOption(gopdf.PageOption{PageSize: &gopdf.Rect{W: d.W + 2*b, H: d.H + 2*b}, TrimBox: &gopdf.Box{Left: b, Top: b, Right: b + d.W, Bottom: b + d.H}})
	}
	d.font, d.size, d.inked, d.pen = "", 0, false, pen{}
	d.drawn = append(d.drawn, onPage{})
}

// Pages is how many pages there are.
func (d *Doc) Pages() int { return d.pdf.GetNumberOfPages() }

// Bytes ends the document.
func (d *Doc) Bytes() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	var b bytes.Buffer
	b.Grow(48 << 10)
	if _, err := d.pdf.WriteTo(&b); err != nil {
		return nil, err
	}
	if !d.tagged {
		return b.Bytes(), nil
	}
	tagged, err := d.tags(b.Bytes())
	if err != nil {
		return nil, errs.Internal("tags of a document", err)
	}
	return tagged, nil
}

// Refuse ends the document with an error of the caller's, as if drawing had failed.
func (d *Doc) Refuse(err error) { d.fail(err) }

func (d *Doc) fail(err error) {
	if err != nil && d.err == nil {
		d.err = err
	}
}

func (d *Doc) use(f Font, size float64) bool {
	if d.err != nil {
		return false
	}
	if !d.faces[f] {
		c, err := fonts()
		if err == nil {
			err = d.pdf.AddTTFFontFromFontContainer(string(f), c)
		}
		if err != nil {
			d.fail(err)
			return false
		}
		d.faces[f] = true
	}
	if d.font != f || d.size != size {
		if err := d.pdf.SetFont(string(f), "", size); err != nil {
			d.fail(err)
			return false
		}
		d.font, d.size = f, size
	}
	return true
}

// Ink sets the colour of text and lines.
func (d *Doc) Ink(c Colour) {
	if d.inked && d.ink == c {
		return
	}
	d.ink, d.inked = c, true
	d.pdf.SetTextColor(c.R, c.G, c.B)
}

// Width measures a line in points.
func (d *Doc) Width(f Font, size float64, text string) float64 {
	if text == "" || !d.use(f, size) {
		return 0
	}
	w, err := d.pdf.MeasureTextWidth(norm.NFC.String(text))
	d.fail(err)
	return w
}

// Line sets one line of text with its base line at y, in the box from x of width w.
func (d *Doc) Line(f Font, size, x, y, w float64, a Align, text string) {
	text = strings.ReplaceAll(norm.NFC.String(text), string(together), " ")
	if text == "" || !d.use(f, size) {
		return
	}
	if err := CheckGlyphs(text); err != nil {
		d.fail(err)
		return
	}
	tw := d.Width(f, size, text)
	switch a {
	case Centre:
		x += (w - tw) / 2
	case Right:
		x += w - tw
	}
	d.pdf.SetXY(d.dx+x, d.dy+y)
	d.fail(d.pdf.Text(text))
	d.tagText()
	d.Boxes = append(d.Boxes, Box{Page: d.Pages(), X0: x, Y0: y - 0.92*size, X1: x + tw, Y1: y + 0.24*size, Text: text})
}

// Spaced is Line with extra space between letters, centred.
func (d *Doc) Spaced(f Font, size, x, y, w, space float64, text string) {
	text = norm.NFC.String(text)
	if text == "" || d.err != nil {
		return
	}
	if err := CheckGlyphs(text); err != nil {
		d.fail(err)
		return
	}
	tw := d.spacedWidth(f, size, space, text)
	d.fail(d.pdf.SetCharSpacing(space))
	at := x + (w-tw)/2
	d.pdf.SetXY(d.dx+at, d.dy+y)
	d.fail(d.pdf.Text(text))
	d.tagText()
	d.fail(d.pdf.SetCharSpacing(0))
	d.Boxes = append(d.Boxes, Box{Page: d.Pages(), X0: at, Y0: y - 0.92*size, X1: at + tw, Y1: y + 0.24*size, Text: text})
}

func (d *Doc) spacedWidth(f Font, size, space float64, text string) float64 {
	return d.Width(f, size, text) + float64(utf8.RuneCountInString(text)-1)*space
}

// Rule draws a straight line of a thickness in points.
func (d *Doc) Rule(x0, y0, x1, y1, thick float64) { d.Dashed(x0, y0, x1, y1, thick, nil) }

// Dashed draws a line that is on and off by turns, beginning with on; lengths in points. Without lengths it is solid.
func (d *Doc) Dashed(x0, y0, x1, y1, thick float64, onOff []float64) {
	if d.inked && (!d.pen.inked || d.pen.ink != d.ink) {
		d.pdf.SetStrokeColor(d.ink.R, d.ink.G, d.ink.B)
		d.pen.ink, d.pen.inked = d.ink, true
	}
	if d.pen.thick != thick {
		d.pdf.SetLineWidth(thick)
		d.pen.thick = thick
	}
	if !slices.Equal(d.pen.dash, onOff) {
		if len(onOff) == 0 {
			d.pdf.SetLineType("solid")
		} else {
			d.pdf.SetCustomLineType(onOff, 0)
		}
		d.pen.dash = onOff
	}
	d.pdf.Line(d.dx+x0, d.dy+y0, d.dx+x1, d.dy+y1)
}

// Row draws one row of square cells, dark where the bits say, as one dashed line: much cheaper than a rectangle a cell.
func (d *Doc) Row(x, y, cell float64, dark []bool) {
	first, last := -1, -1
	for i, b := range dark {
		if b {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return
	}
	var runs []float64
	on, from := true, first
	for i := first + 1; i <= last+1; i++ {
		if i > last || dark[i] != on {
			runs = append(runs, float64(i-from)*cell)
			on, from = !on, i
		}
	}
	if len(runs)%2 == 1 {
		runs = append(runs, cell)
	}
	mid := y + cell/2
	d.Dashed(x+float64(first)*cell, mid, x+float64(last+1)*cell, mid, cell*1.01, runs)
}

func upper(s string) string { return strings.ToUpper(norm.NFC.String(s)) }
