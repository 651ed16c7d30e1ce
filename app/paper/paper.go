// Package paper draws official documents with gopdf: fonts cut to the Vietnamese repertoire, text that is measured before it is
// set, and the heading of administrative documents.
package paper

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifbolditalic"
	"github.com/go-fonts/liberation/liberationserifitalic"
	"github.com/go-fonts/liberation/liberationserifregular"
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
}

// New begins a document of pages w by h points.
func New(w, h float64, info Info) *Doc {
	d := &Doc{W: w, H: h, faces: map[Font]bool{}}
	d.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: w, H: h}})
	d.pdf.SetCompressLevel(zlib.BestSpeed) // of the content only: a tenth larger and a tenth faster as a whole, for the fonts are most of both
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
	return b.Bytes(), nil
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
	text = norm.NFC.String(text)
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
	d.Boxes = append(d.Boxes, Box{Page: d.Pages(), X0: x, Y0: y - 0.92*size, X1: x + tw, Y1: y + 0.24*size, Text: text})
}

// Spaced is Line with extra space between letters, centred.
func (d *Doc) Spaced(f Font, size, x, y, w, space float64, text string) {
	if d.err != nil {
		return
	}
	text = norm.NFC.String(text)
	n := float64(len([]rune(text)) - 1)
	tw := d.Width(f, size, text) + n*space
	d.fail(d.pdf.SetCharSpacing(space))
	at := x + (w-tw)/2
	d.pdf.SetXY(d.dx+at, d.dy+y)
	d.fail(d.pdf.Text(text))
	d.fail(d.pdf.SetCharSpacing(0))
	d.Boxes = append(d.Boxes, Box{Page: d.Pages(), X0: at, Y0: y - 0.92*size, X1: at + tw, Y1: y + 0.24*size, Text: text})
}

// word is a word of a text that is to be broken into lines, measured once for all sizes: units are thousandths of the size.
type word struct {
	text  string
	units float64
	space float64 // between the word before and this one, kerning included
}

func (d *Doc) words(f Font, size float64, text string) []word {
	fields := strings.Fields(norm.NFC.String(text))
	units := func(text string) float64 { return math.Round(d.Width(f, size, text) * 1000 / size) }
	out := make([]word, len(fields))
	for i, text := range fields {
		out[i] = word{text: text, units: units(text)}
		if i > 0 {
			last, _ := utf8.DecodeLastRuneInString(fields[i-1])
			first, _ := utf8.DecodeRuneInString(text)
			out[i].space = units(string(last)+" "+string(first)) - units(string(last)) - units(string(first))
		}
	}
	return out
}

// Wrap breaks text into lines no wider than w, at spaces; a word that is wider than a line is broken. Lines are evened out,
// so that no line holds one short word.
func (d *Doc) Wrap(f Font, size, w float64, text string) []string {
	return d.even(f, size, w, d.words(f, size, text))
}

func (d *Doc) even(f Font, size, w float64, words []word) []string {
	lines := d.wrap(f, size, w, words)
	if len(lines) < 2 {
		return lines
	}
	for narrower := w * 0.97; narrower > w*0.5; narrower *= 0.97 {
		even := d.wrap(f, size, narrower, words)
		if len(even) > len(lines) {
			break
		}
		lines = even
	}
	return lines
}

func (d *Doc) wrap(f Font, size, w float64, words []word) []string {
	var out []string
	em := size / 1000
	var line strings.Builder
	units := 0.0 // of the line
	for _, x := range words {
		if line.Len() > 0 {
			if next := units + x.space + x.units; next*em <= w {
				line.WriteByte(' ')
				line.WriteString(x.text)
				units = next
				continue
			}
			out = append(out, line.String())
			line.Reset()
		}
		rest := x.text
		units = x.units
		for units*em > w && d.err == nil {
			rs := []rune(rest)
			n := len(rs) - 1
			for n > 1 && d.Width(f, size, string(rs[:n])) > w {
				n--
			}
			if n < 1 {
				break // a letter that is wider than the line stands for itself
			}
			out = append(out, string(rs[:n]))
			rest = string(rs[n:])
			units = d.Width(f, size, rest) / em
		}
		line.WriteString(rest)
	}
	if line.Len() > 0 {
		out = append(out, line.String())
	}
	return out
}

// Fit gives the largest size between least and most (in half points) at which the text stands in at most n lines of width w,
// with those lines. At the least size it may take more lines.
func (d *Doc) Fit(f Font, most, least, w float64, n int, text string) (float64, []string) {
	words := d.words(f, most, text)
	for size := most; ; size -= 0.5 {
		lines := d.wrap(f, size, w, words)
		if len(lines) <= n || size-0.5 < least {
			if len(lines) > 1 {
				lines = d.even(f, size, w, words)
			}
			return size, lines
		}
	}
}

// Leading is the distance of base lines in a box, in sizes of the type.
const Leading = 1.26

// FitBox is Fit for a box that has a height too: the largest size between least and most at which the text stands in at most n lines
// within w by h points. It says whether it does; where it does not, size and lines are those of the least size.
func (d *Doc) FitBox(f Font, most, least, w, h float64, n int, text string) (float64, []string, bool) {
	words := d.words(f, most, text)
	for size := most; ; size -= 0.5 {
		lines := d.wrap(f, size, w, words)
		fits := len(lines) <= n && float64(len(lines))*size*Leading <= h+0.01
		if fits || size-0.5 < least {
			if len(lines) > 1 {
				lines = d.even(f, size, w, words)
			}
			return size, lines, fits
		}
	}
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
