package coverage

import (
	"cmp"
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// SeriesQuery asks how coverage went over time.
type SeriesQuery struct {
	Org        string     // code; "" as in Query
	Groups     []string   // codes; none means all of the plan
	From, To   models.Day // zero: the first day and today, or the nearest days on which there are figures
	StepMonths int        // between points, 1 to 12; zero is 1
	All        bool       // the report holds every organisation below, not only the next ones; of a country, which has too many, the next ones
	Alone      bool       // who asks looks at the organisation asked for alone: the report need not hold those right below it
	Line       bool       // the professional line of the organisation is asked for too
	Year       bool       // so is how the organisations of the report stood a year before
	Ways       bool       // so is what is being done about those missing
}

// Series is coverage over time: at From, every so many months after it, and at To.
type Series struct {
	Report *Report // of the last day, with the plan and the organisation
	Groups []int   // indices into the plan's groups
	Points []Point
	Line   *Line // on the last day; nil unless asked for, and for totals, which are nobody's line
	Before *Earlier
	// For each group of the plan. Nil unless asked for, of the past, for totals, which have too many people for it, and to those who may not see
	// who takes part in courses.
	Ways []Way
}

// Point is the coverage on one day.
type Point struct {
	Day     models.Day
	Figures []Figure // one for each of the series' groups
}

// Series gives the figures at each point. It refuses as Rows does, days that are the wrong way round with "days_reversed", and
// steps out of range with "invalid". The number of statements does not depend on the number of points.
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
	days := stops(q.From, a.day, q.StepMonths)
	asked := days
	if then := a.day.YearBefore(); q.Year && checkDay(a.plan, a.top, then) == nil {
		asked = slices.Compact(slices.Sorted(slices.Values(append([]models.Day{then}, days...))))
		a.before = then
	}
	ways := func() ([]Way, error) { return nil, nil }
	if q.Ways && !a.top.Kind.IsTotal() && actor.ReachesPath(access.EnrolmentRead, a.top.Path) {
		ways = store.Aside(func() ([]Way, error) { return s.ways(a, actor) }) // which takes as long as all else together
		// It is waited for; its error is the answer's where nothing has been refused before.
		defer func() { _, _ = ways() }()
	}
	figures, err := a.over(asked)
	if err != nil {
		return nil, err
	}
	for _, d := range days {
		i, _ := slices.BinarySearch(asked, d)
		p := Point{Day: d}
		for _, g := range out.Groups {
			p.Figures = append(p.Figures, figures[i][g])
		}
		out.Points = append(out.Points, p)
	}
	switch {
	case q.All && a.top.Kind != models.KindCountry:
		out.Report, err = a.report()
	case q.Alone && a.kept:
		out.Report, err = a.figures()
	default:
		out.Report, err = a.overview()
	}
	if err == nil && q.Year {
		out.Before, err = a.earlier(out.Report)
	}
	if err == nil && q.Line && !a.top.Kind.IsTotal() {
		out.Line, err = a.lineFigures()
	}
	if err == nil {
		out.Ways, err = ways()
	}
	return out, err
}

// over gives the figures of the organisation asked for on each of the days, which are in order.
func (a *asked) over(days []models.Day) ([][]Figure, error) {
	if !a.kept {
		facts, err := a.facts(days[0])
		if err != nil {
			return nil, err
		}
		return facts.over(a.top, days), nil
	}
	sums, err := ledger.Over(a.db, a.plan, a.top.ID, days)
	if err != nil {
		return nil, err
	}
	out := make([][]Figure, len(days))
	for i, day := range days {
		out[i] = figuresOf(sums[i])
		a.know(day, a.top.ID, out[i])
	}
	return out, nil
}

// stops gives from, every so many months after it, and to. A month without the day of from stops on its last one.
func stops(from, to models.Day, step int) []models.Day {
	var days []models.Day
	for n := 0; ; n += step {
		d := plan.Expiry(from, &n)
		if d >= to {
			return append(days, to)
		}
		days = append(days, d)
	}
}

