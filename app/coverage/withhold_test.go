package coverage

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// published tells what is published of a sum and its parts on all days: what a reader who asks for every day has in hand. Each part is an array of
// its days; around is Around.
func published(parts [][]int, around int) string {
	var b strings.Builder
	days := len(parts[0])
	for at := range days {
		from, to := max(at-around, 0), min(at+around+1, days)
		sum := make([]int, to-from)
		window := make([][]int, len(parts))
		for i := range parts {
			window[i] = parts[i][from:to]
			for k, n := range window[i] {
				sum[k] += n
			}
		}
		whole, which := withhold(sum, window, at-from)
		if whole {
			b.WriteString("| all")
			continue
		}
		fmt.Fprintf(&b, "| %d:", sum[at-from])
		for i := range parts {
			if which != nil && which[i] {
				b.WriteString(" x")
			} else {
				fmt.Fprintf(&b, " %d", parts[i][at])
			}
		}
	}
	return b.String()
}

// worlds calls do with every way of putting 0 to most people into the parts on the days.
func worlds(parts, days, most int, do func([][]int)) {
	flat := make([]int, parts*days)
	w := make([][]int, parts)
	for i := range w {
		w[i] = flat[i*days : (i+1)*days]
	}
	for {
		do(w)
		i := 0
		for ; i < len(flat) && flat[i] == most; i++ {
			flat[i] = 0
		}
		if i == len(flat) {
			return
		}
		flat[i]++
	}
}

// TestNoWithheldFigureCanBeWorkedOut takes a reader who knows the rules, has what is published of every day, and tries every world that fits.
// Each withheld figure is another one in some of them.
func TestNoWithheldFigureCanBeWorkedOut(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ parts, days, around, most int }{{1, 4, 1, 8}, {2, 2, 1, 11}, {2, 3, 1, 7}, {3, 1, 0, 22}, {3, 2, 1, 7}, {4, 1, 0, 12}} {
		t.Run(fmt.Sprintf("%d parts on %d days", x.parts, x.days), func(t *testing.T) {
			t.Parallel()
			seen := map[string][]int{} // by what is published, for each figure a bit for each number that it may be
			worlds(x.parts, x.days, x.most, func(w [][]int) {
				p := published(w, x.around)
				if seen[p] == nil {
					seen[p] = make([]int, x.parts*x.days)
				}
				for i := range w {
					for d, n := range w[i] {
						seen[p][i*x.days+d] |= 1 << n
					}
				}
			})
			withheld := 0
			for p, figures := range seen {
				if beyond(p, x.most) {
					continue
				}
				for k, may := range figures {
					i, d := k/x.days, k%x.days
					told := strings.Fields(strings.Split(p, "|")[d+1])
					if told[0] != "all" && told[1+i] != "x" {
						continue
					}
					withheld++
					if may&(may-1) == 0 {
						t.Fatalf("of %q part %d on day %d can only be %b", p, i, d, may)
					}
				}
			}
			if withheld == 0 {
				t.Error("nothing was withheld")
			}
		})
	}
}

// beyond says whether a sum is published that parts of more than most may make up: not all worlds that fit have been tried.
func beyond(p string, most int) bool {
	for _, day := range strings.Split(p, "|")[1:] {
		if n, err := strconv.Atoi(strings.TrimSuffix(strings.Fields(day)[0], ":")); err == nil && n > most {
			return true
		}
	}
	return false
}

// TestTooFewAreWithheldAndSoAreTheDaysAround: on no day is a figure of one to four people published, nor the same part's on the days around.
func TestTooFewAreWithheldAndSoAreTheDaysAround(t *testing.T) {
	t.Parallel()
	worlds(3, 2, 7, func(w [][]int) {
		p := strings.Split(published(w, 1), "|")[1:]
		for i := range w {
			if !everTooFew(w[i]) {
				continue
			}
			for d := range p {
				told := strings.Fields(p[d])
				if told[0] != "all" && told[0] != "0:" && told[1+i] != "x" {
					t.Fatalf("%v is published as %v", w, p)
				}
				sum := 0
				for _, part := range w {
					sum += part[d]
				}
				if told[0] != "all" && tooFew(sum) {
					t.Fatalf("%v is published as %v", w, p)
				}
			}
		}
	})
}

// TestFiguresOfFiveAndMoreStand: where no part is ever too few, everything is published.
func TestFiguresOfFiveAndMoreStand(t *testing.T) {
	t.Parallel()
	if got := published([][]int{{5, 6}, {0, 0}, {12, 7}}, 1); got != "| 17: 5 0 12| 13: 6 0 7" {
		t.Error(got)
	}
}

// TestWhatGoesTogetherDoesNotDependOnSizes: who goes together with a figure of too few is the same all along, so that the day on which it changes
// does not tell.
func TestWhatGoesTogetherDoesNotDependOnSizes(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		parts [][]int
		want  string
	}{
		{[][]int{{40}, {30}, {9}, {3}}, "| 82: x x 9 x"},
		{[][]int{{4}, {30}, {9}, {50}}, "| 93: x x 9 50"},
		{[][]int{{0}, {0}, {9}, {3}}, "| 12: x x x x"},
		{[][]int{{0}, {1}, {9}, {50}}, "| 60: x x x 50"},
	} {
		if got := published(x.parts, 0); got != x.want {
			t.Errorf("%v: %q, want %q", x.parts, got, x.want)
		}
	}
}

// TestHowManyOfAWithheldFigureAreCoveredCannotBeWorkedOut does the same with the covered. What holds of everybody in a published sum, covered or
// not, holds of its parts too: such sums are left out.
func TestHowManyOfAWithheldFigureAreCoveredCannotBeWorkedOut(t *testing.T) {
	t.Parallel()
	const most = 7
	seen := map[string]*[3]int{}
	worlds(3, 1, most, func(w [][]int) {
		p := published(w, 0)
		told := strings.Fields(p)
		if beyond(p, most) || !strings.Contains(p, "x") {
			return
		}
		worlds(3, 1, most, func(c [][]int) {
			key, sum, all := p, 0, 0
			for i := range c {
				if c[i][0] > w[i][0] {
					return
				}
				if told[2+i] == "x" {
					sum, all = sum+c[i][0], all+w[i][0]
				} else {
					key += fmt.Sprint(" covered ", c[i][0])
				}
			}
			if sum == 0 || sum == all {
				return
			}
			key += fmt.Sprint(" together ", sum)
			if seen[key] == nil {
				seen[key] = new([3]int)
			}
			for i := range c {
				seen[key][i] |= 1 << c[i][0]
			}
		})
	})
	for key, figures := range seen {
		for i, may := range figures {
			if strings.Fields(key)[2+i] == "x" && may&(may-1) == 0 {
				t.Errorf("of %q part %d can only have %b covered", key, i, may)
			}
		}
	}
	if len(seen) == 0 {
		t.Error("nothing was withheld")
	}
}
