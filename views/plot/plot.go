// Package plot draws the product's plots as SVG on the server: readable without script, on paper, and at 360 px, where a
// second, narrow drawing of the same data is shown. Colours come from the style sheet by class; whatever a colour says, a
// shape or a word says too. Each drawing carries a title and a sentence that tells what it shows.
package plot

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"taphuan/app/i18n"
	"taphuan/models"
)

// Point is a figure from a day on, until the next point; NaN where there is none, which leaves a gap in the line.
type Point struct {
	Day models.Day
	Pct float64
}

// Range is the span of a forecast on a day.
type Range struct {
	Day       models.Day
	Low, High float64
}

// Planned is a course to come.
type Planned struct {
	Day   models.Day
	Label string
}

// Line is coverage over time: a step line against the target, with planned courses as open marks and a forecast band.
type Line struct {
	Lang        string
	Title       string
	From, To    models.Day // the plan's period, both included
	Today       models.Day
	Target      float64
	TargetLabel string // "chỉ tiêu"
	Points      []Point
	Planned     []Planned
	Band        []Range
	Small       bool // one of several side by side

	// What the open marks and the band are, for the key below; "" leaves them out of it.
	PlannedLabel string // "lớp đã lên lịch"
	BandLabel    string // "dự báo"
}

type pen struct{ strings.Builder }

func (p *pen) f(format string, args ...any) { fmt.Fprintf(&p.Builder, format, args...) }

func esc(s string) string { return template.HTMLEscapeString(s) }

