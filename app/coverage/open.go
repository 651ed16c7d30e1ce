package coverage

import (
	"cmp"
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/models"
)

// Open is what anyone may know of the plan's coverage on a day: figures of the whole and of the organisations right below it, without those of
// fewer than Least people and without what these could be worked out from.
type Open struct {
	Plan          *plan.Plan
	Day           models.Day
	Last          models.Day   // the last day that can be asked for: today, or the plan's last
	Groups        []OpenFigure // one for each group of the plan
	Organisations []OpenOrganisation
	Together      []OpenFigure // what the withheld figures of each group make up as one; Denominator 0 where none is withheld
	Points        []OpenPoint  // the way to the day, by month
}

// OpenFigure is a figure that anyone may know, or nothing but that it is withheld.
type OpenFigure struct {
	Withheld bool
	Figure
}

// OpenOrganisation is an organisation right below the plan's root.
type OpenOrganisation struct {
	models.Organisation
	Figures []OpenFigure // one for each group of the plan
}

// OpenPoint is where the whole stood on a day.
type OpenPoint struct {
	Day     models.Day
	Figures []OpenFigure
}

// Open gives what anyone may know on a day; zero is the last day that can be asked for. It refuses days as Rows does, and days to come with
// "day_to_come". It takes the same number of statements whatever the size.
func (s *Service) Open(ctx context.Context, day models.Day) (*Open, error) {
	p, err := plan.Open(ctx, s.DB.Read(ctx), models.DayOf(s.DB.Time())) // whatever the day: figures of two plans could be told from each other
	if err != nil {
		return nil, err
	}
	a, err := s.askOf(ctx, p, access.System(), Query{Day: day})
	if err != nil {
		return nil, err
	}
	last := nearest(a.plan, a.top, models.DayOf(s.DB.Time()))
	if a.day > last {
		return nil, errs.Invalid("day_to_come", errs.Params{"day": a.day})
	}
	out := &Open{Plan: a.plan, Day: a.day, Last: last}
	if err := a.openDay(out); err != nil {
		return nil, err
	}
	return out, a.openWay(out)
}

// openDay fills the figures of the day.
func (a *asked) openDay(out *Open) error {
	var below []models.Organisation
	if err := a.db.Where("parent_id = ?", a.top.ID).Order("path").Find(&below).Error; err != nil {
		return err
	}
	from, to := around(a.plan, a.day, out.Last)
	daily, err := a.daily(from, to, append([]models.Organisation{a.top}, below...))
	if err != nil {
		return err
	}
	order := slices.Clone(below) // the first two go with withheld ones: those that are always there, of them the last ones of the tree
	slices.SortStableFunc(order, func(x, y models.Organisation) int {
		return cmp.Or(cmp.Compare(y.ToDay, x.ToDay), cmp.Compare(x.FromDay, y.FromDay), byPath(y, x))
	})
	at := int(a.day - from)
	whole := make([]bool, len(a.plan.Groups))
	withheld := map[uint64][]bool{}
	for _, o := range order {
		withheld[o.ID] = make([]bool, len(a.plan.Groups))
	}
	for g := range a.plan.Groups {
		parts := make([][]int, len(order))
		for i, o := range order {
			parts[i] = denominators(daily[o.ID], g)
		}
		var which []bool
		whole[g], which = withhold(denominators(daily[a.top.ID], g), parts, at)
		for i, o := range order {
			withheld[o.ID][g] = whole[g] || which != nil && which[i]
		}
	}
	out.Groups = publish(daily[a.top.ID][at], whole)
	out.Together = make([]OpenFigure, len(whole))
	for _, o := range below {
		figures := daily[o.ID][at]
		for g, f := range figures {
			if withheld[o.ID][g] && !whole[g] {
				out.Together[g].add(f)
			}
		}
		if o.ExistsOn(a.day) || slices.ContainsFunc(figures, func(f Figure) bool { return f.Denominator > 0 }) {
			out.Organisations = append(out.Organisations, OpenOrganisation{o, publish(figures, withheld[o.ID])})
		}
	}
	return nil
}

// openWay fills the way to the day.
func (a *asked) openWay(out *Open) error {
	daily, err := a.daily(a.plan.FromDay, out.Last, []models.Organisation{a.top})
	if err != nil {
		return err
	}
	all := daily[a.top.ID]
	index := func(d models.Day) int { return int(d - a.plan.FromDay) }
	for _, d := range stops(a.plan.FromDay, a.day, 1) {
		from, to := around(a.plan, d, out.Last)
		whole := make([]bool, len(a.plan.Groups))
		for g := range whole {
			whole[g] = everTooFew(denominators(all[index(from):index(to)+1], g))
		}
		out.Points = append(out.Points, OpenPoint{d, publish(all[index(d)], whole)})
	}
	return nil
}

// around gives the first and the last of the days around a day.
func around(p *plan.Plan, d, last models.Day) (models.Day, models.Day) {
	return max(d-Around, p.FromDay), min(d+Around, last)
}

func denominators(days [][]Figure, g int) []int {
	out := make([]int, len(days))
	for i := range days {
		out[i] = days[i][g].Denominator
	}
	return out
}

// publish leaves nothing of figures that are withheld.
func publish(figures []Figure, withheld []bool) []OpenFigure {
	out := make([]OpenFigure, len(figures))
	for g, f := range figures {
		if out[g].Withheld = withheld[g]; !withheld[g] {
			out[g].Figure = f
		}
	}
	return out
}

// daily gives the figures of organisations with everything below them on each day from one to another.
func (a *asked) daily(from, to models.Day, organisations []models.Organisation) (map[uint64][][]Figure, error) {
	out := make(map[uint64][][]Figure, len(organisations))
	if !a.kept {
		all := *a
		all.day = to
		facts, err := all.facts(from)
		if err != nil {
			return nil, err
		}
		days := make([]models.Day, to-from+1)
		for i := range days {
			days[i] = from + models.Day(i)
		}
		for _, o := range organisations {
			out[o.ID] = facts.over(o, days)
		}
		return out, nil
	}
	ids := make([]uint64, len(organisations))
	for i, o := range organisations {
		ids[i] = o.ID
	}
	sums, err := ledger.Daily(a.db, a.plan, from, to, ids...)
	for id, days := range sums {
		out[id] = make([][]Figure, len(days))
		for i := range days {
			for _, s := range days[i] {
				out[id][i] = append(out[id][i], figureOf(s))
			}
		}
	}
	return out, err
}
