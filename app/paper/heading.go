package paper

// Heading sets the heading of administrative documents (Nghị định 30/2020/NĐ-CP, Appendix I): left the superior and the issuing
// agency over a short rule, right the national name and motto over a rule as long as the motto. y is the first base line; it
// gives the y below the heading.
func (d *Doc) Heading(x, y, w, size float64, superior, agency string) float64 {
	left, right := headingSides(w)
	rx := x + w - right
	d.Ink(Black)
	ly, last := y, size
	d.Part(Paragraph, "")
	for _, l := range d.agencies(left, size, superior, agency) {
		d.Line(l.font, l.size, x, ly, left, Centre, l.text)
		last = l.size
		ly += last * headingLeading
	}
	short, below := left*0.3, ly-last*0.75
	d.Rule(x+(left-short)/2, below, x+(left+short)/2, below, 0.7)
	d.Part(Paragraph, "")
	ns, _ := d.Fit(Bold, size, size*0.7, right, 1, national)
	d.Line(Bold, ns, rx, y, right, Centre, national)
	d.Line(Bold, size*1.06, rx, y+size*1.3, right, Centre, motto)
	d.EndPart()
	mw := d.Width(Bold, size*1.06, motto)
	d.Rule(rx+(right-mw)/2, y+size*1.85, rx+(right+mw)/2, y+size*1.85, 0.7)
	return max(ly, y+size*2.4)
}

// FitHeading gives the largest size between least and most at which a heading stands within w by h points, its first base line a size
// below the top, and says whether there is one.
func (d *Doc) FitHeading(most, least, w, h float64, superior, agency string) (float64, bool) {
	left, right := headingSides(w)
	national := max(d.Width(Bold, most, national), d.Width(Bold, most*1.06, motto)) / most
	for size := most; ; size -= 0.5 {
		high, last := size, size // from the first letters' top to the rule below the last line
		widest := national * size
		for _, l := range d.agencies(left, size, superior, agency) {
			last = l.size
			high += last * headingLeading
			widest = max(widest, d.Width(l.font, l.size, l.text)+right-left)
		}
		fits := max(high-last*0.75, size*2.85) <= h && widest <= right+0.5
		if fits || size-0.5 < least {
			return size, fits
		}
	}
}

const (
	national       = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
	motto          = "Độc lập - Tự do - Hạnh phúc"
	headingLeading = 1.3
)

func headingSides(w float64) (left, right float64) { return w * 0.46, w * 0.5 }

type headingLine struct {
	font Font
	size float64
	text string
}

// agencies are the lines on the left side.
func (d *Doc) agencies(left, size float64, superior, agency string) []headingLine {
	var out []headingLine
	for _, x := range []struct {
		font Font
		text string
	}{{Regular, superior}, {Bold, agency}} {
		if x.text == "" && x.font == Regular {
			continue
		}
		s, lines := d.Fit(x.font, size, size*0.6, left, 2, upper(x.text))
		for _, l := range lines {
			out = append(out, headingLine{x.font, s, l})
		}
	}
	return out
}
