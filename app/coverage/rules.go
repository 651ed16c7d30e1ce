package coverage

import (
	"context"
	"slices"

	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/models"
)

// Whole gives the figures of a plan as a whole, one for each group, on a day or the nearest day on which there are some, and that day.
func (s *Service) Whole(ctx context.Context, p *plan.Plan, day models.Day) ([]Figure, models.Day, error) {
	a := &asked{db: s.DB.Read(ctx), sqls: dialect(s.DB.Dialect), plan: p, top: p.Root, day: nearest(p, p.Root, day)}
	var err error
	if a.kept, err = ledger.Kept(a.db, p); err != nil {
		return nil, 0, err
	}
	out, err := a.over([]models.Day{a.day})
	if err != nil {
		return nil, 0, err
	}
	return out[0], a.day, nil
}

// RulesEffect says which figures of a plan as a whole change when its components last otherwise, or its period is another: today, at the end of
// each year to come, and on the last day, by day and group, as far as the days are of both periods. Both sides are counted from the same facts.
func (s *Service) RulesEffect(ctx context.Context, before, after *plan.Plan) ([]Change, error) {
	both, either := *before, *before
	both.FromDay, both.ToDay = max(before.FromDay, after.FromDay), min(before.ToDay, after.ToDay)
	either.FromDay, either.ToDay = min(before.FromDay, after.FromDay), max(before.ToDay, after.ToDay)
	if both.FromDay >= both.ToDay {
		return nil, nil
	}
	from, last := nearest(&both, before.Root, models.DayOf(s.DB.Time())), nearest(&both, before.Root, models.Forever-1)
	days := []models.Day{from}
	for y := from.Year(); ; y++ {
		day := min(models.NewDay(y, 12, 31), last)
		if day > from {
			days = append(days, day)
		}
		if day >= last {
			break
		}
	}
	a := &asked{db: s.DB.Read(ctx), sqls: dialect(s.DB.Dialect), plan: &either, top: before.Root, day: last}
	f, err := a.facts(from)
	if err != nil {
		return nil, err
	}
	f.Plan = before
	was := f.over(before.Root, days)
	f.Plan = after
	is := f.over(before.Root, days)
	var out []Change
	for i, day := range days {
		for g, group := range before.Groups {
			if x, y := was[i][g], is[i][g]; x.Covered != y.Covered {
				out = append(out, Change{before.Root, group, day, x, y})
			}
		}
	}
	return slices.Clip(out), nil
}
