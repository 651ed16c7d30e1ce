package template

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"taphuan/app/errs"
	"taphuan/app/paper"
)

// Rendition says for what a certificate is drawn.
type Rendition string

// The renditions.
const (
	Print  Rendition = "print"  // for the printer: to be signed and sealed by hand, so no picture of a seal
	Copy   Rendition = "copy"   // what is looked at while no digital signature is there: says so, and bears no seal
	Signed Rendition = "signed" // digitally signed, or about to be: the seal stands
)

// CopyWords stand across a document that bears no signature.
const CopyWords = "BẢN TRA CỨU"

// footnotes stand under the frame, so that a document says by itself what it is worth.
var footnotes = map[Rendition]string{
	Copy:   "Bản tra cứu, không có chữ ký: không thay cho bản có chữ ký và dấu của cơ quan cấp.",
	Signed: "Bản điện tử có chữ ký số: kiểm tra chữ ký bằng phần mềm đọc PDF, nội dung bằng mã QR.",
}

// floorType is the size in points below which nothing is set: a text that needs less is refused, never clipped.
const floorType = 4.0

// Template is a layout with its pictures, ready to be drawn many times, by many at once.
type Template struct {
	page     Page
	elements []compiled
}

type compiled struct {
	Element
	parts   []part
	items   []compiled
	picture paper.Picture
	name    string // of the picture in a document
	role    paper.Role
}

// Compile prepares a layout that was checked. It refuses what Check refuses, and a picture that is not among those given
// ("template_picture_unknown").
func Compile(l Layout, pictures map[string]paper.Picture) (*Template, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	return prepare(l, pictures, reduced)
}

func prepare(l Layout, pictures map[string]paper.Picture, small reduce) (*Template, error) {
	t := &Template{page: l.Page}
	largest := largestText(l.Elements)
	for i, e := range l.Elements {
		c, err := compile(e, largest)
		if err != nil {
			return nil, err
		}
		if e.Kind == Image {
			p, ok := pictures[e.Image]
			if !ok {
				return nil, errs.OnField(fmt.Sprintf("elements.%d", i), "template_picture_unknown")
			}
			if c.picture, err = small(e.Image, p, e.W*paper.Millimetre, e.H*paper.Millimetre); err != nil {
				return nil, errs.Internal("picture", err)
			}
			c.name = fmt.Sprintf("%s %d", e.Image, c.picture.Width)
		}
		t.elements = append(t.elements, c)
	}
	return t, nil
}

// pixels is how many all pictures of a page may have together.
const pixels = 3_000_000

// weight is how many bytes its pictures add to a document.
func (t *Template) weight() int {
	n := 0
	seen := map[string]bool{}
	for _, e := range t.elements {
		if e.Kind == Image && !seen[e.name] {
			n += len(e.picture.Body)
			seen[e.name] = true
		}
	}
	return n
}

// largestText is the size of the largest text: what is set so is a headline for readers' aids.
func largestText(elements []Element) float64 {
	most := 0.0
	for _, e := range elements {
		if e.Kind == Text {
			most = max(most, e.Size)
		}
		for _, x := range e.Items {
			most = max(most, x.Size)
		}
	}
	return most
}

func compile(e Element, largest float64) (compiled, error) {
	c := compiled{Element: e, role: paper.Paragraph}
	if e.Size == largest {
		c.role = paper.Headline
	}
	var err error
	if c.parts, err = split(e.Text); err != nil {
		return c, err
	}
	if c.Lines == 0 {
		c.Lines = 1
	}
	if c.Least == 0 {
		c.Least = c.Size
	}
	for _, x := range e.Items {
		item, err := compile(x, largest)
		if err != nil {
			return c, err
		}
		c.items = append(c.items, item)
	}
	return c, nil
}

// say fills the fields in. Where all fields are empty it says nothing.
func (c compiled) say(s Snapshot) string {
	var b strings.Builder
	empty, fields := true, false
	for _, p := range c.parts {
		text := p.text
		if p.field != "" {
			fields = true
			text = s.Field(p.field)
			if text != "" {
				empty = false
			}
			if p.turn != nil {
				text = p.turn(text)
			}
		}
		b.WriteString(text)
	}
	if fields && empty {
		return ""
	}
	return strings.TrimSpace(b.String())
}

