package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"taphuan/app/i18n"
	"taphuan/models"
)

// sans is the typeface by which texts are measured, and in which they stand in pictures.
var sans = font.NewCache(font.Collection{face(liberationsansregular.TTF, stdfont.WeightNormal), face(liberationsansbold.TTF, stdfont.WeightBold)})

func face(ttf []byte, w stdfont.Weight) font.Face {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // it is compiled in
	}
	return font.Face{Font: font.Font{Typeface: "Liberation", Variant: "Sans", Weight: w}, Face: f}
}

// sheet is what a line is drawn on: a page, a file or a picture.
type sheet struct {
	draw.Canvas
	letters
	size float64 // of letters
}

func (s sheet) style(i ink, x text.XAlignment, y text.YAlignment) text.Style {
	return text.Style{Color: i, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(s.size)}, XAlign: x, YAlign: y, Handler: s.letters}
}

func stroke(i ink, width float64, dash ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: i, Width: vg.Length(width), Dashes: dash}
}

// draw draws the line and its axes.
func (l Line) draw(s sheet) {
	p := plot.New()
	p.BackgroundColor, p.TextHandler = nil, s.letters
	p.X.Min, p.X.Max = float64(l.From), float64(max(l.To, l.From+1))
	p.Y.Min, p.Y.Max = 0, 100
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding, a.LineStyle, a.Tick.Length = 0, draw.LineStyle{}, 0
		a.Label.TextStyle = s.style(inkWords, text.XLeft, text.YBottom)
	}
	p.X.LineStyle = stroke(inkAxis, 1)
	p.X.Tick.Length, p.X.Tick.LineStyle = 5, stroke(inkAxis, 1)
	p.X.Tick.Label, p.Y.Tick.Label = s.style(inkWords, text.XCenter, text.YTop), s.style(inkWords, text.XRight, text.YCenter)
	p.X.Tick.Marker = plot.ConstantTicks(l.ticks(float64(s.Max.X - s.Min.X)))
	var percents plot.ConstantTicks
	for _, g := range []float64{0, 25, 50, 75, 100} {
		percents = append(percents, plot.Tick{Value: g, Label: strconv.Itoa(int(g))})
	}
	p.Y.Tick.Marker = percents
	p.Add(&plotter.Grid{Horizontal: stroke(inkGrid, 1)})
	p.Add(l.band()...)
	p.Add(line(stroke(inkTarget, 2, 7, 5), plotter.XY{X: p.X.Min, Y: percent(l.Target)}, plotter.XY{X: p.X.Max, Y: percent(l.Target)}))
	if l.Today > l.From && l.Today < l.To {
		ground := 0.0
		if slices.ContainsFunc(l.Planned, func(c Planned) bool { return math.Abs(float64(c.Day-l.Today)) < apart(s, p) }) {
			ground = 19 // above the mark and its number
		}
		p.Add(line(stroke(inkWords, 1, 2, 3), plotter.XY{X: float64(l.Today), Y: ground}, plotter.XY{X: float64(l.Today), Y: 100}))
	}
	p.Add(l.steps()...)
	p.Add(l.words(s)...)
	p.Add(l.courses(s, p)...)
	p.Draw(s.Canvas)
}

// line goes through the points in steps, each from its day on. That it has a width moves no axis.
func line(style draw.LineStyle, points ...plotter.XY) plot.Plotter {
	return still{&plotter.Line{XYs: points, StepStyle: plotter.PostStep, LineStyle: style}}
}

// still is drawn within the axes as they are.
type still struct{ plot.Plotter }

func percent(y float64) float64 { return min(max(y, 0), 100) }

// ticks are the years, each at its first day, or the months where the time is short; as many as there is room for.
func (l Line) ticks(width float64) (out []plot.Tick) {
	step, room := 12, width/float64(max(l.To-l.From, 1))
	for _, months := range []int{1, 3, 6} {
		if l.To-l.From < 800 && room*30*float64(months) > 64 {
			step = months
			break
		}
	}
	y, m, _ := l.From.Date()
	for n := 0; ; n++ {
		d := models.NewDay(y, m+time.Month(n), 1)
		if d > l.To {
			return out
		}
		if _, month, _ := d.Date(); d < l.From || (int(month)-1)%step != 0 {
			continue
		}
		label := strconv.Itoa(d.Year())
		if step < 12 {
			_, month, _ := d.Date()
			label = fmt.Sprintf("%02d/%d", int(month), d.Year())
		} else if room*365 < 44 && len(out) > 0 {
			label = fmt.Sprintf("%02d", d.Year()%100)
		}
		out = append(out, plot.Tick{Value: float64(d), Label: label})
	}
}

// band is the forecast: its span hatched, so that it is told from the rest without colour.
func (l Line) band() []plot.Plotter {
	if len(l.Band) < 2 {
		return nil
	}
	var area plotter.XYs
	hatch := hatching{}
	for _, b := range l.Band {
		area = append(area, plotter.XY{X: float64(b.Day), Y: percent(b.High)})
		hatch = append(hatch, Range{b.Day, percent(b.Low), percent(b.High)})
	}
	for _, b := range slices.Backward(l.Band) {
		area = append(area, plotter.XY{X: float64(b.Day), Y: percent(b.Low)})
	}
	return []plot.Plotter{still{&plotter.Polygon{XYs: []plotter.XYs{area}, Color: inkBand}}, hatch}
}

// hatching is upright lines within a band.
type hatching []Range

