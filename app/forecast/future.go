package forecast

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"taphuan/app/coverage"
	"taphuan/models"
)

// Planned is what courses to come should bring a group by the day on which they end: people newly covered.
type Planned struct {
	Day  models.Day
	Gain float64
}

// Question is what a forecast is made of. Nothing else goes into it, so that the same question has the same answer.
type Question struct {
	Points  []Point // of the past, in order; the last is the day from which the forecast is made
	End     models.Day
	Target  int       // percent
	Planned []Planned // behind the last point
	Months  int       // after which a component expires; 0: none does
	Known   []Point   // behind the last point: what is known already, of which falls of the covered are expiries; only where Months is set
}

// Mark is what is expected at the end of a day.
type Mark struct {
	Day            models.Day
	Low, Mid, High Level
}

// Level is a number of covered people, of so many, in one of the trials.
type Level struct {
	Covered, People int
}

// Share is the part that is covered, in percent.
func (l Level) Share() float64 { return 100 * float64(l.Covered) / float64(max(l.People, 1)) }

// Outlook is the answer.
type Outlook struct {
	History History
	Marks   []Mark // today first, then the end of each quarter up to the end
	Reach   float64
	Early   models.Day // tenth trial of a hundred to reach the target; none where it does not
	Middle  models.Day
	Late    models.Day
	Relapse float64 // of those trials that reach the target: how many are below it at the end of a later quarter
}

// End is what is expected at the end.
func (o Outlook) End() Mark { return o.Marks[len(o.Marks)-1] }

// Trials is how often the future is tried.
const Trials = 400

const (
	levelStep     = 0.26 // how far the pace itself wanders in a quarter
	plannedSpread = 0.35 // how far what planned courses bring lies from what they should
	low, high     = 0.1, 0.9
	lots          = 10_000 // more classes than a quarter holds
)

// Record is how forecasts of invented histories compare with what came at the end: Held is how many of 100 ranges held it, the others are mean
// distances in percentage points, of forecasts, of a straight line through all, and of the last year repeated.
type Record struct {
	Histories, Times        int // each asked on so many days
	Held, Error, Line, Year float64
}

// Tested is the record of the method. A test makes it anew and holds it to this.
var Tested = Record{Histories: 400, Times: 6, Held: 82.0, Error: 12.0, Line: 13.7, Year: 16.5}

// step is the time up to the end of a quarter.
type step struct {
	from, to models.Day // last days
	part     float64    // of the quarter
	root     float64    // square root of it
	pace     float64    // what it should bring
	planned  float64
	lapse    int // known to expire
}

// setting is what trials of a question and its history hang on, and nothing else.
type setting struct {
	now                                         Point
	target, months                              int
	lump, weight, leaving, drift, swing, unseen float64
	steps                                       [mostSteps]step
	many                                        int // steps
}

func (q Question) setting(h History) setting {
	x := setting{now: q.Points[len(q.Points)-1], target: q.Target, months: q.Months, lump: h.Lump, weight: h.Weight, leaving: h.Leaving, drift: h.Drift, swing: h.Swing, unseen: h.unseen}
	x.many = copy(x.steps[:], q.steps(h))
	return x
}

// look answers a question by trying out the future many times.
func look(q Question, h History) Outlook {
	x := q.setting(h)
	o := try(&x)
	o.History = h
	return o
}

// try is look without the history.
func try(x *setting) (o Outlook) {
	now, steps := x.now, x.steps[:x.many]
	o.Marks = []Mark{{now.Day, now.level(), now.level(), now.level()}}
	levels := make([][]Level, len(steps))
	for i := range levels {
		levels[i] = make([]Level, Trials)
	}
	var reached []models.Day
	relapsed := 0
	t := trial{setting: x, gains: make([]int, len(steps))}
	for n := range Trials {
		t.luck = luck()[n]
		day, again := t.run(func(i int, l Level) { levels[i][n] = l })
		if day != 0 {
			reached = append(reached, day)
			if again {
				relapsed++
			}
		}
	}
	for i, s := range steps {
		slices.SortFunc(levels[i], func(a, b Level) int { return compareShares(a, b) })
		at := func(p float64) Level { return levels[i][int(p*(Trials-1)+0.5)] }
		o.Marks = append(o.Marks, Mark{s.to, at(low), at(0.5), at(high)})
	}
	o.Reach = float64(len(reached)) / Trials
	if len(reached) > 0 {
		o.Relapse = float64(relapsed) / float64(len(reached))
	}
	slices.Sort(reached)
	o.Early, o.Middle, o.Late = nth(reached, low), nth(reached, 0.5), nth(reached, high)
	return o
}

// nth is the day by which such a part of all trials has reached the target, if it does.
func nth(reached []models.Day, part float64) models.Day {
	if i := int(part * Trials); i < len(reached) {
		return reached[i]
	}
	return 0
}

func compareShares(a, b Level) int {
	return a.Covered*max(b.People, 1) - b.Covered*max(a.People, 1)
}

// Percent is the share as figures of coverage are told: rounded down.
func (l Level) Percent() coverage.Percent {
	return coverage.Percent(l.Covered * 1000 / max(l.People, 1))
}

func (p Point) level() Level { return Level{p.Covered, p.People} }

