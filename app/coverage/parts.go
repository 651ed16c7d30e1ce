package coverage

import (
	"context"

	"taphuan/app/ledger"
	"taphuan/models"
)

// Part is a part of what a figure counts.
type Part string

// The parts. Those on leave are covered or missing as well, and those recognised are covered.
const (
	PartCovered    Part = "covered"    // by name
	PartRecognised Part = "recognised" // of them: who would not be without recognised training
	PartMissing    Part = "missing"    // by name
	PartLeave      Part = "leave"      // by name, on leave that day
	PartShort      Part = "short"      // declared but not listed
	PartTold       Part = "told"       // of organisations that give counts only
	PartSilent     Part = "silent"     // organisations that should have cadres of the group and say nothing
)

// AllParts are the parts in the order in which they are told.
var AllParts = []Part{PartCovered, PartRecognised, PartMissing, PartLeave, PartShort, PartTold, PartSilent}

// People says whether the part is a list of people; others are lists of organisations.
func (p Part) People() bool {
	return p == PartCovered || p == PartRecognised || p == PartMissing || p == PartLeave
}

// Parts are what a figure is the sum of: its denominator is Covered + Missing + Short + ToldCovered + ToldMissing, its covered are
// Covered + ToldCovered.
type Parts struct {
	Covered, Recognised, CoveredAway int // by name; the second and the third are among the first
	Missing, MissingAway             int // by name
	Short                            int // people
	ToldCovered, ToldMissing         int // of organisations that give counts only
	Silent                           int // organisations
}

// Of gives how many the part holds: people, of the silent organisations.
func (p Parts) Of(part Part) int {
	switch part {
	case PartCovered:
		return p.Covered
	case PartRecognised:
		return p.Recognised
	case PartMissing:
		return p.Missing
	case PartLeave:
		return p.CoveredAway + p.MissingAway
	case PartShort:
		return p.Short
	case PartTold:
		return p.ToldCovered + p.ToldMissing
	case PartSilent:
		return p.Silent
	}
	return 0
}

// Unnamed is how many are counted but not covered and on no list.
func (p Parts) Unnamed() int { return p.Short + p.ToldMissing }

// MissingParts gives, for each group of the plan, what those missing at the organisation of the report and below it are the sum of: Missing, Short
// and ToldMissing, and beside them ToldCovered. It is nil where the report's figures are not the ledger's. One statement where more are counted than listed, and none
// where they are not.
func (s *Service) MissingParts(ctx context.Context, r *Report) ([]Parts, error) {
	if !r.kept {
		return nil, nil
	}
	out, beyond := make([]Parts, len(r.Plan.Groups)), 0
	for g, f := range r.Top().Figures {
		out[g] = Parts{Missing: f.Roster - f.Covered, Short: f.Denominator - f.Roster}
		beyond += out[g].Short
	}
	if beyond == 0 {
		return out, nil
	}
	told, err := ledger.Told(s.DB.Read(ctx), r.Plan, r.Day, r.Top().Path)
	for g, t := range told {
		p := &out[g]
		p.ToldCovered, p.ToldMissing = t.Covered, t.Denominator-t.Covered
		p.Missing, p.Short = p.Missing+t.Covered, p.Short-t.Denominator
	}
	return out, err
}

// name adds people of whom a list gives the names.
func (p *Parts) name(covered bool, people, away, recognised int) {
	if covered {
		p.Covered, p.CoveredAway, p.Recognised = p.Covered+people, p.CoveredAway+away, p.Recognised+recognised
	} else {
		p.Missing, p.MissingAway = p.Missing+people, p.MissingAway+away
	}
}

// Told is what an organisation that gives counts only says of a group.
type Told struct {
	models.Organisation
	Declared, Covered int
}

// withoutNames says where people are counted, or should be, whom no list names.
func (n *Names) withoutNames(all []nameless) {
	for _, x := range all {
		g, gap := x.gap()
		switch {
		case gap && g.Silent:
			n.Silent = append(n.Silent, g)
			n.Parts.Silent++
		case gap:
			n.Short = append(n.Short, g)
			n.Parts.Short += g.Declared - g.Roster
		case x.CountsOnly && x.Declaring > 0:
			n.Told = append(n.Told, Told{x.Organisation, x.Denominator, x.Covered})
			n.Parts.ToldCovered += x.Covered
			n.Parts.ToldMissing += x.Missing()
		}
	}
}
