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

// Home is what first pages show of coverage.
type Home struct {
	Own      []Own     // of each organisation that the actor heads, today or on its last day
	Province *Report   // of the whole plan and what lies right below its root, for those who see it whole
	Largest  []Largest // where most people are missing in it, the most first; of a country among those right below it
}

// Largest is an organisation in which many of a group are missing.
type Largest struct {
	Ranked
	Group int // index
}

// largestGaps is how many of them a first page names.
const largestGaps = 8

// Own is the coverage of an organisation that the actor heads, with the first of those missing.
type Own struct {
	*Report
	Soon  int        // who stops being covered within the next Soon days, since something expires
	First [][]Person // for each group of the plan: the first who are missing, by given name
	Ways  []Way      // for each group: what is being done about those missing; nil but for today
}

// FirstMissing is how many names a first page shows of each group.
const FirstMissing = 3

// Home gives the figures for an actor's first page; there are none (nil fields) for actors without coverage to read. Today stands
// for the nearest day of the plan and of the organisation. It takes a bounded number of statements for each organisation headed.
func (s *Service) Home(ctx context.Context, actor access.Actor) (*Home, error) {
	h := &Home{}
	if !actor.May(access.CoverageRead) {
		return h, nil
	}
	if actor.Whole(access.CoverageRead) {
		a, err := s.ask(ctx, actor, Query{})
		if err != nil {
			return nil, err
		}
		if h.Province, err = a.overview(); err != nil {
			return nil, err
		}
		if a.top.Kind == models.KindCountry {
			h.Largest = h.Province.largest()
		} else {
			h.Largest, err = a.largest()
		}
		return h, err
	}
	homes, err := s.Homes(ctx, actor)
	if err != nil || len(homes) == 0 {
		return h, err
	}
	today := models.DayOf(s.DB.Time())
	p, err := plan.Current(ctx, s.DB.Read(ctx), today)
	if err != nil {
		return nil, err
	}
	for _, o := range homes {
		own, err := s.own(ctx, actor, p, o.Code, today)
		switch {
		case errs.Is(err, "day_outside_plan") || errs.Is(err, "day_outside_organisation"):
			continue // ended before the plan began, or not there before its end
		case err != nil:
			return nil, err
		}
		h.Own = append(h.Own, own)
	}
	return h, nil
}

func (s *Service) own(ctx context.Context, actor access.Actor, p *plan.Plan, code string, today models.Day) (Own, error) {
	a := &asked{db: s.DB.Read(ctx), sqls: dialect(s.DB.Dialect), plan: p}
	if err := a.about(actor, Query{Org: code}, today); err != nil {
		return Own{}, err
	}
	var err error
	if a.kept, err = ledger.Kept(a.db, p); err != nil {
		return Own{}, err
	}
	r, err := a.overview()
	if err != nil {
		return Own{}, err
	}
	soon, err := a.soon()
	if err != nil {
		return Own{}, err
	}
	own := Own{Report: r, Soon: soon, First: make([][]Person, len(p.Groups))}
	for i, f := range r.Top().Figures {
		if f.Missing() == 0 {
			continue
		}
		m := &Names{Group: p.Groups[i], Part: PartMissing}
		if err := a.readPeople(m, NamesQuery{Size: FirstMissing}); err != nil {
			return Own{}, err
		}
		if err := s.mayOpen(a.db, actor, m.People); err != nil {
			return Own{}, err
		}
		own.First[i] = m.People
	}
	own.Ways, err = s.ways(a, actor)
	return own, err
}

// largest gives the organisations and groups in which most people are missing, at or below the organisation asked for. Groups are not added
// up: one person may be in several. Where the ledger is kept it takes a statement for each group, and two.
func (a *asked) largest() ([]Largest, error) {
	var found []Ranked
	if a.kept {
		var places []ledger.Place
		for _, g := range a.plan.Groups {
			first, _, err := ledger.Rank(a.db, a.plan, ledger.RankQuery{Path: a.top.Path, Group: g.ID, Day: a.day, By: ledger.ByMissing, Down: true, Limit: largestGaps})
			if err != nil {
				return nil, err
			}
			places = append(places, first...)
		}
		slices.SortFunc(places, func(x, y ledger.Place) int { return cmp.Compare(x.Path, y.Path) })
		r := &Ranking{}
		if err := a.readRanked(r, slices.Compact(places)); err != nil {
			return nil, err
		}
		found = r.Ranked
	} else {
		r, err := a.report()
		if err != nil {
			return nil, err
		}
		for i, own := range r.ownFigures() {
			found = append(found, Ranked{Organisation: r.Nodes[i].Organisation, Figures: own})
		}
	}
	return largestOf(found), nil
}

// largest gives those right below the organisation, each with everything below it, and the groups in which most people are missing.
func (r *Report) largest() []Largest {
	var next []Ranked
	for _, n := range r.Children() {
		next = append(next, Ranked{Organisation: n.Organisation, Above: r.Top().Name, Figures: n.Figures})
	}
	return largestOf(next)
}

func largestOf(found []Ranked) []Largest {
	var all []Largest
	for _, x := range found {
		for g, f := range x.Figures {
			if f.Missing() > 0 {
				all = append(all, Largest{x, g})
			}
		}
	}
	slices.SortFunc(all, func(x, y Largest) int {
		return cmp.Or(y.Figures[y.Group].Missing()-x.Figures[x.Group].Missing(), byPath(x.Organisation, y.Organisation), x.Group-y.Group)
	})
	return all[:min(len(all), largestGaps)]
}
