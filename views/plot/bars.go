package plot

import (
	"fmt"
	"html/template"
	"strings"

	"taphuan/app/i18n"
)

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
	var p strings.Builder
	fmt.Fprintf(&p, `<figure class="plot plot-bars"><figcaption>%s</figcaption><ul>`, esc(b.Title))
	for _, x := range b.Bars {
		label := esc(x.Label)
		if x.Href != "" {
			label = fmt.Sprintf(`<a href="%s">%s</a>`, esc(x.Href), label)
		}
		fmt.Fprintf(&p, `<li><span class="bar-label">%s</span>`, label)
		fmt.Fprintf(&p, `<svg width="100%%" height="18" aria-hidden="true" focusable="false"><rect class="p-track" x="0" y="3" width="100%%" height="12"/>`)
		if x.Pct != nil {
			class := "p-bar"
			if *x.Pct >= b.Target {
				class = "p-bar-met"
			}
			fmt.Fprintf(&p, `<rect class="%s" x="0" y="3" width="%s%%" height="12"/>`, class, px(min(*x.Pct, 100)))
		}
		fmt.Fprintf(&p, `<line class="p-tick" x1="%[1]s%%" x2="%[1]s%%" y1="0" y2="18"/></svg>`, px(min(max(b.Target, 0.4), 99.6)))
		figure := i18n.None
		if x.Pct != nil {
			figure = i18n.Pct(b.Lang, *x.Pct)
		}
		fmt.Fprintf(&p, `<b class="bar-figure">%s</b>`, esc(figure))
		if x.Words != "" {
			fmt.Fprintf(&p, `<small class="bar-words">%s</small>`, esc(x.Words))
		}
		fmt.Fprintf(&p, `</li>`)
	}
	fmt.Fprintf(&p, `</ul><p class="plot-key"><svg width="10" height="14" aria-hidden="true" focusable="false"><line class="p-tick" x1="5" x2="5" y1="0" y2="14"/></svg> %s %s</p></figure>`, esc(b.TargetLabel), esc(i18n.Target(b.Lang, b.Target)))
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
