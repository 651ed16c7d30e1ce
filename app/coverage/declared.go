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
	own := make([][]int, len(r.Nodes)) // denominators of organisations themselves
	for i := len(r.Nodes) - 1; i >= 0; i-- {
		if own[i] == nil {
			own[i] = make([]int, len(r.Plan.Groups))
		}
		for g, f := range r.Nodes[i].Figures {
			own[i][g] += f.Denominator
			if p := r.Nodes[i].Parent; p >= 0 {
				if own[p] == nil {
					own[p] = make([]int, len(r.Plan.Groups))
				}
				own[p][g] -= f.Denominator
			}
		}
	}
	var out []Gap
	for i, n := range r.Nodes {
		for g, x := range r.Plan.Groups {
			if group != "" && x.Code != group {
				continue
			}
			switch {
			case n.Silent[g]:
				out = append(out, Gap{Organisation: n.Organisation, Group: x, Silent: true})
			case !n.CountsOnly && n.Unnamed[g] > 0:
				out = append(out, Gap{Organisation: n.Organisation, Group: x, Roster: own[i][g] - n.Unnamed[g], Declared: own[i][g]})
			}
		}
	}
	return out
}
