package forecast

import (
	"math"
	"slices"
	"time"

	"taphuan/models"
)

// Point is where a target group stands at the end of a day.
type Point struct {
	Day                     models.Day
	Covered, Roster, People int // People is the denominator
}

// Quarter is what happened in a calendar quarter, or in the part of it that lies within the history.
type Quarter struct {
	From, To models.Day // first day of each: of the quarter, and of the next one
	Part     float64    // of the quarter within the history, up to 1
	Gained   int        // who became covered, net of those who came covered from elsewhere
	Left     int        // who were covered and left, net of those who came
}

// History is what the past tells of a group's pace, its seasons, who leaves, and how the number of people drifts.
type History struct {
	Quarters []Quarter  // the oldest first
	Season   [4]float64 // what an average first, second, third, fourth quarter brings, of an average quarter
	Pace     float64    // people newly covered in an average quarter, the nearer quarters counting for more
	Lump     float64    // how many come at once: what a class brings
	Weight   float64    // how many classes stand behind the pace
	Leaving  float64    // part of the covered who leave in a quarter
	Drift    float64    // part by which the number of people grows in a quarter
	Swing    float64    // how far a quarter's drift lies from it
	Moves    int        // days of reorganisation, on which nothing is measured

	gains  []gain
	unseen float64 // part by which the pace behind what was counted is held to be quicker
}

// gain is how many became covered on a day.
type gain struct {
	day models.Day
	n   int
}

// since is how many became covered from a day on.
func (h History) since(day models.Day) (n int) {
	for _, g := range h.gains {
		if g.day >= day {
			n += g.n
		}
	}
	return n
}

// What is assumed where the past says little. docs/decisions/forecast.md tells how far results depend on them.
const (
	halfLife      = 6.0   // quarters after which a quarter counts half as much for the pace
	seasonWeight  = 3.0   // classes: how strongly seasons are held to be alike
	priorLeaving  = 0.012 // of the covered, in a quarter: some 5 % a year
	leavingWeight = 200.0 // covered people over a quarter
	priorSwing    = 0.002
	unseen        = 0.5 // class, added to those counted: the pace behind a few of them is rather above theirs than below (Jeffreys' prior)
	moveShare     = 10  // a day that changes the number of people by one in so many is a reorganisation
	moveLeast     = 5   // if it changes by as many at least
)

// measure reads the history of a group: its points, in order, of which the last is today. Where components expire, covered people who are lost
// while nobody leaves the roster have expired, and have not left.
func measure(points []Point, expires bool) History {
	var h History
	first, last := points[0].Day, points[len(points)-1].Day
	for from := quarterOf(first); from <= last; {
		next := nextQuarter(from)
		inside := min(next, last+1) - max(from, first)
		h.Quarters = append(h.Quarters, Quarter{From: from, To: next, Part: float64(inside) / float64(next-from)})
		from = next
	}
	grown, covered := make([]float64, len(h.Quarters)), 0.0
	q := 0
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		for b.Day >= h.Quarters[q].To {
			q++
		}
		covered += float64(a.Covered) * float64(b.Day-a.Day) / float64(h.Quarters[q].To-h.Quarters[q].From)
		if d := abs(b.People - a.People); d >= moveLeast && d*moveShare >= a.People {
			h.Moves++
			continue
		}
		grown[q] += float64(b.People-a.People) / float64(max(a.People, 1))
		change, came := b.Covered-a.Covered, b.Roster-a.Roster
		switch {
		case change > 0:
			already := min(change, max(came, 0))
			h.Quarters[q].Gained += change - already
			h.gains = append(h.gains, gain{b.Day, change - already})
			h.Quarters[q].Left -= already
		case expires:
			h.Quarters[q].Left += min(-change, max(-came, 0))
		default:
			h.Quarters[q].Left -= change
		}
	}
	left := 0
	for _, x := range h.Quarters {
		left += x.Left
	}
	h.Leaving = max(float64(left)+priorLeaving*leavingWeight, 0) / (covered + leavingWeight)
	h.pace()
	h.drift(grown)
	return h
}

// pace works out how large the gains of a day are, the seasons, and the pace.
func (h *History) pace() {
	var gained, part [4]float64
	all, parts, squares := 0.0, 0.0, 0.0
	for _, g := range h.gains {
		squares += float64(g.n) * float64(g.n)
	}
	for _, q := range h.Quarters {
		k := season(q.From)
		gained[k] += float64(q.Gained)
		part[k] += q.Part
		all += float64(q.Gained)
		parts += q.Part
	}
	h.Season, h.Lump = [4]float64{1, 1, 1, 1}, 1
	if all > 0 {
		h.Lump = squares / all
		sum := 0.0
		for k := range h.Season {
			h.Season[k] = (gained[k] + seasonWeight*h.Lump) / (part[k]*all/parts + seasonWeight*h.Lump)
			sum += h.Season[k] / 4
		}
		for k := range h.Season {
			h.Season[k] /= sum
		}
	}
	var due, got, weighed float64
	for i, q := range h.Quarters {
		w := math.Pow(0.5, float64(len(h.Quarters)-1-i)/halfLife)
		due += w * q.Part * h.Season[season(q.From)]
		got += w * float64(q.Gained)
		weighed += w * w * float64(q.Gained)
	}
	if due > 0 && got > 0 {
		h.Pace = got / due
		h.unseen = unseen * h.Lump / got
	}
	h.Weight = unseen
	if weighed > 0 {
		h.Weight += got * got / weighed / h.Lump
	}
}

// drift works out how the number of people grows: the middle of the whole quarters, so that a wave of new lists does not go on for ever.
func (h *History) drift(grown []float64) {
	var whole []float64
	for i, q := range h.Quarters {
		if q.Part == 1 {
			whole = append(whole, grown[i])
		}
	}
	h.Swing = priorSwing
	if len(whole) == 0 {
		return
	}
	h.Drift = median(whole)
	for i := range whole {
		whole[i] = math.Abs(whole[i] - h.Drift)
	}
	h.Swing = max(1.5*median(whole), priorSwing)
}

// lastYear is how many became covered in the year up to today.
func (h History) lastYear(today models.Day) float64 { return float64(h.since(today.AddDays(-364))) }

func quarterOf(d models.Day) models.Day {
	y, m, _ := d.Date()
	return models.NewDay(y, (m-1)/3*3+1, 1)
}

func nextQuarter(d models.Day) models.Day {
	y, m, _ := d.Date()
	return models.NewDay(y, (m-1)/3*3+4, 1)
}

// season numbers the quarter of the year, from 0.
func season(d models.Day) int {
	_, m, _ := d.Date()
	return int(m-time.January) / 3
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

func abs(n int) int { return max(n, -n) }
