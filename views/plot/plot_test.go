package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"taphuan/models"
)

func example() Line {
	return Line{
		Lang: "vi", Title: "Bao phủ <QCN>", From: models.MustDay("2023-01-01"), To: models.MustDay("2028-12-31"),
		Today: models.MustDay("2026-11-23"), Target: 100, TargetLabel: "chỉ tiêu",
		Points:  []Point{{models.MustDay("2023-01-01"), 0}, {models.MustDay("2024-05-10"), 33.3}, {models.MustDay("2026-04-01"), 66.6}},
		Planned: []Planned{{Day: models.MustDay("2027-03-10"), Label: "Lớp \"tháng 3\""}},
		Band:    []Range{{models.MustDay("2026-11-23"), 66.6, 66.6}, {models.MustDay("2028-12-31"), 80, 100}},
	}
}

func wellFormed(t *testing.T, s string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
}

func TestLineTellsItsFiguresInWords(t *testing.T) {
	t.Parallel()
	s := strings.ReplaceAll(string(example().SVG()), "\u00a0", " ")
	wellFormed(t, s)
	if !strings.Contains(s, `aria-label="01/01/2023: 0,0 %; 10/05/2024: 33,3 %; 01/04/2026: 66,6 %; chỉ tiêu 100 %"`) {
		t.Errorf("no figures in words: %s", s)
	}
	if strings.Contains(s, "<QCN>") || !strings.Contains(s, "&lt;QCN&gt;") {
		t.Error("the title is not escaped")
	}
	for _, part := range []string{"plot-wide", "plot-narrow", `class="p-line" stroke="currentColor"`, `class="p-target"`, `class="p-paper"`, `class="p-band"`, `class="p-hatch"`, ">2028<"} {
		if !strings.Contains(s, part) {
			t.Errorf("lacks %s", part)
		}
	}
	for _, no := range []string{"style=", "NaN", "Inf"} {
		if strings.Contains(s, no) {
			t.Errorf("holds %s", no)
		}
	}
}

// path gives the way of the first mark in an ink that is so wide.
func path(t *testing.T, s, ink, width string) string {
	t.Helper()
	_, rest, ok := strings.Cut(s, `class="`+ink+`" stroke="currentColor" stroke-width="`+width+`" d="`)
	if !ok {
		t.Fatalf("no %s in %s", ink, s)
	}
	d, _, _ := strings.Cut(rest, `"`)
	return d
}

func TestLineStepsAndReachesToday(t *testing.T) {
	t.Parallel()
	d := path(t, string(example().SVG()), "p-line", "2.5")
	if strings.Count(d, "V") != 2 || strings.Count(d, "H") != 3 || strings.Contains(d, "L") {
		t.Errorf("no steps up to today: %s", d)
	}
}

func TestPlotsOfNothingAreStillDrawn(t *testing.T) {
	t.Parallel()
	wellFormed(t, string(Line{Lang: "vi", Title: "Chưa có gì", From: models.MustDay("2023-01-01"), To: models.MustDay("2023-01-01")}.SVG()))
	wellFormed(t, string(Bars{Lang: "en", Title: "Nothing"}.SVG()))
}

func TestBarsSayWhyThereIsNoFigure(t *testing.T) {
	t.Parallel()
	pct := 112.0
	s := string(Bars{Lang: "vi", Title: "Theo đơn vị", Target: 70, TargetLabel: "chỉ tiêu", Bars: []Bar{{Label: "A", Href: "/x?a=1&b=2", Pct: &pct}, {Label: "B", Words: "chưa khai"}}}.SVG())
	wellFormed(t, s)
	for _, part := range []string{`href="/x?a=1&amp;b=2"`, `class="p-bar-met" x="0" y="3" width="100%"`, "chưa khai", `x1="70%"`, "chỉ tiêu 70"} {
		if !strings.Contains(s, part) {
			t.Errorf("lacks %s in %s", part, s)
		}
	}
}

func TestDepthGrowsWithThePercentage(t *testing.T) {
	t.Parallel()
	if Depth(nil) != "" {
		t.Error("no figure has a depth")
	}
	for pct, want := range map[float64]string{0: "m0", 0.1: "m1", 39.9: "m1", 40: "m2", 70: "m3", 99.9: "m3", 100: "m4"} {
		if got := Depth(&pct); got != want {
			t.Errorf("%g: %s, want %s", pct, got, want)
		}
	}
}

func TestALineWithoutFiguresForAWhileHasAGap(t *testing.T) {
	t.Parallel()
	l := example()
	l.Points = []Point{{models.MustDay("2023-01-01"), math.NaN()}, {models.MustDay("2023-06-01"), 20}, {models.MustDay("2024-01-01"), math.NaN()}, {models.MustDay("2024-06-01"), 40}}
	s := string(l.SVG())
	wellFormed(t, s)
	// Two runs in the wide drawing, two in the narrow one, and nothing from one to the other.
	if strings.Count(s, `class="p-line" stroke="currentColor" stroke-width="2.5"`) != 4 || strings.Contains(s, "NaN") || !strings.Contains(s, "01/01/2024: –") {
		t.Errorf("no gap in %s", s)
	}
	l.Points = l.Points[:1]
	if s := string(l.SVG()); strings.Contains(s, `class="p-line" stroke="currentColor" stroke-width="2.5"`) || strings.Contains(s, "NaN") {
		t.Errorf("nothing is drawn as a line: %s", s)
	}
}