// Draw draws one certificate. The same snapshot gives the same bytes. It refuses letters that the fonts lack ("glyph_missing") and a
// text that would have to be set too small to read ("template_overflow").
func (t *Template) Draw(s Snapshot, r Rendition) ([]byte, error) {
	d := t.document(paper.Info{Title: "Giấy chứng nhận số " + s.Serial, Author: s.Issuer, Subject: s.CourseTitle, Created: s.IssuedAt.UTC(), Tagged: true})
	t.page1(d, s, r, floorType)
	return d.Bytes()
}

// Leaf is a certificate among many of one document.
type Leaf struct {
	Template *Template
	Snapshot Snapshot
}

// Sheet draws many certificates into one document for the printer, a page each. bleed is a margin in millimetres around each page that
// is cut off after printing. each is told of every page.
func Sheet(title string, created time.Time, leaves []Leaf, bleed float64, each func(drawn int)) ([]byte, error) {
	d := paper.New(paper.A4Long, paper.A4Short, paper.Info{Title: title, Created: created.UTC()})
	d.Bleed(bleed * paper.Millimetre)
	for i, l := range leaves {
		d.W, d.H = l.Template.page.Size()
		l.Template.page1(d, l.Snapshot, Print, floorType)
		each(i + 1)
	}
	return d.Bytes()
}

// boxes are where texts stand, for tests.
func (t *Template) boxes(s Snapshot, r Rendition) ([]paper.Box, error) {
	d := t.document(paper.Info{})
	t.page1(d, s, r, floorType)
	_, err := d.Bytes()
	return d.Boxes, err
}

// Fits refuses a layout in which the texts of the snapshot do not stand in their boxes at the least sizes ("template_overflow" on the
// element).
func (t *Template) Fits(s Snapshot) error {
	d := t.document(paper.Info{})
	t.page1(d, s, Signed, 0)
	_, err := d.Bytes()
	return err
}

func (t *Template) document(info paper.Info) *paper.Doc {
	w, h := t.page.Size()
	return paper.New(w, h, info)
}

// page1 draws one page. floor is the size down to which a text may go below its least, in points; 0: not at all.
func (t *Template) page1(d *paper.Doc, s Snapshot, r Rendition, floor float64) {
	d.Page()
	if r == Copy {
		d.Across(CopyWords)
	}
	for i, e := range t.elements {
		at := fmt.Sprintf("elements.%d", i)
		x, y, w, h := e.X*paper.Millimetre, e.Y*paper.Millimetre, e.W*paper.Millimetre, e.H*paper.Millimetre
		d.Ink(inks[e.Ink])
		switch e.Kind {
		case Text:
			d.Part(e.role, "")
			drawText(d, at, e, x, y, w, h, e.say(s), floor)
			d.EndPart()
		case Stack:
			drawStack(d, at, e, x, y, w, h, s, floor)
		case Heading:
			drawHeading(d, at, e, x, y, w, h, s, floor)
		case Frame:
			d.Frame(x)
		case Line:
			d.Rule(x, y, x+w, y+h, e.Thick)
		case QR:
			side := min(w, h)
			d.Part(paper.Figure, "Mã QR để kiểm tra giấy chứng nhận số "+s.Serial)
			d.QR(x+(w-side)/2, y+(h-side)/2, side, s.QRText())
			d.EndPart()
		case Image:
			switch {
			case !e.Seal: // decoration
				d.Picture(e.name, e.picture, x, y, w, h)
			case r == Signed:
				d.Part(paper.Figure, "Hình con dấu của "+s.Issuer)
				d.Picture(e.name, e.picture, x, y, w, h)
				d.EndPart()
			}
		}
	}
	d.Ink(paper.Grey)
	d.Line(paper.Regular, 7, 0, d.H-4*paper.Millimetre, d.W, paper.Centre, footnotes[r])
}

