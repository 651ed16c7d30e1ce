package forecast

import (
	"math"
	"math/rand/v2"
	"slices"

	"taphuan/models"
)

// world is an invented history of a group, person by person, from the first to the last day of the plan. It knows nothing of how forecasts are
// made: classes are held by the calendar of a Vietnamese administration, people leave, newcomers come, and in most worlds July 2025 tears it all up.
type world struct {
	points  []Point
	classes []heldClass
	big     bool
}

// heldClass is a class with the day since which it was on the calendar.
type heldClass struct {
	Class
	known     models.Day
	cancelled bool
}

var (
	begin = models.MustDay("2023-01-01")
	end   = models.MustDay("2028-12-31")
	july  = models.MustDay("2025-07-01")
)

// person is one of the group. Most come when they are called, some now and then, a few hardly ever.
type person struct {
	trained bool
	comes   float64
}

// somebody is new, and hardly ever covered already.
func somebody(r *rand.Rand) person {
	p := person{trained: false, comes: 1}
	switch n := r.IntN(20); {
	case n == 0:
		p.comes = 0.1
	case n < 3:
		p.comes = 0.5
	}
	return p
}

// year is how many classes the months of a year bring, of an average month: nothing at Tết, most in autumn, when budgets are spent.
var year = [12]float64{0.3, 0.1, 0.8, 1.2, 1.3, 0.9, 0.5, 0.7, 1.4, 2.0, 1.9, 0.9}

// worldOf invents a history. Each draws its own number of people, pace and how it changes, seasons, attendance, share of seats that go to who
// lacks it, turnover, and how far ahead classes are announced.
func worldOf(seed uint64) world {
	r := rand.New(rand.NewPCG(seed, 41))
	between := func(a, b float64) float64 { return a + (b-a)*r.Float64() }
	people := int(math.Exp(between(math.Log(40), math.Log(2500))))
	w := world{}
	staff, n := make([]person, people), people
	for i := range staff {
		staff[i] = somebody(r)
	}
	perYear := between(0.08, 0.6) * float64(people) / 12
	trend, rough := between(0.85, 1.15), between(0.1, 0.4)
	attend, aim := between(0.7, 0.97), between(0.4, 1)
	leaving, lead := between(0.02, 0.1), between(10, 150)
	announced, torn := r.IntN(5) > 0, r.IntN(3) > 0
	flat := between(0, 1)
	var months [12]float64
	for m := range months {
		months[m] = (flat + (1-flat)*year[m]) * spread(r.NormFloat64(), 0.3)
	}
	size := max(min(int(between(20, 80)), people/4), 3)
	yearly := 1.0
	for d := begin; d <= end; d++ {
		y, m, day := d.Date()
		if m == 1 && day == 1 {
			yearly = math.Pow(trend, float64(y-2023)) * spread(r.NormFloat64(), rough)
		}
		if torn && d == july {
			staff = reorganise(r, staff)
			n = len(staff)
		}
		rate := perYear * yearly * months[m-1] / 30.4 / (float64(size) * attend)
		if torn && d > july.AddDays(-45) && d < july.AddDays(45) {
			rate /= 3
		}
		for range poisson(r, rate) {
			c := heldClass{known: d, cancelled: r.IntN(12) == 0}
			c.Day, c.Capacity, c.Part = d, size, 1
			if announced {
				c.known = d.AddDays(-int(r.ExpFloat64() * lead))
			}
			c.Enrolled = min(int(float64(size)*between(0.75, 1)+0.5), n)
			c.Settled = true
			if !c.cancelled {
				c.Completed = hold(r, staff, c.Enrolled, attend, aim)
			}
			w.classes = append(w.classes, c)
		}
		for range poisson(r, leaving*float64(n)/365) {
			staff[r.IntN(n)] = somebody(r) // who leaves is replaced
		}
		covered := 0
		for _, x := range staff {
			if x.trained {
				covered++
			}
		}
		w.points = append(w.points, Point{d, covered, n, n})
	}
	w.big = people >= 300
	return w
}

// hold holds a class: people who lack it are put in first, so far as the class is aimed at them, the rest are anybody.
func hold(r *rand.Rand, staff []person, enrolled int, attend, aim float64) (completed int) {
	var missing []int
	for i, x := range staff {
		if !x.trained {
			missing = append(missing, i)
		}
	}
	r.Shuffle(len(missing), func(i, j int) { missing[i], missing[j] = missing[j], missing[i] })
	for range enrolled {
		i := r.IntN(len(staff))
		if len(missing) > 0 && r.Float64() < aim {
			i, missing = missing[0], missing[1:]
		}
		if r.Float64() < attend*staff[i].comes {
			staff[i].trained = true
			completed++
		}
	}
	return completed
}

// reorganise lets some go and others, of offices that are counted from now on, come.
func reorganise(r *rand.Rand, staff []person) []person {
	r.Shuffle(len(staff), func(i, j int) { staff[i], staff[j] = staff[j], staff[i] })
	staff = staff[:len(staff)-int(float64(len(staff))*(0.03+0.15*r.Float64()))]
	for range int(float64(len(staff)) * 0.3 * r.Float64()) {
		staff = append(staff, somebody(r))
	}
	return staff
}

func poisson(r *rand.Rand, mean float64) int {
	n := 0
	for p := r.ExpFloat64(); p < mean; p += r.ExpFloat64() {
		n++
	}
	return n
}

// asked is the question that somebody could have asked of the world on a day, and what came of it.
func (w world) asked(day models.Day, target int) (q Question, came Point) {
	q = Question{Points: w.points[:day-begin+1], End: end, Target: target}
	var closed, ahead []Class
	gained := 0
	for i, p := range q.Points[1:] {
		if p.Day > day.AddDays(-usualDays) && p.People == q.Points[i].People {
			gained += max(p.Covered-q.Points[i].Covered, 0)
		}
	}
	for _, c := range w.classes {
		switch {
		case c.Day <= day && c.Day > day.AddDays(-usualDays) && !c.cancelled:
			closed = append(closed, c.Class)
		case c.Day > day && c.known <= day:
			c.Settled = c.Day <= day.AddDays(settledDays)
			if !c.Settled {
				c.Enrolled = 0
			}
			ahead = append(ahead, c.Class)
		}
	}
	now := q.Points[len(q.Points)-1]
	q.Planned = usual(closed, gained, float64(now.People-now.Covered)/float64(now.People)).planned(ahead, day)
	return q, w.points[len(w.points)-1]
}

// reached is the first day behind one on which the target is met; none where it never is.
func (w world) reached(after models.Day, target int) models.Day {
	i := slices.IndexFunc(w.points[after-begin:], func(p Point) bool { return over(p.level(), target) >= 0 })
	if i < 0 {
		return 0
	}
	return after + models.Day(i)
}
