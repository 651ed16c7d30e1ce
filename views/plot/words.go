package plot

import (
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"taphuan/app/i18n"
	"taphuan/models"
)

// words are those of the last figure and of the target, each where it lies over the least: what stands in the way is known
// only once the axes are.
type words struct {
	Line
	sheet
	ground []grounded
	marks  []mark
}

// mark is something drawn that words are not to lie over; the heavier the less.
type mark struct {
	box    vg.Rectangle
	weight int
}

// How heavy marks are. A word over the ground between the axes is better than any of these.
const (
	lightMark   = 1  // a line of the grid
	middleMark  = 3  // the forecast
	heavyMark   = 8  // figures, the target, today, other words
	outsideMark = 50 // there is no paper
)

func (w words) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	w.occupied(p, x, y)
	if pct, day, ok := w.last(); ok {
		at, word, st := vg.Point{X: x(float64(day)), Y: y(percent(pct))}, i18n.Pct(w.Lang, pct), w.style(inkStrong, text.XLeft, text.YBottom)
		size := st.Rectangle(word).Size()
		const gap = 9
		left, right, up, down, beside := at.X-gap-size.X, at.X+gap, at.Y+gap/2, at.Y-gap/2-size.Y, at.Y-size.Y/2
		w.say(c, st, word, []vg.Point{{X: right, Y: beside}, {X: right, Y: down}, {X: right, Y: down - size.Y/2}, {X: right, Y: up}, {X: left, Y: up}, {X: left, Y: down}, {X: at.X - size.X/2, Y: at.Y + gap}, {X: at.X - size.X/2, Y: at.Y - gap - size.Y}, {X: left, Y: beside}})
	}
	word, st := strings.TrimSpace(w.TargetLabel+" "+i18n.Target(w.Lang, w.Target)), w.style(inkAim, text.XLeft, text.YBottom)
	size, level := st.Rectangle(word).Size(), y(percent(w.Target))
	var spots []vg.Point
	const places, gap = 12, 4
	for i := range places + 1 {
		at := c.Min.X + 4 + (c.Max.X-c.Min.X-size.X-8)*vg.Length(i)/places
		spots = append(spots, vg.Point{X: at, Y: level + gap}, vg.Point{X: at, Y: level - gap - size.Y})
	}
	w.say(c, st, word, spots)
}

// say writes a word at the first of the spots (its lower left corners) at which it lies over the least.
func (w *words) say(c draw.Canvas, st text.Style, word string, spots []vg.Point) {
	size := st.Rectangle(word).Size()
	best, least := vg.Rectangle{}, math.MaxInt
	for _, at := range spots {
		box, over := vg.Rectangle{Min: at, Max: at.Add(size)}, 0
		for _, m := range w.marks {
			if box.Min.X < m.box.Max.X && m.box.Min.X < box.Max.X && box.Min.Y < m.box.Max.Y && m.box.Min.Y < box.Max.Y {
				over += m.weight
			}
		}
		if box.Min.X < w.Min.X || box.Max.X > w.Max.X || box.Min.Y < c.Min.Y || box.Max.Y > w.Max.Y {
			over += outsideMark
		}
		if over < least {
			best, least = box, over
		}
	}
	w.marks = append(w.marks, mark{best, heavyMark})
	c.FillText(st, best.Min.Sub(st.Rectangle(word).Min), word)
}

// occupied notes what is drawn.
func (w *words) occupied(p *plot.Plot, x, y func(float64) vg.Length) {
	add := func(weight int, x0, y0, x1, y1 vg.Length) {
		w.marks = append(w.marks, mark{vg.Rectangle{Min: vg.Point{X: min(x0, x1) - 1, Y: min(y0, y1) - 1}, Max: vg.Point{X: max(x0, x1) + 1, Y: max(y0, y1) + 1}}, weight})
	}
	left, right := x(p.X.Min), x(p.X.Max)
	for _, t := range p.Y.Tick.Marker.Ticks(0, 100) {
		add(lightMark, left, y(t.Value), right, y(t.Value))
	}
	add(heavyMark, left, y(percent(w.Target)), right, y(percent(w.Target)))
	if w.Today > w.From && w.Today < w.To {
		add(heavyMark, x(float64(w.Today)), y(0), x(float64(w.Today)), y(100))
	}
	for i := 0; i+1 < len(w.Band); i++ {
		a, b := w.Band[i], w.Band[i+1]
		const slices = 8
		at := func(p, q float64, n int) float64 { return p + (q-p)*float64(n)/slices }
		for n := range slices {
			low, high := min(at(a.Low, b.Low, n), at(a.Low, b.Low, n+1)), max(at(a.High, b.High, n), at(a.High, b.High, n+1))
			add(middleMark, x(at(float64(a.Day), float64(b.Day), n)), y(percent(low)), x(at(float64(a.Day), float64(b.Day), n+1)), y(percent(high)))
		}
	}
	for _, at := range w.ground {
		const wide, tall = 8, 2
		add(heavyMark, x(float64(at.Day))-wide, y(0), x(float64(at.Day))+wide, y(courseHeight)+vg.Length(tall*w.size))
	}
	for i, a := range w.Points {
		if math.IsNaN(a.Pct) {
			continue
		}
		end, next := max(a.Day, min(w.Today, w.To)), a.Pct
		if i+1 < len(w.Points) {
			if end = w.Points[i+1].Day; !math.IsNaN(w.Points[i+1].Pct) {
				next = w.Points[i+1].Pct
			}
		}
		add(heavyMark, x(float64(a.Day)), y(percent(a.Pct)), x(float64(end)), y(percent(a.Pct)))
		add(heavyMark, x(float64(end)), y(percent(a.Pct)), x(float64(end)), y(percent(next)))
	}
}

// last is the figure at which the line stands, and the day up to which it does.
func (l Line) last() (pct float64, day models.Day, ok bool) {
	if len(l.Points) == 0 || math.IsNaN(l.Points[len(l.Points)-1].Pct) {
		return 0, 0, false
	}
	x := l.Points[len(l.Points)-1]
	return x.Pct, max(x.Day, min(l.Today, l.To)), true
}
