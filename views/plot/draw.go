package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
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
	marks := s.ground(l, p)
	p.Add(l.courses(s, marks)...)
	p.Add(words{Line: l, sheet: s, ground: marks})
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

// apart is how many days lie between two marks that do not touch.
func apart(s sheet, p *plot.Plot) float64 {
	return (p.X.Max - p.X.Min) / float64(s.Max.X-s.Min.X) * 22
}

// courseHeight is where the marks of courses to come lie, near the ground.
const courseHeight = 4

// grounded is a mark of courses to come, with the numbers that they have in the list of them.
type grounded struct {
	models.Day
	numbers string
}

// ground are the marks of the courses to come. Those that would lie over each other share one.
func (s sheet) ground(l Line, p *plot.Plot) (out []grounded) {
	near := apart(s, p)
	for i := 0; i < len(l.Planned); {
		j := i
		for j+1 < len(l.Planned) && float64(l.Planned[j+1].Day-l.Planned[i].Day) < near {
			j++
		}
		numbers := strconv.Itoa(i + 1)
		if j > i {
			numbers += "–" + strconv.Itoa(j+1)
		}
		out = append(out, grounded{l.Planned[i].Day, numbers})
		i = j + 1
	}
	return out
}

// courses are the courses to come: open marks on the ground.
func (l Line) courses(s sheet, marks []grounded) []plot.Plotter {
	if len(marks) == 0 {
		return nil
	}
	var at plotter.XYs
	var labels []string
	for _, m := range marks {
		at, labels = append(at, plotter.XY{X: float64(m.Day), Y: courseHeight}), append(labels, m.numbers)
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
