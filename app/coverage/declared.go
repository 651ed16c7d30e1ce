package coverage

import (
	"maps"
	"slices"

	"taphuan/app/ledger"
	"taphuan/models"
)

// Gap is an organisation whose own roster and declaration of a group do not agree: it lists fewer than it declares, or says nothing
// although it should have cadres of the group.
type Gap struct {
	models.Organisation
	Group    models.TargetGroup
	Roster   int
	Declared int // 0 where it is silent
	Silent   bool
}

// nameless is what an organisation brings itself to the figure of a group, where people are counted whom no list names, or should be.
type nameless struct {
	models.Organisation
	group models.TargetGroup
	Figure
}

// gap says whether it is a gap. Organisations that may not keep names list nobody, and are none.
func (n nameless) gap() (Gap, bool) {
	g := Gap{Organisation: n.Organisation, Group: n.group, Roster: n.Roster, Declared: n.Denominator}
	if n.Unreported > 0 {
		g.Declared, g.Silent = 0, true
		return g, true
	}
	return g, !n.CountsOnly && n.Denominator > n.Roster
}

// Gaps gives the organisations of the report that list fewer than they declare, and those that are silent, in tree order; group narrows
// them to one group's code. What is short adds up to what the report's figures hold beyond the rosters, and the silent ones to Unreported.
func (r *Report) Gaps(group string) []Gap { return gapsOf(r.nameless(group)) }

func gapsOf(all []nameless) (out []Gap) {
	for _, n := range all {
		if g, ok := n.gap(); ok {
			out = append(out, g)
		}
	}
	return out
}

func (r *Report) nameless(group string) (out []nameless) {
	own := make([][]Figure, len(r.Plan.Groups))
	for g, x := range r.Plan.Groups {
		if group == "" || x.Code == group {
			own[g] = r.own(g)
		}
	}
	for i, n := range r.Nodes {
		for g, x := range r.Plan.Groups {
			if own[g] == nil {
				continue
			}
			f := own[g][i]
			if n.Silent[g] {
				f.Unreported = 1
			}
			if f.Unreported > 0 || f.Denominator > f.Roster || f.Declaring > 0 && f.Roster == 0 {
				out = append(out, nameless{n.Organisation, x, f})
			}
		}
	}
	return out
}

// nameless gives the report of the organisation asked for, without those below it where the ledger is kept, and where people of a group are counted
// whom no list names, in tree order.
func (a *asked) nameless(group string) (*Report, []nameless, error) {
	if !a.kept {
		r, err := a.report()
		if err != nil {
			return nil, nil, err
		}
		return r, r.nameless(group), nil
	}
	g, err := groupIndex(a.plan, group)
	if err != nil {
		return nil, nil, err
	}
	r, err := a.figures()
	if err != nil {
		return nil, nil, err
	}
	found, err := ledger.WithoutNames(a.db, a.plan, a.day, a.top.Path, a.plan.Groups[g].ID)
	if err != nil {
		return nil, nil, err
	}
	out, err := a.named(found)
	return r, out, err
}

// named reads the organisations of what the ledger found, which stays in its order.
func (a *asked) named(found []ledger.Nameless) ([]nameless, error) {
	byID := map[uint64]models.Organisation{}
	for _, x := range found {
		byID[x.Organisation] = models.Organisation{}
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(byID)), manyTrained) {
		var some []models.Organisation
		if err := a.db.Select(shown).Where("id IN ?", part).Find(&some).Error; err != nil {
			return nil, err
		}
		for _, o := range some {
			byID[o.ID] = o
		}
	}
	out := make([]nameless, len(found))
	for i, x := range found {
		out[i] = nameless{byID[x.Organisation], *a.plan.Group(x.Group), figureOf(x.Sum)}
	}
	return out, nil
}

// own gives what each organisation of the report brings itself to the figure of a group, without those below it.
func (r *Report) own(g int) []Figure {
	out := make([]Figure, len(r.Nodes))
	for i, n := range r.Nodes {
		f := n.Figures[g]
		out[i].Roster, out[i].Denominator, out[i].Covered, out[i].Declaring = f.Roster, f.Denominator, f.Covered, f.Declaring
		if n.Parent >= 0 { // it stands before those below it
			p := &out[n.Parent]
			p.Roster, p.Denominator, p.Covered, p.Declaring = p.Roster-f.Roster, p.Denominator-f.Denominator, p.Covered-f.Covered, p.Declaring-f.Declaring
		}
	}
	return out
}
