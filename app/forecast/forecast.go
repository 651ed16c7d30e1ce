// Package forecast says where coverage is heading: when each target will be met, with a range, what pace that takes, and which organisations
// decide it. It stands on the ledger's past, day by day, and on the courses that are planned. docs/decisions/forecast.md tells the method,
// what else was weighed, and how far it errs on histories of which the outcome is known.
package forecast

import (
	"context"
	"math"
	"slices"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Service makes forecasts.
type Service struct {
	DB *store.DB

	known memory
}

// Forecast is where the groups of an organisation are heading, as it looked at the end of a day.
type Forecast struct {
	*coverage.Daily
	Today  bool       // it looks ahead from today: courses to come are known
	End    models.Day // the last day of the plan, or of the organisation
	Groups []Group    // in the plan's order
	Chosen int        // index of the group that is told in full

	Next    []Decider // of that group: the organisations right below, the most missing first
	Offices Offices
}

// Group is where a target group is heading.
type Group struct {
	models.TargetGroup
	Figure  coverage.Figure
	Kind    Kind
	Outlook Outlook // its marks are today's alone where nothing can be said
	Need    Need
	Usual   Usual
	Planned []Class // courses to come that are aimed at the group, in the order of their days
	Drafts  []Class // drafts of such, which do not count
	Opened  Outlook // what it would be if they were opened: only of the group that is told in full, where there are any
}

// Kind is what can be said of a group.
type Kind string

// The kinds.
const (
	Empty Kind = "empty" // nobody is counted
	Over  Kind = "over"  // there is no time left
	Met   Kind = "met"   // the target is met now
	Young Kind = "young" // the history is too short to tell a pace from
	Idle  Kind = "idle"  // nobody has become covered so far, and no course is planned that would change it
	Day   Kind = "day"   // it will be met, rather than not
	Not   Kind = "not"   // it will not be met in time, rather than be
)

// Kinds are all of them.
var Kinds = []Kind{Empty, Over, Met, Young, Idle, Day, Not}

const (
	youngDays = 90
	fewPeople = 10 // so few that one of them moves the figure by more than a tenth
)

// Told says whether the group's future can be told at all.
func (g Group) Told() bool { return g.Kind != Empty && g.Kind != Over && g.Kind != Young }

// Small says whether the group is so small that a day would claim to know more than anybody can.
func (g Group) Small() bool { return g.Figure.Denominator < fewPeople }

// Need is what it takes to meet the target on the last day, as somebody could work it out by hand.
type Need struct {
	People     int     // counted then, if their number goes on as it did
	Goal       int     // of them to be covered
	Leaving    int     // of the covered, who leave or expire until then
	More       int     // to be covered newly: the goal, without those covered now, and with those who leave
	Quarters   float64 // that are left
	PerQuarter float64
	LastYear   float64 // newly covered in a quarter, on average of the last four
}

// need works it out.
func need(q Question, h History) Need {
	now := q.Points[len(q.Points)-1]
	n := Need{Quarters: float64(q.End-now.Day) / (365.25 / 4), LastYear: h.lastYear(now.Day) / min(4, max(float64(now.Day-q.Points[0].Day+1)/(365.25/4), 1))}
	n.People = int(float64(now.People)*math.Pow(1+h.Drift, n.Quarters) + 0.5)
	n.Goal = (q.Target*n.People + 99) / 100
	lapse := 0
	for _, s := range q.steps(h) {
		lapse += s.lapse
	}
	n.Leaving = lapse + int(h.Leaving*n.Quarters*float64(now.Covered+n.Goal)/2+0.5)
	n.More = max(n.Goal-now.Covered+n.Leaving, 0)
	if n.Quarters > 0 {
		n.PerQuarter = float64(n.More) / n.Quarters
	}
	return n
}

// Query asks for the forecast of an organisation, and of one group in full.
type Query struct {
	coverage.Query
	Group string // code; "" is the first in which anybody is counted
}

// Ask makes the forecast of an organisation and everything below it. It refuses as coverage.Rows does, days to come with forecast_day_ahead, and
// groups that the plan does not know with not_found, and a plan that has none with plan_without_groups. Of a day that is past it tells what could be told from the figures of then, without the
// courses that were planned.
func (s *Service) Ask(ctx context.Context, actor access.Actor, q Query) (*Forecast, error) {
	today := models.DayOf(s.DB.Time())
	if q.Day > today {
		return nil, errs.Invalid("forecast_day_ahead", errs.Params{"today": today})
	}
	cov := &coverage.Service{DB: s.DB}
	d, err := cov.Daily(ctx, actor, q.Query)
	if err != nil {
		return nil, err
	}
	if len(d.Plan.Groups) == 0 && q.Group == "" {
		return nil, errs.Invalid("plan_without_groups")
	}
	f := &Forecast{Daily: d, Today: d.Day == today, End: min(d.Plan.ToDay, d.Top().ToDay) - 1}
	if f.Chosen = f.choose(q.Group); f.Chosen < 0 {
		return nil, errs.NotFound("group")
	}
	var all courses
	if f.Today {
		if all, err = s.courses(ctx, d.Plan, today); err != nil {
			return nil, err
		}
	}
	for g := range d.Plan.Groups {
		f.Groups = append(f.Groups, s.group(f, g, all))
	}
	return f, s.decide(ctx, actor, f)
}

// choose gives the index of the group that is told in full; -1 where the plan does not know it.
func (f *Forecast) choose(code string) int {
	if code == "" && len(f.Plan.Groups) > 0 {
		return max(slices.IndexFunc(f.Top().Figures, func(x coverage.Figure) bool { return x.Denominator > 0 }), 0)
	}
	return slices.IndexFunc(f.Plan.Groups, func(g models.TargetGroup) bool { return g.Code == code })
}

// group makes the forecast of one of the plan's groups.
func (s *Service) group(f *Forecast, g int, all courses) Group {
	out := Group{TargetGroup: f.Plan.Groups[g], Figure: f.Top().Figures[g]}
	q := Question{Points: points(f.Points, g), End: f.End, Target: out.TargetPercent, Months: f.Expires()}
	if q.Months > 0 {
		q.Known = points(f.Known, g)
	}
	now := q.Points[len(q.Points)-1]
	out.Outlook = Outlook{History: measure(q.Points, q.Months > 0), Marks: []Mark{{now.Day, now.level(), now.level(), now.level()}}}
	of := all.of(out.ID)
	lacking := float64(out.Figure.Missing()) / float64(max(f.wholeOf(of.aimed), out.Figure.Denominator, 1))
	out.Usual, out.Planned, out.Drafts = usual(of.closed, out.Outlook.History.since(all.since), lacking), of.ahead, of.drafts
	q.Planned = out.Usual.planned(out.Planned, now.Day)
	out.Need = need(q, out.Outlook.History)
	if out.Kind = f.kind(out, q); out.Told() {
		out.Outlook = s.known.look(q, out.Outlook.History)
		if out.Kind == Day && out.Outlook.Middle == 0 {
			out.Kind = Not
		}
		if g == f.Chosen && len(out.Drafts) > 0 {
			q.Planned = merged(q.Planned, out.Usual.planned(out.Drafts, now.Day))
			out.Opened = s.known.look(q, out.Outlook.History)
		}
	}
	return out
}

// kind says what can be said of a group; Day stands for Day and Not as long as nobody has looked.
func (f *Forecast) kind(g Group, q Question) Kind {
	now := q.Points[len(q.Points)-1]
	switch {
	case g.Figure.Denominator == 0:
		return Empty
	case now.Day >= q.End:
		return Over
	case now.Day-q.Points[0].Day < youngDays:
		return Young
	case *g.Figure.Met(q.Target):
		return Met
	case g.Outlook.History.Pace == 0 && !slices.ContainsFunc(q.Planned, func(p Planned) bool { return p.Gain > 0 }):
		return Idle
	}
	return Day
}

// Expires is after how many months a component expires first; 0: none does.
func (f *Forecast) Expires() (months int) {
	for _, c := range f.Plan.Components {
		if m := c.ExpiresMonths; m != nil && (months == 0 || *m < months) {
			months = *m
		}
	}
	return months
}

// wholeOf is how many people the whole plan counts in some groups.
func (f *Forecast) wholeOf(groups map[uint64]bool) (n int) {
	for i, g := range f.Plan.Groups {
		if groups[g.ID] {
			n += f.Whole[i].Denominator
		}
	}
	return n
}

func points(all []coverage.DaySum, g int) []Point {
	out := make([]Point, len(all))
	for i, p := range all {
		x := p.Sums[g]
		out[i] = Point{p.Day, x.Covered, x.Roster, x.Denominator}
	}
	return out
}