// steps cuts the future into quarters.
func (q Question) steps(h History) (out []step) {
	known := q.Points[len(q.Points)-1]
	planned, ahead := q.Planned, q.Known
	for from := known.Day; from < q.End && len(out) < mostSteps; {
		begin := quarterOf(from + 1)
		next := nextQuarter(begin)
		s := step{from: from, to: min(next-1, q.End)}
		s.part = float64(s.to-s.from) / float64(next-begin)
		s.root = math.Sqrt(s.part)
		s.pace = h.Pace * h.Season[season(begin)] * s.part
		for ; len(planned) > 0 && planned[0].Day <= s.to; planned = planned[1:] {
			s.planned += planned[0].Gain
		}
		for ; len(ahead) > 0 && ahead[0].Day <= s.to; ahead = ahead[1:] {
			s.lapse += max(known.Covered-ahead[0].Covered-max(known.Roster-ahead[0].Roster, 0), 0)
			known = ahead[0]
		}
		out = append(out, s)
		from = s.to
	}
	return out
}

// trial is one try of the future.
type trial struct {
	*setting
	gains []int // of each step
	luck  []quarterLuck
}

// run plays the trial, tells each level, and gives the day on which the target is met first (none if it is not), and whether it is
// missed again later.
func (t *trial) run(tell func(int, Level)) (met models.Day, again bool) {
	pace := (1 + t.unseen) * gamma(t.weight, t.luck[0].all)
	people, l := float64(t.now.People), t.now.level()
	if over(l, t.target) >= 0 {
		met = t.now.Day
	}
	for i, s := range t.steps[:t.many] {
		luck := &t.luck[i]
		before := over(l, t.target)
		people = max(people*(1+t.drift*s.part+t.swing*s.root*luck.people), 0)
		l.People = int(people + 0.5)
		left := some(l.Covered, t.leaving*s.part, luck.left)
		l.Covered = min(l.Covered-left/2, l.People) // half of them before the classes of the quarter
		pace *= luck.pace
		mean := s.planned*luck.planned + t.lump*float64(some(lots, max(s.pace-s.planned, 0)*pace/t.lump/lots, luck.classes))
		missing := l.People - l.Covered
		t.gains[i] = some(missing, chance(mean, missing), luck.gain)
		l.Covered = max(l.Covered+t.gains[i]-(left-left/2)-t.lapse(i), 0)
		tell(i, l)
		switch after := over(l, t.target); {
		case met == 0 && after >= 0:
			met = s.from + 1 + models.Day(float64(s.to-s.from-1)*before/(before-after-1))
		case met != 0 && after < 0:
			again = true
		}
	}
	return met, again
}

// lapse is how many expire in a step: those known, and those gained in the trial so many months before.
func (t *trial) lapse(i int) int {
	n := t.steps[i].lapse
	if back := i - t.months/3; t.months > 0 && back >= 0 {
		n += t.gains[back]
	}
	return n
}

// over is by how many people a level is over a target; below 0 it is not met.
func over(l Level, target int) float64 {
	return float64(l.Covered*100-target*l.People) / 100
}

// spread is a factor around 1 that lies on average so far from it, as a part.
func spread(z, part float64) float64 {
	s := math.Log1p(part * part)
	return math.Exp(math.Sqrt(s)*z - s/2)
}

// gamma is a draw of a gamma distribution of that shape and of mean 1, at a standard normal draw (Wilson and Hilferty).
func gamma(shape, z float64) float64 {
	x := max(1-1/(9*shape)+z/(3*math.Sqrt(shape)), 0)
	return x * x * x
}

// chance is the probability of each of those missing to be reached by classes that should reach so many: it falls behind where they should
// reach nearly all, since the last ones are the hardest to bring in.
func chance(mean float64, missing int) float64 {
	if mean <= 0 || missing == 0 {
		return 0
	}
	x := float64(missing) / mean
	y := math.Cbrt(1 + x*math.Sqrt(x))
	return 1 / (y * y)
}

// some is how many of n people something happens to, with a probability for each.
func some(n int, p float64, by draw) int {
	p = min(max(p, 0), 1)
	mean := float64(n) * p
	if n == 0 || p == 0 {
		return 0
	}
	if mean > 12 && float64(n)-mean > 12 {
		return min(max(int(mean+math.Sqrt(mean*(1-p))*by.z+0.5), 0), n)
	}
	if p > 0.5 {
		return n - some(n, 1-p, draw{-by.z, 1 - by.u})
	}
	u := by.u
	at := math.Exp(float64(n) * math.Log1p(-p)) // of k people, from 0
	for k := 0; ; k++ {
		if u -= at; u < 0 || k == n {
			return k
		}
		at *= float64(n-k) / float64(k+1) * p / (1 - p)
	}
}

// draw is a draw of a normal distribution, and which part of all draws lies below it.
type draw struct{ z, u float64 }

// quarterLuck is what chance does in a quarter.
type quarterLuck struct {
	all, people         float64 // normal draws; all is of the first quarter only, for the pace as a whole
	pace, planned       float64 // factors
	classes, left, gain draw
}

// luck is drawn once, the same for every question and every day: a page asked for twice says the same, and where two answers differ it is
// for what is known and not for chance.
var luck = sync.OnceValue(func() [][]quarterLuck {
	r := rand.New(rand.NewPCG(2023, 2028))
	all := make([][]quarterLuck, Trials)
	for i := range all {
		all[i] = make([]quarterLuck, mostSteps)
		for j := range all[i] {
			var z [7]float64
			for k := range z {
				z[k] = r.NormFloat64()
			}
			of := func(k int) draw { return draw{z[k], 0.5 * math.Erfc(-z[k]/math.Sqrt2)} }
			all[i][j] = quarterLuck{all: z[0], people: z[1], pace: math.Exp(levelStep*z[2] - levelStep*levelStep/4), planned: spread(z[3], plannedSpread), classes: of(4), left: of(5), gain: of(6)}
		}
	}
	return all
})

// mostSteps is how many quarters a forecast goes ahead at most.
const mostSteps = 60
