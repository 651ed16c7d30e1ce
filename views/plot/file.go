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

// note is a line under the drawing; what is explained in it stands before its words.
type note struct {
	words string
	mark  func(c draw.Canvas, at vg.Point) // nil: none
}

// below are the lines under the drawing.
func (l Line) below() (lines []note) {
	if len(l.Band) > 1 && l.BandLabel != "" {
		lines = append(lines, note{l.BandLabel, patch})
	}
	if len(l.Planned) > 0 && l.PlannedLabel != "" {
		lines = append(lines, note{l.PlannedLabel + ":", func(c draw.Canvas, at vg.Point) { diamond{}.DrawGlyph(&c, draw.GlyphStyle{Radius: 6}, at) }})
	}
	for i, c := range l.Planned {
		if i == filePlanned {
			lines = append(lines, note{words: fmt.Sprintf("… +%d", len(l.Planned)-i)})
			break
		}
		lines = append(lines, note{words: fmt.Sprintf("%d. %s", i+1, c.words(l.Lang))})
	}
	return lines
}

// patch is a piece of the band.
func patch(c draw.Canvas, at vg.Point) {
	box := vg.Rectangle{Min: vg.Point{X: at.X - 7, Y: at.Y - 6}, Max: vg.Point{X: at.X + 7, Y: at.Y + 6}}
	c.SetColor(inkBand)
	c.Fill(box.Path())
	var lines vg.Path
	for x := box.Min.X + 2; x < box.Max.X; x += 5 {
		lines.Move(vg.Point{X: x, Y: box.Min.Y})
		lines.Line(vg.Point{X: x, Y: box.Max.Y})
	}
	c.SetLineStyle(stroke(inkHatch, 1))
	c.Stroke(lines)
}

func (l Line) fileHeight() float64 {
	return 2*fileMargin + 3.5*fileLine + fileDrawing + float64(len(l.below())+1)*fileLine + fileLine/3
}

// compose lays the sheet out.
func (l Line) compose(c draw.Canvas, words letters, of, source string) {
	c.SetColor(inkPaper)
	c.Fill(c.Rectangle.Path())
	s := sheet{Canvas: draw.Crop(c, fileMargin, -fileMargin, fileMargin, -fileMargin), letters: words, size: fileLetters}
	width := s.Max.X - s.Min.X
	y := s.Max.Y
	say := func(i ink, size float64, weight stdfont.Weight, txt string, in vg.Length) {
		st := sheet{letters: words, size: size}.style(i, text.XLeft, text.YTop)
		st.Font.Weight = weight
		s.FillText(st, vg.Point{X: s.Min.X + in, Y: y}, fitting(st, txt, width-in))
		y -= vg.Length(size * 1.6)
	}
	say(inkStrong, 20, stdfont.WeightBold, l.Title, 0)
	say(inkWords, fileLetters, stdfont.WeightNormal, of, 0)
	drawing := s
	drawing.Max.Y = y - fileLine/2
	drawing.Min.Y = drawing.Max.Y - fileDrawing
	l.draw(drawing)
	y = drawing.Min.Y - fileLine/2
	for _, line := range l.below() {
		in := vg.Length(0)
		if line.mark != nil {
			in = 22
			line.mark(s.Canvas, vg.Point{X: s.Min.X + 7, Y: y - fileLetters*0.65})
		}
		say(inkStrong, fileLetters, stdfont.WeightNormal, line.words, in)
	}
	y -= fileLine / 3
	say(inkWords, 13, stdfont.WeightNormal, source, 0)
}

// fitting cuts a text to a width.
func fitting(st text.Style, txt string, width font.Length) string {
	r := []rune(txt)
	for n := len(r); st.Width(txt) > width && n > 0; n-- {
		txt = string(r[:n-1]) + "…"
	}
	return txt
}