func (h hatching) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var lines vg.Path
	i := 0
	for at := x(float64(h[0].Day)); at <= x(float64(h[len(h)-1].Day)); at += 5 {
		for i+2 < len(h) && x(float64(h[i+1].Day)) < at {
			i++
		}
		a, b := h[i], h[i+1]
		t := float64((at - x(float64(a.Day))) / max(x(float64(b.Day))-x(float64(a.Day)), 1e-9))
		lines.Move(vg.Point{X: at, Y: y(a.Low + t*(b.Low-a.Low))})
		lines.Line(vg.Point{X: at, Y: y(a.High + t*(b.High-a.High))})
	}
	c.SetLineStyle(stroke(inkHatch, 1))
	c.Stroke(lines)
}

// steps are the figures, up to today, each until the next; where there is none the line breaks off.
func (l Line) steps() (out []plot.Plotter) {
	var run plotter.XYs
	end := func(d models.Day, y float64) {
		if len(run) > 0 {
			out = append(out, line(stroke(inkLine, 2.5), append(run, plotter.XY{X: float64(d), Y: y})...))
		}
		run = nil
	}
	for _, x := range l.Points {
		if math.IsNaN(x.Pct) {
			if len(run) > 0 {
				end(x.Day, run[len(run)-1].Y)
			}
			continue
		}
		run = append(run, plotter.XY{X: float64(x.Day), Y: percent(x.Pct)})
	}
	if last, day, ok := l.last(); ok {
		end(day, percent(last))
		out = append(out, still{&plotter.Scatter{XYs: plotter.XYs{{X: float64(day), Y: percent(last)}}, GlyphStyle: draw.GlyphStyle{Color: inkLine, Radius: 4.5, Shape: draw.CircleGlyph{}}}})
	}
	return out
}

// last is the figure at which the line stands, and the day up to which it does.
func (l Line) last() (pct float64, day models.Day, ok bool) {
	if len(l.Points) == 0 || math.IsNaN(l.Points[len(l.Points)-1].Pct) {
		return 0, 0, false
	}
	x := l.Points[len(l.Points)-1]
	return x.Pct, max(x.Day, min(l.Today, l.To)), true
}

// words are the target's and the last figure's, each where the other is not.
func (l Line) words(s sheet) (out []plot.Plotter) {
	at := func(d models.Day, y float64, dx, dy float64, i ink, x text.XAlignment, words string) {
		out = append(out, &plotter.Labels{XYs: plotter.XYs{{X: float64(d), Y: percent(y)}}, Labels: []string{words}, TextStyle: []text.Style{s.style(i, x, text.YCenter)}, Offset: vg.Point{X: vg.Length(dx), Y: vg.Length(dy)}})
	}
	up := s.size * 0.85
	side := up
	if l.Target > 92 { // there is no room above
		side = -up
	}
	at(l.From, l.Target, 4, side, inkAim, text.XLeft, strings.TrimSpace(l.TargetLabel+" "+i18n.Target(l.Lang, l.Target)))
	if pct, day, ok := l.last(); ok {
		dx, dy, x := 9.0, 0.0, text.XLeft
		switch low := pct < 16 && len(l.Planned) > 0; {
		case low || float64(day-l.From) > 0.85*float64(l.To-l.From): // there is no room behind it
			dx, dy, x = -12, 1.4*s.size, text.XRight
		case len(l.Band) > 1 || math.Abs(l.Target-pct) < 6: // below the forecast, and not across the target
			dy = -s.size
		}
		at(day, pct, dx, dy, inkStrong, x, i18n.Pct(l.Lang, pct))
	}
	return out
}

// apart is how many days lie between two marks that do not touch.
func apart(s sheet, p *plot.Plot) float64 {
	return (p.X.Max - p.X.Min) / float64(s.Max.X-s.Min.X) * 22
}

// courses are the courses to come: open marks on the ground, with the numbers that they have in the list of them. Those that would lie
// over each other share a mark.
func (l Line) courses(s sheet, p *plot.Plot) (out []plot.Plotter) {
	var at plotter.XYs
	var labels []string
	near := apart(s, p)
	for i := 0; i < len(l.Planned); {
		j := i
		for j+1 < len(l.Planned) && float64(l.Planned[j+1].Day-l.Planned[i].Day) < near {
			j++
		}
		label := strconv.Itoa(i + 1)
		if j > i {
			label += "–" + strconv.Itoa(j+1)
		}
		at, labels = append(at, plotter.XY{X: float64(l.Planned[i].Day), Y: 4}), append(labels, label)
		i = j + 1
	}
	if len(at) == 0 {
		return nil
	}
	styles := slices.Repeat([]text.Style{s.style(inkStrong, text.XCenter, text.YCenter)}, len(at))
	return []plot.Plotter{
		still{&plotter.Scatter{XYs: at, GlyphStyle: draw.GlyphStyle{Color: inkLine, Radius: 6, Shape: diamond{}}}},
		&plotter.Labels{XYs: at, Labels: labels, TextStyle: styles, Offset: vg.Point{Y: vg.Length(s.size * 1.05)}},
	}
}

// diamond is an open mark: on its corner, of the paper's colour inside.
type diamond struct{}

func (diamond) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	r := sty.Radius
	var p vg.Path
	p.Move(vg.Point{X: at.X, Y: at.Y + r})
	p.Line(vg.Point{X: at.X + r, Y: at.Y})
	p.Line(vg.Point{X: at.X, Y: at.Y - r})
	p.Line(vg.Point{X: at.X - r, Y: at.Y})
	p.Close()
	c.SetColor(inkPaper)
	c.Fill(p)
	c.SetLineStyle(stroke(inkLine, 2))
	c.Stroke(p)
}
