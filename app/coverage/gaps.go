package coverage

import (
	"cmp"
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/ledger"
	"taphuan/models"
)

// GapQuery asks for the gaps at or below an organisation.
type GapQuery struct {
	Query
	Group string         // code; "": of all groups
	Kind  ledger.GapKind // "": both
	By    ledger.GapOrder
	Down  bool
	Page  int // from 1; one behind the last is the first
	Size  int // 0: all
}

// GapPage is a page of gaps, and how many there are in all.
type GapPage struct {
	*Report
	Gaps          []Gap
	Short, Silent ledger.GapCount // whatever kind is asked for
	People        int             // whom the short ones declare and do not list, each group by itself
	Total         int             // of the kind that is asked for
	Page          int             // the one given
}

// Gaps gives the organisations at or below the one asked for that list fewer than they declare, and those that are silent. The report is that of the
// organisation itself. It refuses as Rows does, and groups that the plan does not know with not_found. Where the ledger is kept the database
// counts and sorts them, and only those of the page are read.
func (s *Service) Gaps(ctx context.Context, actor access.Actor, q GapQuery) (*GapPage, error) {
	a, err := s.ask(ctx, actor, q.Query)
	if err != nil {
		return nil, err
	}
	groups := a.plan.Groups
	if q.Group != "" {
		g, err := groupIndex(a.plan, q.Group)
		if err != nil {
			return nil, err
		}
		groups = groups[g : g+1]
	}
	out := &GapPage{Page: max(q.Page, 1)}
	if !a.kept {
		r, err := a.report()
		if err != nil {
			return nil, err
		}
		out.fill(r, q)
		return out, nil
	}
	if out.Report, err = a.figures(); err != nil {
		return nil, err
	}
	return out, a.gaps(out, groups, q)
}

// gaps reads those of the page from the ledger.
func (a *asked) gaps(out *GapPage, groups []models.TargetGroup, q GapQuery) error {
	ask := ledger.GapQuery{Path: a.top.Path, Day: a.day, Kind: q.Kind, By: q.By, Down: q.Down, Offset: (out.Page - 1) * q.Size, Limit: q.Size}
	for _, g := range groups {
		ask.Groups = append(ask.Groups, g.ID)
	}
	found, counts, err := ledger.Gaps(a.db, a.plan, ask)
	if err != nil {
		return err
	}
	out.count(counts[ledger.GapShort], counts[ledger.GapSilent], q.Kind)
	if out.Total > 0 && len(found) == 0 {
		out.Page, ask.Offset = 1, 0
		if found, _, err = ledger.Gaps(a.db, a.plan, ask); err != nil {
			return err
		}
	}
	told, err := ledger.Told(a.db, a.plan, a.day, a.top.Path)
	if err != nil {
		return err
	}
	for i, g := range a.plan.Groups {
		if slices.Contains(ask.Groups, g.ID) {
			out.People += out.Top().Figures[i].Denominator - out.Top().Figures[i].Roster - told[i].Denominator
		}
	}
	all, err := a.named(found)
	out.Gaps = gapsOf(all)
	return err
}

func (p *GapPage) count(short, silent ledger.GapCount, kind ledger.GapKind) {
	p.Short, p.Silent = short, silent
	if kind != ledger.GapSilent {
		p.Total += short.Rows
	}
	if kind != ledger.GapShort {
		p.Total += silent.Rows
	}
}

// fill takes the page from a report whose figures were counted.
func (p *GapPage) fill(r *Report, q GapQuery) {
	p.Report = r
	var short, silent ledger.GapCount
	var shortAt, silentAt uint64 // the last organisation of each kind: those of one come one after the other
	var gaps []Gap
	for _, g := range r.Gaps(q.Group) {
		count, at := &short, &shortAt
		if g.Silent {
			count, at = &silent, &silentAt
		}
		count.Rows++
		if *at != g.ID {
			*at = g.ID
			count.Offices++
		}
		p.People += g.Declared - g.Roster
		if q.Kind == "" || g.Silent == (q.Kind == ledger.GapSilent) {
			gaps = append(gaps, g)
		}
	}
	p.count(short, silent, q.Kind)
	sortGaps(gaps, q.By, q.Down)
	if q.Size > 0 && len(gaps) > 0 {
		if (p.Page-1)*q.Size >= len(gaps) {
			p.Page = 1
		}
		gaps = gaps[(p.Page-1)*q.Size : min(p.Page*q.Size, len(gaps))]
	}
	p.Gaps = gaps
}

// sortGaps puts gaps, which are in tree order, in the order asked for, as ledger.Gaps does.
func sortGaps(gaps []Gap, by ledger.GapOrder, down bool) {
	of := func(g Gap) int {
		switch by {
		case ledger.GapsByGroup:
			return g.Group.Position
		case ledger.GapsByListed:
			return g.Roster
		case ledger.GapsByDeclared:
			return g.Declared
		case ledger.GapsByMore:
			return g.Declared - g.Roster
		}
		return 0
	}
	slices.SortStableFunc(gaps, func(a, b Gap) int {
		n := cmp.Compare(of(a), of(b))
		if by == ledger.GapsByTree {
			n = byPath(a.Organisation, b.Organisation)
		}
		if down {
			return -n
		}
		return n
	})
}
