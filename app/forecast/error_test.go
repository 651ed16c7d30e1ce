package forecast

import (
	"fmt"
	"math"
	"testing"

	"taphuan/models"
)

// score is how forecasts of many histories compare with what came.
type score struct {
	n, held                int
	error, bias, all, year float64 // sum of distances in percentage points: ours, straight line through all, last year repeated
	width                  float64
	said, hit, square      float64 // of reaching the target: probabilities, outcomes, squared distances
	days, dayHeld          int
}

// outcome is one forecast beside what came.
type outcome struct {
	held, hit                     bool
	error, all, year, width, said float64 // error with its sign: positive where the forecast was too high
	open, dayHeld                 bool    // the target was not met yet
}

func (w world) compare(day models.Day) (x outcome) {
	const target = 70
	q, came := w.asked(day, target)
	o := look(q, measure(q.Points, false))
	e, now := o.End(), q.Points[len(q.Points)-1]
	truth, share := came.level().Share(), now.level().Share()
	x.held = e.Low.Share() <= truth && truth <= e.High.Share()
	x.width, x.error = e.High.Share()-e.Low.Share(), e.Mid.Share()-truth
	left := float64(end - day)
	x.all = within(share+(share-q.Points[0].level().Share())/float64(day-begin)*left) - truth
	before := q.Points[max(len(q.Points)-366, 0)]
	x.year = within(share+(share-before.level().Share())/float64(day-before.Day)*left) - truth
	if x.open = over(now.level(), target) < 0; x.open {
		reached := w.reached(day, target)
		x.hit, x.said = reached != 0, o.Reach
		early, late := o.Early != 0 && o.Early <= reached || reached == 0, o.Late == 0 || reached != 0 && reached <= o.Late
		x.dayHeld = early && late
	}
	return x
}

func (s *score) add(x outcome) {
	s.n++
	s.error += math.Abs(x.error)
	s.bias += x.error
	s.all += math.Abs(x.all)
	s.year += math.Abs(x.year)
	s.width += x.width
	if x.held {
		s.held++
	}
	if !x.open {
		return
	}
	hit := 0.0
	if x.hit {
		hit = 1
	}
	s.days++
	s.said += x.said
	s.hit += hit
	s.square += (x.said - hit) * (x.said - hit)
	if x.dayHeld {
		s.dayHeld++
	}
}

func within(pct float64) float64 { return min(max(pct, 0), 100) }

func (s score) line(name string) string {
	n := float64(s.n)
	return fmt.Sprintf("%-22s %5d   %5.1f %5.1f %5.1f %5.1f   %5.1f %5.1f   %5.1f %5.1f %6.3f %5.1f", name, s.n, s.error/n, s.bias/n, s.all/n, s.year/n, 100*float64(s.held)/n, s.width/n,
		100*s.said/float64(max(s.days, 1)), 100*s.hit/float64(max(s.days, 1)), s.square/float64(max(s.days, 1)), 100*float64(s.dayHeld)/float64(max(s.days, 1)))
}

// The histories that are told of are others than those on which the method was tried while it was made (1000 to 1199, 5000 to 5199, 9000 to 9399).
const (
	histories = 400
	fresh     = 20400
)

var askedOn = []string{"2024-01-02", "2024-10-01", "2025-06-15", "2025-10-01", "2026-11-26", "2027-12-01"}

func TestForecastsHoldAgainstHistoriesOfWhichTheOutcomeIsKnown(t *testing.T) {
	t.Parallel()
	all := score{}
	by := map[string]*score{}
	for seed := range uint64(histories) {
		w := worldOf(seed + fresh)
		for _, d := range askedOn {
			names := []string{"asked " + d, "40 to 299 people"}
			if w.big {
				names[1] = "300 to 2500 people"
			}
			x := w.compare(models.MustDay(d))
			for _, name := range names {
				if by[name] == nil {
					by[name] = &score{}
				}
				by[name].add(x)
			}
			all.add(x)
		}
	}
	t.Log("\n" + fmt.Sprintf("%-22s %5s   %5s %5s %5s %5s   %5s %5s   %5s %5s %6s %5s", "", "n", "ours", "bias", "line", "year", "held", "width", "said", "hit", "brier", "days"))
	for _, d := range askedOn {
		t.Log(by["asked "+d].line("asked " + d))
	}
	for _, n := range []string{"40 to 299 people", "300 to 2500 people"} {
		t.Log(by[n].line(n))
	}
	t.Log(all.line("all"))
	n := float64(all.n)
	got := Record{Histories: histories, Times: len(askedOn), Held: 100 * float64(all.held) / n, Error: all.error / n, Line: all.all / n, Year: all.year / n}
	if got.Held < 74 || got.Held > 86 {
		t.Errorf("the range of 80 in 100 holds what came in %.1f", got.Held)
	}
	if got.Error > 0.95*got.Line || got.Error > 0.85*got.Year {
		t.Errorf("%.1f points off, a straight line %.1f, last year repeated %.1f", got.Error, got.Line, got.Year)
	}
	if brier := all.square / float64(all.days); brier > 0.16 || math.Abs(all.said-all.hit) > 0.05*float64(all.days) {
		t.Errorf("chances of reaching the target are off by %.3f (who always says one half by 0.25): %.0f of %d said, %.0f came", brier, all.said, all.days, all.hit)
	}
	if s := by["asked 2027-12-01"]; s.width/float64(s.n) > 22 || s.error/float64(s.n) > 7 {
		t.Errorf("a year before the end the range is %.1f wide, and the middle %.1f off", s.width/float64(s.n), s.error/float64(s.n))
	}
	// What the page says of the method is what comes out here.
	if far := func(a, b float64) bool { return math.Abs(a-b) > 0.25 }; got.Histories != Tested.Histories || got.Times != Tested.Times || far(got.Held, Tested.Held) || far(got.Error, Tested.Error) ||
		far(got.Line, Tested.Line) || far(got.Year, Tested.Year) {
		t.Errorf("the page says %+v, and it is %+v", Tested, got)
	}
}
