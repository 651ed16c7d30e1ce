package coverage

import "taphuan/models"

// Gap is an organisation whose own roster and declaration of a group do not agree: it lists fewer than it declares, or says nothing
// although it should have cadres of the group.
type Gap struct {
	models.Organisation
	Group    models.TargetGroup
	Roster   int
	Declared int // 0 where it is silent
	Silent   bool
}

// Gaps gives the organisations of the report that list fewer than they declare, and those that are silent, in tree order; group narrows
// them to one group's code. What is short adds up to what the report's figures hold beyond the rosters, and the silent ones to Unreported.
// Organisations that may not keep names list nobody, and are no gap.
func (r *Report) Gaps(group string) []Gap {
	own := make([][]Figure, len(r.Plan.Groups))
	for g, x := range r.Plan.Groups {
		if group == "" || x.Code == group {
			own[g] = r.own(g)
		}
	}
	var out []Gap
	for i, n := range r.Nodes {
		for g, x := range r.Plan.Groups {
			switch {
			case own[g] == nil:
			case n.Silent[g]:
				out = append(out, Gap{Organisation: n.Organisation, Group: x, Silent: true})
			case !n.CountsOnly && n.Unnamed[g] > 0:
				out = append(out, Gap{Organisation: n.Organisation, Group: x, Roster: own[g][i].Roster, Declared: own[g][i].Denominator})
			}
		}
	}
	return out
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
