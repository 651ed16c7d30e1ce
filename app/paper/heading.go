package paper

// Heading sets the heading of administrative documents (Nghị định 30/2020/NĐ-CP, Appendix I): left the superior and the issuing
// agency over a short rule, right the national name and motto over a rule as long as the motto. y is the first base line; it
// gives the y below the heading.
func (d *Doc) Heading(x, y, w, size float64, superior, agency string) float64 {
	left, right := w*0.46, w*0.5
	rx := x + w - right
	d.Ink(Black)
	ly := y
	if superior != "" {
		s, lines := d.Fit(Regular, size, size*0.6, left, 2, upper(superior))
		for _, l := range lines {
			d.Line(Regular, s, x, ly, left, Centre, l)
			ly += s * 1.3
		}
	}
	s, lines := d.Fit(Bold, size, size*0.6, left, 2, upper(agency))
	for _, l := range lines {
		d.Line(Bold, s, x, ly, left, Centre, l)
		ly += s * 1.3
	}
	short := left * 0.3
	d.Rule(x+(left-short)/2, ly-size*0.75, x+(left+short)/2, ly-size*0.75, 0.7)
	ns, _ := d.Fit(Bold, size, size*0.7, right, 1, national)
	d.Line(Bold, ns, rx, y, right, Centre, national)
	d.Line(Bold, size*1.06, rx, y+size*1.3, right, Centre, motto)
	mw := d.Width(Bold, size*1.06, motto)
	d.Rule(rx+(right-mw)/2, y+size*1.85, rx+(right+mw)/2, y+size*1.85, 0.7)
	return max(ly, y+size*2.4)
}

const (
	national = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
	motto    = "Độc lập - Tự do - Hạnh phúc"
)
