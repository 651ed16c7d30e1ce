package plot

import (
	"fmt"
	"io"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	stdfont "golang.org/x/image/font"
)

// A file is a sheet by itself: the title and whose figures they are above the drawing, the courses to come below it, and at last where the
// figures are from. Lengths are pixels; a picture has two for each.
const (
	fileWidth, fileDrawing   = 960, 420
	fileMargin, fileLine     = 28, 24
	fileLetters, filePlanned = 15, 12 // courses that are named; more are counted
)

// File gives the line as an SVG that stands by itself, in its own colours on white.
func (l Line) File(of, source string) string {
	l.Planned = l.Coming()
	h := l.fileHeight()
	c := newCanvas(h, true)
	l.compose(draw.NewCanvas(c, fileWidth, vg.Length(h)), letters{text.Plain{Fonts: sans}, c}, of, source)
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%g" viewBox="0 0 %[1]d %[2]g" font-family="'Be Vietnam Pro', 'Liberation Sans', Arial, sans-serif" role="img" aria-labelledby="t d"><title id="t">%s, %s</title><desc id="d">%s</desc>%s</svg>
`, fileWidth, h, esc(l.Title), esc(of), esc(l.describe()), c.String())
}

// Picture writes the same as a PNG.
func (l Line) Picture(w io.Writer, of, source string) error {
	l.Planned = l.Coming()
	h := vg.Length(l.fileHeight())
	c := vgimg.NewWith(vgimg.UseWH(fileWidth, h), vgimg.UseDPI(144))
	l.compose(draw.NewCanvas(c, fileWidth, h), letters{Plain: text.Plain{Fonts: sans}}, of, source)
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// below are the lines under the drawing.
func (l Line) below() (lines []string) {
	if len(l.Planned) > 0 && l.PlannedLabel != "" {
		lines = append(lines, "◊ "+l.PlannedLabel+":")
	}
	for i, c := range l.Planned {
		if i == filePlanned {
			lines = append(lines, fmt.Sprintf("… +%d", len(l.Planned)-i))
			break
		}
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, c.words(l.Lang)))
	}
	if len(l.Band) > 1 && l.BandLabel != "" {
		lines = append(lines, "||| "+l.BandLabel)
	}
	return lines
}

func (l Line) fileHeight() float64 {
	return 2*fileMargin + 3.5*fileLine + fileDrawing + float64(len(l.below())+1)*fileLine
}

// compose lays the sheet out.
func (l Line) compose(c draw.Canvas, words letters, of, source string) {
	c.SetColor(inkPaper)
	c.Fill(c.Rectangle.Path())
	s := sheet{Canvas: draw.Crop(c, fileMargin, -fileMargin, fileMargin, -fileMargin), letters: words, size: fileLetters}
	width := s.Max.X - s.Min.X
	y := s.Max.Y
	say := func(i ink, size float64, weight stdfont.Weight, txt string) {
		st := sheet{letters: words, size: size}.style(i, text.XLeft, text.YTop)
		st.Font.Weight = weight
		s.FillText(st, vg.Point{X: s.Min.X, Y: y}, fitting(st, txt, width))
		y -= vg.Length(size * 1.6)
	}
	say(inkStrong, 20, stdfont.WeightBold, l.Title)
	say(inkWords, fileLetters, stdfont.WeightNormal, of)
	drawing := s
	drawing.Max.Y = y - fileLine/2
	drawing.Min.Y = drawing.Max.Y - fileDrawing
	l.draw(drawing)
	y = drawing.Min.Y - fileLine/2
	for _, line := range l.below() {
		say(inkStrong, fileLetters, stdfont.WeightNormal, line)
	}
	say(inkWords, 13, stdfont.WeightNormal, source)
}

// fitting cuts a text to a width.
func fitting(st text.Style, txt string, width font.Length) string {
	r := []rune(txt)
	for n := len(r); st.Width(txt) > width && n > 0; n-- {
		txt = string(r[:n-1]) + "…"
	}
	return txt
}
