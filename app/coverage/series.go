package coverage

import (
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/models"
)

// SeriesQuery asks how coverage went over time.
type SeriesQuery struct {
	Org        string     // code; "" as in Query
	Groups     []string   // codes; none means all of the plan
	From, To   models.Day // zero: the first day and today, or the nearest days on which there are figures
	StepMonths int        // between points, 1 to 12; zero is 1
}

// Series is coverage over time: at From, every so many months after it, and at To.
type Series struct {
	Report *Report // of the last day, with the plan and the organisation
	Groups []int   // indices into the plan's groups
	Points []Point
}

// Point is the coverage on one day.
type Point struct {
	Day     models.Day
	Figures []Figure // one for each of the series' groups
}

// Series gives the figures at each point. It refuses as Rows does, days that are the wrong way round with "days_reversed", and
// steps out of range with "invalid". The number of statements does not depend on the number of points: what happened is read
// once and laid on all of them.
func (s *Service) Series(ctx context.Context, actor access.Actor, q SeriesQuery) (*Series, error) {
	if q.StepMonths == 0 {
		q.StepMonths = 1
	}
	if q.StepMonths < 1 || q.StepMonths > 12 {
		return nil, errs.OnField("step", "invalid")
	}
	a, err := s.ask(ctx, actor, Query{Org: q.Org, Day: q.To})
	if err != nil {
		return nil, err
	}
	if q.From == 0 {
		q.From = max(a.plan.FromDay, a.top.FromDay)
	}
	if err := checkDay(a.plan, a.top, q.From); err != nil {
		return nil, err
	}
	if q.From > a.day {
		return nil, errs.Invalid("days_reversed", errs.Params{"from": q.From, "to": a.day})
	}
	out := &Series{}
	for _, code := range q.Groups {
		i, err := groupIndex(a.plan, code)
		if err != nil {
			return nil, err
		}
		out.Groups = append(out.Groups, i)
	}
	if len(q.Groups) == 0 {
		for i := range a.plan.Groups {
			out.Groups = append(out.Groups, i)
		}
	}
	facts, err := a.facts(q.From)
	if err != nil {
		return nil, err
	}
	days := stops(q.From, a.day, q.StepMonths)
	reports := facts.over(a.top, days)
	for i, d := range days {
		p := Point{Day: d}
		for _, g := range out.Groups {
			p.Figures = append(p.Figures, reports[i][g])
		}
		out.Points = append(out.Points, p)
	}
	if out.Report, err = a.report(); err != nil {
		return nil, err
	}
	return out, nil
}

// stops gives from, every so many months after it, and to. A month without the day of from stops on its last one.
func stops(from, to models.Day, step int) []models.Day {
	var days []models.Day
	for n := 0; ; n += step {
		d := expiry(from, &n)
		if d >= to {
			return append(days, to)
		}
		days = append(days, d)
	}
}

// over gives the figures of an organisation with everything below it on each of the days, which are in order. It is On for many
// days at once: each posting is laid on the days that it spans, so the work grows with the postings and the days, not with
// organisations times people times days.
func (f Facts) over(top models.Organisation, days []models.Day) [][]Figure {
	groups := len(f.Plan.Groups)
	group := make(map[uint64]int, groups)
	for i, g := range f.Plan.Groups {
		group[g.ID] = i
	}
	own := map[uint64][]Figure{} // by organisation: figures by day, then group
	byID := map[uint64]models.Organisation{}
	for _, o := range f.Organisations {
		byID[o.ID] = o
		if isAtOrBelow(o.Path, top.Path) && !o.Kind.IsTotal() {
			own[o.ID] = make([]Figure, len(days)*groups)
		}
	}
	f.layRosters(days, group, own, byID)
	f.layDeclared(days, group, own, byID)
	out := make([][]Figure, len(days))
	sums := make([]Figure, len(days)*groups)
	for k := range days {
		out[k] = sums[k*groups : (k+1)*groups]
	}
	for id, figures := range own {
		o := byID[id]
		from, to := span(days, o.FromDay, o.ToDay)
		for k := from; k < to; k++ {
			for g := range groups {
				fig := figures[k*groups+g]
				fig.settle(func() bool { return expects(f.Plan, o, f.Plan.Groups[g].ID, days[k]) })
				out[k][g].add(fig)
			}
		}
	}
	return out
}

