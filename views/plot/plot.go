// Package plot has the product's plots drawn by gonum/plot on the server: readable without script, on paper, and at 360 px, where a
// second, narrow drawing of the same data is shown. On pages colours come from the style sheet by class; whatever a colour says, a
// shape or a word says too. Each drawing carries a title and a sentence that tells what it shows.
package plot

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

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

// Planned is a course to come, by its last day.
type Planned struct {
	Day   models.Day
	Label string
	Note  string // how many places, say
	Href  string // of its page; "" has none
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

// drawn keeps what was drawn last: the same line is asked for again and again, and drawing takes a millisecond.
var drawn = func() *lru.Cache[string, template.HTML] {
	kept, err := lru.New[string, template.HTML](512)
	if err != nil {
		panic(err) // the size is positive
	}
	return kept
}()

// key holds all that a drawing shows.
func (l Line) key() string {
	var b []byte
	number := func(n ...uint64) {
		for _, x := range n {
			b = binary.LittleEndian.AppendUint64(b, x)
		}
	}
	words := func(list ...string) {
		for _, s := range list {
			number(uint64(len(s)))
			b = append(b, s...)
		}
	}
	words(l.Lang, l.Title, l.TargetLabel, l.PlannedLabel, l.BandLabel, strconv.FormatBool(l.Small))
	number(uint64(l.From), uint64(l.To), uint64(l.Today), math.Float64bits(l.Target), uint64(len(l.Points)), uint64(len(l.Planned)))
	for _, x := range l.Points {
		number(uint64(x.Day), math.Float64bits(x.Pct))
	}
	for _, x := range l.Planned {
		number(uint64(x.Day))
		words(x.Label, x.Note, x.Href)
	}
	for _, x := range l.Band {
		number(uint64(x.Day), math.Float64bits(x.Low), math.Float64bits(x.High))
	}
	return string(b)
}

// SVG draws the line, wide and narrow, as one figure, with a key and the list of the courses to come.
func (l Line) SVG() template.HTML {
	key := l.key()
	if figure, ok := drawn.Get(key); ok {
		return figure
	}
	figure := l.figure()
	drawn.Add(key, figure)
	return figure
}

func (l Line) figure() template.HTML {
	l.Planned = l.Coming()
	var p strings.Builder
	fmt.Fprintf(&p, `<figure class="plot"><figcaption>%s</figcaption>`, esc(l.Title))
	if l.Small {
		l.page(&p, "plot-wide", 520, 230)
	} else {
		l.page(&p, "plot-wide", 860, 300)
	}
	l.page(&p, "plot-narrow", 340, 220)
	if l.BandLabel != "" && len(l.Band) > 1 {
		fmt.Fprintf(&p, `<p class="plot-key"><svg width="14" height="14" aria-hidden="true" focusable="false"><path class="p-band" fill="currentColor" fill-opacity="0.13" d="M0 1h14v12H0z"/><path class="p-hatch" stroke="currentColor" stroke-opacity="0.43" d="M2.5 1v12m5-12v12m5-12v12"/></svg> %s</p>`, esc(l.BandLabel))
	}
	l.list(&p)
	p.WriteString(`</figure>`)
	return template.HTML(p.String())
}

// page draws the line for a page that is so wide.
func (l Line) page(p *strings.Builder, class string, w, h float64) {
	c := newCanvas(h, false)
	l.draw(sheet{Canvas: draw.NewCanvas(c, vg.Length(w), vg.Length(h)), letters: letters{text.Plain{Fonts: sans}, c}, size: 13})
	fmt.Fprintf(p, `<svg class="%s" viewBox="0 0 %g %g" role="img" aria-label="%s"><title>%s</title>%s</svg>`, class, w, h, esc(l.describe()), esc(l.Title), c.String())
}

// shownPlanned is how many courses to come are listed at once; more are folded.
const shownPlanned = 3

// list names the courses to come by the numbers of their marks.
func (l Line) list(p *strings.Builder) {
	if l.PlannedLabel == "" || len(l.Planned) == 0 {
		return
	}
	open := ""
	if len(l.Planned) <= shownPlanned {
		open = ` open=""`
	}
	fmt.Fprintf(p, `<details class="details plot-planned"%s><summary><svg width="14" height="14" aria-hidden="true" focusable="false"><path class="p-line" fill="none" stroke="currentColor" stroke-width="2" d="M7 1l6 6-6 6-6-6z"/></svg> %s (%d)</summary><ol>`, open, esc(l.PlannedLabel), len(l.Planned))
	for _, c := range l.Planned {
		label := esc(c.Label)
		if c.Href != "" {
			label = fmt.Sprintf(`<a href="%s">%s</a>`, esc(c.Href), label)
		}
		fmt.Fprintf(p, `<li>%s <span class="muted nowrap">%s</span> %s</li>`, label, esc(i18n.Day(l.Lang, c.Day)), esc(c.Note))
	}
	p.WriteString(`</ol></details>`)
}

// Coming are the courses within the time drawn, the nearest first: as they are numbered.
func (l Line) Coming() []Planned {
	list := slices.DeleteFunc(slices.Clone(l.Planned), func(c Planned) bool { return c.Day < l.From || c.Day > l.To })
	slices.SortStableFunc(list, func(a, b Planned) int { return cmp.Compare(a.Day, b.Day) })
	return list
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
			parts = append(parts, l.PlannedLabel+": "+c.words(l.Lang))
		}
	}
	return strings.Join(parts, "; ")
}

// words tells a course in a line.
func (c Planned) words(lang string) string {
	return strings.TrimSuffix(c.Label+", "+i18n.Day(lang, c.Day)+", "+c.Note, ", ")
}

// fewPoints is how many figures are told one by one.
const fewPoints = 10