// over gives the figures of an organisation with everything below it on each of the days, which are in order. It is On for many days at once: a posting is noted on the days on
// which it begins and ends to count, so the work grows with the postings, not with postings times days.
func (f Facts) over(top models.Organisation, days []models.Day) [][]Figure {
	groups := len(f.Plan.Groups)
	group := make(map[uint64]int, groups)
	for i, g := range f.Plan.Groups {
		group[g.ID] = i
	}
	own := map[uint64][]Figure{}
	byID := map[uint64]models.Organisation{}
	for _, o := range f.Organisations {
		byID[o.ID] = o
		if isAtOrBelow(o.Path, top.Path) && !o.Kind.IsTotal() {
			own[o.ID] = make([]Figure, len(days)*groups)
		}
	}
	l := layer{f: f, days: days, group: group, own: own, byID: byID}
	l.covered, l.recognised = f.coveredSpans(days)
	l.layRosters()
	for _, figures := range own { // so far the changes of each day
		for i := groups; i < len(figures); i++ {
			figures[i].Roster += figures[i-groups].Roster
			figures[i].Covered += figures[i-groups].Covered
			figures[i].Recognised += figures[i-groups].Recognised
		}
	}
	l.layDeclared()
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
				fig.settle(func() bool { return f.Plan.Expects(o, f.Plan.Groups[g].ID, days[k]) })
				out[k][g].add(fig)
			}
		}
	}
	return out
}

// layer lays what happened on the days of a series.
type layer struct {
	f       Facts
	days    []models.Day
	group   map[uint64]int // index by id
	own     map[uint64][]Figure
	byID    map[uint64]models.Organisation
	covered map[uint64][][2]int // by cadre: from which to before which day the cadre is covered, as indices
	// The same of those who would not be covered without recognised training.
	recognised map[uint64][][2]int
}

// note notes that a cadre counts in an organisation's group from one day to before another.
func (l *layer) note(figures []Figure, g, from, to int, cadre uint64) {
	if from >= to {
		return
	}
	n := len(l.group)
	figures[from*n+g].Roster++
	if to < len(l.days) {
		figures[to*n+g].Roster--
	}
	for _, s := range l.covered[cadre] {
		begin, end := max(from, s[0]), min(to, s[1])
		if begin >= end {
			continue
		}
		figures[begin*n+g].Covered++
		if end < len(l.days) {
			figures[end*n+g].Covered--
		}
	}
	for _, s := range l.recognised[cadre] { // few have any
		begin, end := max(from, s[0]), min(to, s[1])
		if begin >= end {
			continue
		}
		figures[begin*n+g].Recognised++
		if end < len(l.days) {
			figures[end*n+g].Recognised--
		}
	}
}

// layRosters notes each main posting, with the groups that concurrent ones add.
func (l *layer) layRosters() {
	concurrent := map[uint64][]Posting{}
	for _, p := range l.f.Postings {
		if !p.Main {
			concurrent[p.CadreID] = append(concurrent[p.CadreID], p)
		}
	}
	for _, p := range l.f.Postings {
		o := l.byID[p.OrganisationID]
		figures, ok := l.own[p.OrganisationID]
		if !p.Main || !ok || o.CountsOnly {
			continue
		}
		from, to := span(l.days, p.From, min(p.To, o.ToDay))
		if more := concurrent[p.CadreID]; len(more) > 0 {
			l.layEachDay(p, more, figures, from, to)
			continue
		}
		for i, id := range p.Groups {
			if g, known := l.group[id]; known && !slices.Contains(p.Groups[:i], id) {
				l.note(figures, g, from, to, p.CadreID)
			}
		}
	}
}

// layEachDay notes a main posting day by day, because the groups that concurrent postings add come and go.
func (l *layer) layEachDay(p Posting, concurrent []Posting, figures []Figure, from, to int) {
	has := make([]bool, len(l.group))
	mark := func(ids []uint64) {
		for _, id := range ids {
			if g, known := l.group[id]; known {
				has[g] = true
			}
		}
	}
	for k := from; k < to; k++ {
		clear(has)
		mark(p.Groups)
		for _, x := range concurrent {
			if x.From <= l.days[k] && l.days[k] < min(x.To, l.byID[x.OrganisationID].ToDay) {
				mark(x.Groups)
			}
		}
		for g, yes := range has {
			if yes {
				l.note(figures, g, k, k+1, p.CadreID)
			}
		}
	}
}

