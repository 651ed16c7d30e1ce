package coverage

import (
	"context"

	"taphuan/app/access"
	"taphuan/app/ledger"
	"taphuan/models"
)

// Daily is how the groups of an organisation stood day by day since the plan began, or since the organisation did.
type Daily struct {
	*Report         // of the day asked for: the organisation and those right below it
	Points  []Point // in order: every day where the ledger is kept, else the last of each month and the day asked for; a figure for each group of the plan
	Known   []Point // behind the day asked for, up to the last day of the plan and of the organisation: what is known already
	Whole   []Figure
}

// Daily gives the figures of each day up to the one asked for and, with ahead, what is known of those behind it; Whole is what the whole plan has
// on the day. It refuses as Rows does. It takes a bounded number of statements.
func (s *Service) Daily(ctx context.Context, actor access.Actor, q Query, ahead bool) (*Daily, error) {
	a, err := s.ask(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	last := a.day
	if ahead {
		last = min(a.plan.ToDay, a.top.ToDay) - 1
	}
	days := a.eachDay(max(a.plan.FromDay, a.top.FromDay), last)
	figures, err := a.over(days)
	if err != nil {
		return nil, err
	}
	d := &Daily{}
	for i, day := range days {
		p := Point{day, figures[i]}
		if day <= a.day {
			d.Points = append(d.Points, p)
		} else {
			d.Known = append(d.Known, p)
		}
	}
	if d.Report, err = a.overview(); err != nil {
		return nil, err
	}
	d.Whole = d.Top().Figures
	if a.whole() {
		return d, nil
	}
	d.Whole, err = a.ofWholePlan()
	return d, err
}

// eachDay gives the days to look at, the day asked for among them.
func (a *asked) eachDay(from, to models.Day) (days []models.Day) {
	for d := from; d <= to; d++ {
		if _, _, n := (d + 1).Date(); a.kept || n == 1 || d == a.day {
			days = append(days, d)
		}
	}
	return days
}

// ofWholePlan gives the figures of the whole plan on the day.
func (a *asked) ofWholePlan() ([]Figure, error) {
	whole := *a
	whole.top = a.plan.Root
	if !whole.kept {
		r, err := whole.report()
		if err != nil {
			return nil, err
		}
		return r.Top().Figures, nil
	}
	sums, err := ledger.At(a.db, a.plan, a.day, whole.top.ID)
	if err != nil {
		return nil, err
	}
	out := make([]Figure, len(a.plan.Groups))
	for g, x := range sums[whole.top.ID] {
		out[g] = figureOf(x)
	}
	return out, nil
}
