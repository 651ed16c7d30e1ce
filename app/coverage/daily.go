package coverage

import (
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/ledger"
	"taphuan/models"
)

// Daily is how the groups of an organisation stood day by day since the plan began, or since the organisation did.
type Daily struct {
	*Report          // of the day asked for: the organisation and those right below it
	Points  []DaySum // in order: every day where the ledger is kept, else the last of each month and the day asked for
	Known   []DaySum // behind the day asked for, up to the last day of the plan and of the organisation, where the plan has components that expire
	Whole   []Figure // of the whole plan on the day asked for
}

// DaySum is how things stand at the end of a day: a sum for each group of the plan.
type DaySum struct {
	Day  models.Day
	Sums []ledger.Sum
}

// Daily gives the figures of each day up to the one asked for, and what is known to expire behind it. It refuses as Rows does. It takes a bounded
// number of statements.
func (s *Service) Daily(ctx context.Context, actor access.Actor, q Query) (*Daily, error) {
	a, err := s.ask(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	last := a.day
	if slices.ContainsFunc(a.plan.Components, func(c models.PlanComponent) bool { return c.ExpiresMonths != nil }) {
		last = min(a.plan.ToDay, a.top.ToDay) - 1
	}
	all, err := a.eachDay(max(a.plan.FromDay, a.top.FromDay), last)
	if err != nil {
		return nil, err
	}
	behind := slices.IndexFunc(all, func(p DaySum) bool { return p.Day == a.day }) + 1
	d := &Daily{Points: all[:behind], Known: all[behind:]}
	if d.Report, err = a.overview(); err != nil {
		return nil, err
	}
	if d.Whole = d.Top().Figures; a.top.ID != a.plan.RootID {
		whole := *a
		whole.top = a.plan.Root
		r, err := whole.overview()
		if err != nil {
			return nil, err
		}
		d.Whole = r.Top().Figures
	}
	return d, nil
}

// eachDay gives the figures of the organisation asked for from one day to another.
func (a *asked) eachDay(from, to models.Day) (out []DaySum, err error) {
	if a.kept {
		days, err := ledger.Daily(a.db, a.plan, from, to, a.top.ID)
		for i, sums := range days[a.top.ID] {
			out = append(out, DaySum{from + models.Day(i), sums})
		}
		return out, err
	}
	var days []models.Day
	for d := from; d <= to; d++ {
		if _, _, n := (d + 1).Date(); n == 1 || d == a.day || d == to {
			days = append(days, d)
		}
	}
	figures, err := a.over(days)
	if err != nil {
		return nil, err
	}
	for i, day := range days {
		p := DaySum{Day: day}
		for _, f := range figures[i] {
			p.Sums = append(p.Sums, ledger.Sum{Roster: f.Roster, Covered: f.Covered, Denominator: f.Denominator})
		}
		out = append(out, p)
	}
	return out, nil
}