// coveredSpans says for each cadre from which to before which of the days, as indices, the cadre is covered, and over which of them not
// without recognised training.
func (f Facts) coveredSpans(days []models.Day) (covered, recognised map[uint64][][2]int) {
	all := slices.Clone(f.Completions)
	slices.SortStableFunc(all, func(a, b Completion) int { return cmp.Compare(a.CadreID, b.CadreID) })
	covered, recognised = map[uint64][][2]int{}, map[uint64][][2]int{}
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].CadreID == all[i].CadreID {
			j++
		}
		if s := f.coveredOver(all[i:j], days); len(s) > 0 {
			covered[all[i].CadreID] = s
			if own := withoutRecognised(all[i:j]); len(own) < j-i {
				recognised[all[i].CadreID] = apart(s, f.coveredOver(own, days))
			}
		}
		i = j
	}
	return covered, recognised
}

// apart gives where the first list of spans, in order, lies without the second.
func apart(a, b [][2]int) (out [][2]int) {
	for _, s := range a {
		from := s[0]
		for _, x := range b {
			if from < min(x[0], s[1]) {
				out = append(out, [2]int{from, min(x[0], s[1])})
			}
			from = max(from, x[1])
		}
		if from < s[1] {
			out = append(out, [2]int{from, s[1]})
		}
	}
	return out
}

// coveredOver says over which of the days a cadre with these completions is covered.
func (f Facts) coveredOver(completions []Completion, days []models.Day) (out [][2]int) {
	for _, s := range spells(f.Plan, completions) {
		if from, to := span(days, models.Day(s[0]), models.Day(s[1])); from < to {
			out = append(out, [2]int{from, to})
		}
	}
	return out
}

// spells gives the days, from one to before another, on which a cadre with these completions is covered within the plan's period: where
// the spans of all components meet.
func spells(p *plan.Plan, completions []Completion) [][2]int {
	covered := [][2]int{{int(p.FromDay), int(p.ToDay)}}
	for _, c := range p.Components {
		var has [][2]int
		for _, x := range completions {
			if !x.Voided && p.Covers(x.Day) && x.Components.Has(c.Component) {
				has = append(has, [2]int{int(x.Day), int(plan.Expiry(x.Day, c.ExpiresMonths))})
			}
		}
		covered = meet(covered, join(has))
	}
	return covered
}

// Since gives the first day of the time without a break over which a cadre with these completions is covered and that holds the day;
// no day where the cadre is not covered.
func Since(p *plan.Plan, completions []Completion, day models.Day) models.Day {
	for _, s := range spells(p, completions) {
		if s[0] <= int(day) && int(day) < s[1] {
			return models.Day(s[0])
		}
	}
	return 0
}

// Until gives the last day of that time, as far as it ends because something expires; no day where it lasts to the end of the plan.
func Until(p *plan.Plan, completions []Completion, day models.Day) models.Day {
	for _, s := range spells(p, completions) {
		if s[0] <= int(day) && int(day) < s[1] && s[1] < int(p.ToDay) {
			return models.Day(s[1]) - 1
		}
	}
	return 0
}

// join puts spans in order and makes one of those that touch.
func join(spans [][2]int) [][2]int {
	slices.SortFunc(spans, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s[0] <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], s[1])
		} else if s[0] < s[1] {
			out = append(out, s)
		}
	}
	return out
}

// meet gives where two lists of spans, each in order, overlap.
func meet(a, b [][2]int) (out [][2]int) {
	for len(a) > 0 && len(b) > 0 {
		if from, to := max(a[0][0], b[0][0]), min(a[0][1], b[0][1]); from < to {
			out = append(out, [2]int{from, to})
		}
		if a[0][1] < b[0][1] {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// layDeclared lays the declarations on the days for which they are in force.
func (l *layer) layDeclared() {
	sorted := slices.Clone(l.f.Headcounts)
	slices.SortFunc(sorted, func(a, b models.Headcount) int {
		if laterDeclared(a, b) {
			return 1
		}
		return -1
	})
	for _, h := range sorted { // a later one overwrites from its day on
		figures, ok := l.own[h.OrganisationID]
		g, known := l.group[h.GroupID]
		if !ok || !known {
			continue
		}
		from, _ := span(l.days, h.EffectiveDay, models.Forever)
		for k := from; k < len(l.days); k++ {
			fig := &figures[k*len(l.group)+g]
			fig.declare(h, l.byID[h.OrganisationID].CountsOnly)
		}
	}
}

// span gives the indices of the days in [from, to).
func span(days []models.Day, from, to models.Day) (int, int) {
	i, _ := slices.BinarySearch(days, from)
	j, _ := slices.BinarySearch(days, to)
	return i, max(i, j)
}