// layRosters lays each main posting, with the groups that concurrent ones add, on the days that it spans.
func (f Facts) layRosters(days []models.Day, group map[uint64]int, own map[uint64][]Figure, byID map[uint64]models.Organisation) {
	completions := map[uint64][]Completion{}
	for _, c := range f.Completions {
		if !c.Voided {
			completions[c.CadreID] = append(completions[c.CadreID], c)
		}
	}
	concurrent := map[uint64][]Posting{}
	for _, p := range f.Postings {
		if !p.Main {
			concurrent[p.CadreID] = append(concurrent[p.CadreID], p)
		}
	}
	has := make([]bool, len(group)) // the groups of one cadre on one day
	var coveredOn []bool
	var coveredOf uint64
	for _, p := range f.Postings {
		o := byID[p.OrganisationID]
		figures, ok := own[p.OrganisationID]
		if !p.Main || !ok || o.CountsOnly {
			continue
		}
		if coveredOn == nil || coveredOf != p.CadreID {
			coveredOn, coveredOf = f.coveredOver(completions[p.CadreID], days, coveredOn), p.CadreID
		}
		from, to := span(days, p.From, min(p.To, o.ToDay))
		for k := from; k < to; k++ {
			clear(has)
			mark(has, group, p.Groups)
			for _, x := range concurrent[p.CadreID] {
				if x.From <= days[k] && days[k] < min(x.To, byID[x.OrganisationID].ToDay) {
					mark(has, group, x.Groups)
				}
			}
			for g, yes := range has {
				if !yes {
					continue
				}
				fig := &figures[k*len(group)+g]
				fig.Roster++
				if coveredOn[k] {
					fig.Covered++
				}
			}
		}
	}
}

func mark(has []bool, group map[uint64]int, ids []uint64) {
	for _, id := range ids {
		if g, ok := group[id]; ok {
			has[g] = true
		}
	}
}

// coveredOver says on which of the days a cadre with these completions is covered; it reuses the slice given.
func (f Facts) coveredOver(completions []Completion, days []models.Day, into []bool) []bool {
	into = slices.Grow(into[:0], len(days))[:len(days)]
	for k := range into {
		into[k] = true
	}
	for _, c := range f.Plan.Components {
		var spans [][2]int
		for _, x := range completions {
			if f.Plan.Covers(x.Day) && slices.Contains(x.Components, c.Component) {
				from, to := span(days, x.Day, expiry(x.Day, c.ExpiresMonths))
				spans = append(spans, [2]int{from, to})
			}
		}
		for k := range into {
			into[k] = into[k] && slices.ContainsFunc(spans, func(s [2]int) bool { return s[0] <= k && k < s[1] })
		}
	}
	return into
}

// layDeclared lays the declarations on the days for which they are in force.
func (f Facts) layDeclared(days []models.Day, group map[uint64]int, own map[uint64][]Figure, byID map[uint64]models.Organisation) {
	sorted := slices.Clone(f.Headcounts)
	slices.SortFunc(sorted, func(a, b models.Headcount) int {
		if laterDeclared(a, b) {
			return 1
		}
		return -1
	})
	for _, h := range sorted { // a later one overwrites from its day on
		figures, ok := own[h.OrganisationID]
		g, known := group[h.GroupID]
		if !ok || !known {
			continue
		}
		from, _ := span(days, h.EffectiveDay, models.Forever)
		for k := from; k < len(days); k++ {
			fig := &figures[k*len(group)+g]
			fig.declare(h, byID[h.OrganisationID].CountsOnly)
		}
	}
}

// span gives the indices of the days in [from, to).
func span(days []models.Day, from, to models.Day) (int, int) {
	i, _ := slices.BinarySearch(days, from)
	j, _ := slices.BinarySearch(days, to)
	return i, max(i, j)
}