func px(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// SVG draws the line, wide and narrow, as one figure.
func (l Line) SVG() template.HTML {
	var p pen
	p.f(`<figure class="plot"><figcaption>%s</figcaption>`, esc(l.Title))
	if l.Small {
		l.draw(&p, "plot-wide", 520, 240)
		l.draw(&p, "plot-narrow", 340, 220)
	} else {
		l.draw(&p, "plot-wide", 860, 300)
		l.draw(&p, "plot-narrow", 340, 240)
	}
	planned, band := l.PlannedLabel != "" && len(l.Planned) > 0, l.BandLabel != "" && len(l.Band) > 1
	if planned || band {
		p.f(`<p class="plot-key">`)
		if planned {
			p.f(`<span><svg width="14" height="14" aria-hidden="true" focusable="false"><path class="p-open" d="M7 1l6 6-6 6-6-6z"/></svg> %s</span> `, esc(l.PlannedLabel))
		}
		if band {
			p.f(`<span><svg width="14" height="14" aria-hidden="true" focusable="false"><rect class="p-band" x="0" y="1" width="14" height="12"/></svg> %s</span>`, esc(l.BandLabel))
		}
		p.f(`</p>`)
	}
	p.f(`</figure>`)
	return template.HTML(p.String())
}

// describe tells the line in words: every figure where they are few, else the first, the last of each year and the last.
func (l Line) describe() string {
	var parts []string
	for i, x := range l.Points {
		last := i == len(l.Points)-1
		if len(l.Points) > fewPoints && i > 0 && !last && l.Points[i+1].Day.Year() == x.Day.Year() {
			continue
		}
		figure := i18n.None
		if !math.IsNaN(x.Pct) {
			figure = i18n.Pct(l.Lang, x.Pct)
		}
		parts = append(parts, i18n.Day(l.Lang, x.Day)+": "+figure)
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%s: %s", l.Title, i18n.None)
	}
	parts = append(parts, l.TargetLabel+" "+i18n.Target(l.Lang, l.Target))
	if l.PlannedLabel != "" {
		for _, c := range l.Planned {
			parts = append(parts, l.PlannedLabel+": "+c.Label+", "+i18n.Day(l.Lang, c.Day))
		}
	}
	return strings.Join(parts, "; ")
}

// fewPoints is how many figures are told one by one.
const fewPoints = 10

func (l Line) draw(p *pen, class string, w, h float64) {
	left, right, top, bottom := 44.0, 16.0, 18.0, 30.0
	span := float64(max(l.To-l.From, 1))
	x := func(d models.Day) float64 {
		return left + (w-left-right)*float64(min(max(d, l.From), l.To)-l.From)/span
	}
	y := func(pct float64) float64 { return top + (h-top-bottom)*(1-min(max(pct, 0), 100)/100) }
	p.f(`<svg class="%s" viewBox="0 0 %g %g" role="img" aria-label="%s"><title>%s</title>`, class, w, h, esc(l.describe()), esc(l.Title))
	for _, g := range []float64{0, 25, 50, 75, 100} {
		p.f(`<line class="p-grid" x1="%g" x2="%g" y1="%s" y2="%s"/>`, left, w-right, px(y(g)), px(y(g)))
		p.f(`<text x="%g" y="%s" text-anchor="end">%g</text>`, left-8, px(y(g)+4.5), g)
	}
	for year := l.From.Year(); year <= l.To.Year(); year++ {
		from, to := max(models.NewDay(year, 1, 1), l.From), min(models.NewDay(year+1, 1, 1), l.To.AddDays(1))
		p.f(`<line class="p-axis" x1="%[1]s" x2="%[1]s" y1="%[2]s" y2="%[3]s"/>`, px(x(from)), px(y(0)), px(y(0)+6))
		label := strconv.Itoa(year)
		if w < 500 && year != l.From.Year() {
			label = fmt.Sprintf("%02d", year%100)
		}
		p.f(`<text x="%s" y="%s" text-anchor="middle">%s</text>`, px((x(from)+x(to))/2), px(h-8), label)
	}
	if len(l.Band) > 1 {
		var up, down []string
		for i, b := range l.Band {
			up = append(up, px(x(b.Day))+","+px(y(b.High)))
			back := l.Band[len(l.Band)-1-i]
			down = append(down, px(x(back.Day))+","+px(y(back.Low)))
		}
		p.f(`<polygon class="p-band" points="%s %s"/>`, strings.Join(up, " "), strings.Join(down, " "))
	}
	p.f(`<line class="p-target" x1="%g" x2="%g" y1="%[3]s" y2="%[3]s"/>`, left, w-right, px(y(l.Target)))
	p.f(`<text class="p-target-text" x="%g" y="%s">%s %s</text>`, left+6, px(y(l.Target)+targetSide(l.Target)), esc(l.TargetLabel), esc(i18n.Target(l.Lang, l.Target)))
	if l.Today > l.From && l.Today < l.To {
		p.f(`<line class="p-now" x1="%[1]s" x2="%[1]s" y1="%[2]s" y2="%[3]s"/>`, px(x(l.Today)), px(y(100)), px(y(0)))
	}
	l.drawSteps(p, x, y, left)
	for _, c := range l.Planned {
		cx, cy := x(c.Day), y(0)
		p.f(`<path class="p-open" d="M%s %sl6 6-6 6-6-6z"><title>%s, %s</title></path>`, px(cx), px(cy-15), esc(c.Label), esc(i18n.Day(l.Lang, c.Day)))
	}
	p.f(`</svg>`)
}

// drawSteps draws the figures as steps, up to today, with the last one in words.
func (l Line) drawSteps(p *pen, x func(models.Day) float64, y func(float64) float64, left float64) {
	var d strings.Builder
	last := math.NaN()
	for _, pt := range l.Points {
		switch gap := math.IsNaN(pt.Pct); {
		case math.IsNaN(last) && !gap:
			fmt.Fprintf(&d, "M%s %s", px(x(pt.Day)), px(y(pt.Pct)))
		case !math.IsNaN(last) && gap:
			fmt.Fprintf(&d, "H%s", px(x(pt.Day)))
		case !gap:
			fmt.Fprintf(&d, "H%sV%s", px(x(pt.Day)), px(y(pt.Pct)))
		}
		last = pt.Pct
	}
	if d.Len() == 0 {
		return
	}
	if math.IsNaN(last) {
		p.f(`<path class="p-line" d="%s"/>`, d.String())
		return
	}
	end := l.Points[len(l.Points)-1].Day
	if l.Today > end {
		end = min(l.Today, l.To)
		fmt.Fprintf(&d, "H%s", px(x(end)))
	}
	p.f(`<path class="p-line" d="%s"/><circle class="p-dot" cx="%s" cy="%s" r="4.5"/>`, d.String(), px(x(end)), px(y(last)))
	anchor, dx, dy := "end", -9.0, -10.0
	if x(end) < left+70 {
		anchor, dx = "start", 9
	}
	if last > 85 { // beside the line of the target there is no room above
		dy = 20
	}
	p.f(`<text class="p-strong" x="%s" y="%s" text-anchor="%s">%s</text>`, px(x(end)+dx), px(y(last)+dy), anchor, esc(i18n.Pct(l.Lang, last)))
}

// targetSide puts the target's words below its line when there is no room above.
func targetSide(target float64) float64 {
	if target > 92 {
		return 16
	}
	return -7
}

// Bar is one organisation; Pct nil means that there is no figure, and Words say why.
type Bar struct {
	Label string
	Href  string
	Pct   *float64
	Words string
}

// Bars are percentages side by side, each against the same target.
type Bars struct {
	Lang        string
	Title       string
	Target      float64
	TargetLabel string
	Bars        []Bar
}

// SVG draws the bars as a figure: a list of labels, bars and figures that reads in order. The drawing of each bar takes
// the width there is, so one drawing serves phone and desk.
func (b Bars) SVG() template.HTML {
	var p pen
	p.f(`<figure class="plot plot-bars"><figcaption>%s</figcaption><ul>`, esc(b.Title))
	for _, x := range b.Bars {
		label := esc(x.Label)
		if x.Href != "" {
			label = fmt.Sprintf(`<a href="%s">%s</a>`, esc(x.Href), label)
		}
		p.f(`<li><span class="bar-label">%s</span>`, label)
		p.f(`<svg width="100%%" height="18" aria-hidden="true" focusable="false"><rect class="p-track" x="0" y="3" width="100%%" height="12"/>`)
		if x.Pct != nil {
			class := "p-bar"
			if *x.Pct >= b.Target {
				class = "p-bar-met"
			}
			p.f(`<rect class="%s" x="0" y="3" width="%s%%" height="12"/>`, class, px(min(*x.Pct, 100)))
		}
		p.f(`<line class="p-tick" x1="%[1]s%%" x2="%[1]s%%" y1="0" y2="18"/></svg>`, px(min(max(b.Target, 0.4), 99.6)))
		figure := i18n.None
		if x.Pct != nil {
			figure = i18n.Pct(b.Lang, *x.Pct)
		}
		p.f(`<b class="bar-figure">%s</b>`, esc(figure))
		if x.Words != "" {
			p.f(`<small class="bar-words">%s</small>`, esc(x.Words))
		}
		p.f(`</li>`)
	}
	p.f(`</ul><p class="plot-key"><svg width="10" height="14" aria-hidden="true" focusable="false"><line class="p-tick" x1="5" x2="5" y1="0" y2="14"/></svg> %s %s</p></figure>`, esc(b.TargetLabel), esc(i18n.Target(b.Lang, b.Target)))
	return template.HTML(p.String())
}

// Depth gives the class of a matrix cell, "m0" to "m4", by its percentage; "" for no figure.
func Depth(pct *float64) string {
	if pct == nil {
		return ""
	}
	switch {
	case *pct >= 100:
		return "m4"
	case *pct >= 70:
		return "m3"
	case *pct >= 40:
		return "m2"
	case *pct > 0:
		return "m1"
	}
	return "m0"
}