func TestALongLineIsToldByTheEndsOfItsYears(t *testing.T) {
	t.Parallel()
	l := example()
	l.Points, l.Small, l.PlannedLabel = nil, true, "lớp đã lên lịch"
	for m := range 40 {
		l.Points = append(l.Points, Point{models.NewDay(2023, time.Month(1+m), 1), float64(m)})
	}
	s := strings.ReplaceAll(string(l.SVG()), "\u00a0", " ")
	wellFormed(t, s)
	want := `aria-label="01/01/2023: 0,0 %; 01/12/2023: 11,0 %; 01/12/2024: 23,0 %; 01/12/2025: 35,0 %; 01/04/2026: 39,0 %; chỉ tiêu 100 %; lớp đã lên lịch: Lớp &#34;tháng 3&#34;, 10/03/2027"`
	if !strings.Contains(s, want) || strings.Count(s, "<svg") != 3 { // two drawings and the key's mark
		t.Errorf("no %s in %s", want, s)
	}
}

func TestCoursesToComeAreOpenMarksWithTheNumbersOfTheirList(t *testing.T) {
	t.Parallel()
	l := example()
	l.PlannedLabel, l.Small = "lớp đã lên lịch", true
	day := models.MustDay
	l.Planned = []Planned{{Day: day("2028-02-01"), Label: "Cuối"}, {Day: day("2027-03-10"), Label: "Đầu", Note: "40 chỗ", Href: "/courses/7"}, {Day: day("2027-03-20"), Label: "Giữa"}, {Day: day("2029-01-01"), Label: "Ngoài"}}
	s := strings.ReplaceAll(string(l.SVG()), "\u00a0", " ")
	wellFormed(t, s)
	// The first two lie over each other, so they share a mark; a day outside is not drawn.
	for _, part := range []string{">1–2</text>", ">3</text>", `<li><a href="/courses/7">Đầu</a> <span class="muted nowrap">10/03/2027</span> 40 chỗ</li><li>Giữa`, "(3)", "lớp đã lên lịch: Đầu, 10/03/2027, 40 chỗ"} {
		if !strings.Contains(s, part) {
			t.Errorf("lacks %s in %s", part, s)
		}
	}
	if strings.Contains(s, "Ngoài") {
		t.Error("a course after the end is drawn")
	}
}

// What differs in anything that is shown is drawn anew.
func TestADrawingIsKeptForItsOwnLineOnly(t *testing.T) {
	t.Parallel()
	l := example()
	first := l.SVG()
	if l.SVG() != first {
		t.Error("the same line is drawn otherwise")
	}
	for name, change := range map[string]func(*Line){
		"a point":   func(l *Line) { l.Points[1].Pct = 34 },
		"a course":  func(l *Line) { l.Planned[0].Note = "30 chỗ" },
		"the band":  func(l *Line) { l.Band[1].High = 99 },
		"the words": func(l *Line) { l.TargetLabel = "đích" },
		"the width": func(l *Line) { l.Small = true },
		"the time":  func(l *Line) { l.Today++ },
	} {
		l := example()
		l.PlannedLabel = "lớp"
		before := l.SVG()
		change(&l)
		if l.SVG() == before {
			t.Errorf("%s changed, the drawing did not", name)
		}
	}
}

func TestAShortTimeIsToldByItsMonths(t *testing.T) {
	t.Parallel()
	l := example()
	l.From, l.To = models.MustDay("2026-01-15"), models.MustDay("2026-12-31")
	s := string(l.SVG())
	if !strings.Contains(s, ">04/2026</text>") || strings.Contains(s, ">2026</text>") || strings.Contains(s, ">01/2026</text>") {
		t.Errorf("months: %s", s)
	}
}

// Words lie over no line of the grid, not over the figures, and not over each other, whatever the target.
func TestWordsLieOverNoLine(t *testing.T) {
	t.Parallel()
	number := func(s string) float64 {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	grid := regexp.MustCompile(`class="p-grid"[^>]* d="M[0-9.]+ ([0-9.]+)H`)
	word := regexp.MustCompile(`<text class="(p-strong|p-target-text)"[^>]* x="([0-9.]+)" y="([0-9.]+)">([^<]+%)<`)
	for target := 1; target <= 100; target++ {
		l := example()
		l.Target = float64(target)
		l.Points[2].Pct = float64(100 - target) // the last figure goes the other way
		for name, drawing := range map[string]string{"wide": cut(string(l.SVG()), "plot-wide"), "narrow": cut(string(l.SVG()), "plot-narrow")} {
			found := word.FindAllStringSubmatch(drawing, -1)
			if len(found) != 2 {
				t.Fatalf("words: %v", found)
			}
			for _, w := range found {
				for _, g := range grid.FindAllStringSubmatch(drawing, -1) {
					if y, line := number(w[3]), number(g[1]); line > y-10 && line < y+2 {
						t.Errorf("target %d, %s: %s at %g lies over the line at %g", target, name, w[4], y, line)
					}
				}
			}
			if apart := math.Abs(number(found[0][3]) - number(found[1][3])); apart < 10 && math.Abs(number(found[0][2])-number(found[1][2])) < 40 {
				t.Errorf("target %d, %s: %q and %q lie over each other", target, name, found[0], found[1])
			}
		}
	}
}

// cut gives the drawing of a class.
func cut(figure, class string) string {
	_, rest, _ := strings.Cut(figure, class)
	drawing, _, _ := strings.Cut(rest, "</svg>")
	return drawing
}

func BenchmarkDraw(b *testing.B) {
	l := example()
	l.Points, l.Small = nil, true
	for m := range 47 {
		l.Points = append(l.Points, Point{models.NewDay(2023, time.Month(1+m), 1), float64(m)})
	}
	b.Run("anew", func(b *testing.B) {
		for b.Loop() {
			l.figure()
		}
	})
	b.Run("kept", func(b *testing.B) {
		for b.Loop() {
			l.SVG()
		}
	})
}