// drawHeading makes the heading smaller until it stands in its box; one without a height may be as high as it likes.
func drawHeading(d *paper.Doc, at string, e compiled, x, y, w, h float64, s Snapshot, floor float64) {
	least := e.Size * 0.7
	if floor > 0 {
		least = min(least, floor)
	}
	if h == 0 {
		h = d.H - y
	}
	size, fits := d.FitHeading(e.Size, least, w, h, s.Superior, s.Issuer)
	if !fits {
		d.Refuse(errs.OnField(at, "template_overflow", errs.Params{"n": utf8.RuneCountInString(s.Superior + s.Issuer)}))
		return
	}
	d.Heading(x, y+size, w, size, s.Superior, s.Issuer)
}

// baseline is how far below the top of its line a text stands, in sizes.
const baseline = 0.98

func drawText(d *paper.Doc, at string, e compiled, x, y, w, h float64, text string, floor float64) {
	if text == "" {
		return
	}
	least := e.Least
	if floor > 0 {
		least = min(least, floor)
	}
	if e.Spacing > 0 && e.Align == "centre" {
		size, fits := d.FitSpaced(fonts[e.Font], e.Size, least, w, h, e.Spacing, text)
		if !fits {
			d.Refuse(errs.OnField(at, "template_overflow", errs.Params{"n": utf8.RuneCountInString(text)}))
			return
		}
		y += (h-size*paper.Leading)*anchors[e.Anchor] + baseline*size
		d.Spaced(fonts[e.Font], size, x, y, w, e.Spacing*size/e.Size, text)
		return
	}
	size, lines, fits := d.FitBox(fonts[e.Font], e.Size, least, w, h, e.Lines, text)
	if !fits {
		d.Refuse(errs.OnField(at, "template_overflow", errs.Params{"n": utf8.RuneCountInString(text)}))
		return
	}
	y += (h-float64(len(lines))*size*paper.Leading)*anchors[e.Anchor] + baseline*size
	for _, l := range lines {
		d.Line(fonts[e.Font], size, x, y, w, aligns[e.Align], l)
		y += size * paper.Leading
	}
}

// tightest is how far a stack goes in making all its texts and spaces smaller, where those do not fit at their own least sizes.
const tightest = 0.5

// drawStack sets texts below each other. Each is first made small enough for its own lines; what then stands too high for the box is
// tightened as a whole.
func drawStack(d *paper.Doc, at string, e compiled, x, y, w, h float64, s Snapshot, floor float64) {
	type set struct {
		compiled
		size  float64
		lines []string
	}
	sets := make([]set, 0, len(e.items))
	texts := make([]string, len(e.items))
	for i, item := range e.items {
		texts[i] = item.say(s)
	}
	for tighten := 1.0; tighten >= tightest; tighten -= 0.05 {
		sets = sets[:0]
		height := 0.0
		fits := true
		for i, item := range e.items {
			if texts[i] == "" {
				continue
			}
			size, lines := d.Fit(fonts[item.Font], item.Size*tighten, min(item.Least, item.Size*tighten), w, item.Lines, texts[i])
			fits = fits && size <= w && (floor > 0 || len(lines) <= item.Lines)
			sets = append(sets, set{item, size, lines})
			height += item.Space*paper.Millimetre*tighten + float64(len(lines))*size*paper.Leading
		}
		if height > h || !fits {
			continue
		}
		y += (h - height) * anchors[e.Anchor]
		for _, b := range sets {
			y += b.Space * paper.Millimetre * tighten
			d.Ink(inks[b.Ink])
			d.Part(b.role, "")
			for _, l := range b.lines {
				d.Line(fonts[b.Font], b.size, x, y+baseline*b.size, w, aligns[b.Align], l)
				y += b.size * paper.Leading
			}
			d.EndPart()
		}
		return
	}
	d.Refuse(errs.OnField(at, "template_overflow", errs.Params{"n": utf8.RuneCountInString(strings.Join(texts, " "))}))
}
