package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
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
		Planned: []Planned{{models.MustDay("2027-03-10"), "Lớp \"tháng 3\""}},
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
	for _, part := range []string{"plot-wide", "plot-narrow", `class="p-line"`, `class="p-target"`, `class="p-open"`, `class="p-band"`, ">2028<"} {
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

func TestLineStepsAndReachesToday(t *testing.T) {
	t.Parallel()
	s := string(example().SVG())
	i := strings.Index(s, `class="p-line" d="`)
	path, _, _ := strings.Cut(s[i+len(`class="p-line" d="`):], `"`)
	if strings.Count(path, "V") != 2 || strings.Count(path, "H") != 3 || strings.Contains(path, "L") {
		t.Errorf("no steps up to today: %s", path)
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
	for _, part := range []string{`href="/x?a=1&amp;b=2"`, `width="100.0%"`, "chưa khai", `x1="70.0%"`, "chỉ tiêu 70"} {
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
	i := strings.Index(s, `class="p-line" d="`)
	path, _, _ := strings.Cut(s[i+len(`class="p-line" d="`):], `"`)
	if strings.Count(path, "M") != 2 || strings.Contains(s, "NaN") || !strings.Contains(s, "01/01/2024: –") {
		t.Errorf("no gap: %s in %s", path, s)
	}
	l.Points = l.Points[:1]
	if s := string(l.SVG()); strings.Contains(s, "p-line") || strings.Contains(s, "NaN") {
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
