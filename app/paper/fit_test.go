package paper

import (
	"slices"
	"strings"
	"testing"
)

func TestAWordWiderThanItsLineIsBrokenAndNothingOfItIsLost(t *testing.T) {
	t.Parallel()
	d := New(A4Short, A4Long, Info{})
	for _, text := range []string{strings.Repeat("W", 40), "Tên " + strings.Repeat("Nguyễn", 12) + " dài", "một hai ba", "Ấ", strings.Repeat("iW", 150)} {
		for _, w := range []float64{3, 14, 60, 200} {
			for _, size := range []float64{5, 12, 60} {
				lines := d.Wrap(Regular, size, w, text)
				if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(text, " ", "") {
					t.Errorf("%q at %v in %v became %q", text, size, w, lines)
				}
				for _, l := range lines {
					if width := d.Width(Regular, size, l); width > w+size/100 && len([]rune(l)) > 1 {
						t.Errorf("%q is %.2f wide at %v, in %v", l, width, size, w)
					}
				}
			}
		}
	}
}

func TestTextIsSetAsLargeAsItsBoxAllows(t *testing.T) {
	t.Parallel()
	d := New(A4Short, A4Long, Info{})
	size, lines, fits := d.FitBox(Regular, 20, 8, 100, 100, 2, "Tập huấn kiến thức, kỹ năng truyền thông")
	if !fits || len(lines) != 2 || size >= 20 || size <= 8 {
		t.Errorf("%v %q %v", size, lines, fits)
	}
	for _, l := range d.wrap(Regular, size+0.5, 100, d.words(Regular, size+0.5, strings.Join(lines, " ")), all) {
		if d.Width(Regular, size+0.5, l) > 101 {
			t.Errorf("%q", l)
		}
	}
	if bigger := d.Wrap(Regular, size+0.5, 100, strings.Join(lines, " ")); len(bigger) < 3 {
		t.Errorf("it would stand in two lines at %v: %q", size+0.5, bigger)
	}
	if _, lines, fits := d.FitBox(Regular, 20, 18, 100, 100, 2, "Tập huấn kiến thức, kỹ năng truyền thông"); fits || len(lines) < 3 || strings.Join(lines, " ") != "Tập huấn kiến thức, kỹ năng truyền thông" {
		t.Errorf("what does not fit: %q %v", lines, fits)
	}
	if _, _, fits := d.FitBox(Regular, 40, 40, 20, 100, 3, "W"); fits {
		t.Error("a letter stands in a box that is narrower")
	}
	if lines := d.Wrap(Regular, 12, 60, "thời lượng 16\u00a0giờ"); len(lines) != 2 || lines[1] != "16\u00a0giờ" {
		t.Errorf("a number is torn from its unit: %q", lines)
	}
	if lines := d.Wrap(Regular, 10, 70, "0001/2026/GCN-STTTT"); !slices.Equal(lines, []string{"0001/2026/", "GCN-STTTT"}) {
		t.Errorf("a number is torn within its parts: %q", lines)
	}
	// Giving up early gives what going on would have given, as far as it goes.
	words := d.words(Regular, 12, strings.Repeat("chữ ", 60))
	if few, many := d.wrap(Regular, 12, 80, words, 3), d.wrap(Regular, 12, 80, words, all); len(few) != 4 || !slices.Equal(few, many[:4]) {
		t.Errorf("%q and %q", few, many[:4])
	}
}
