package coverage

import (
	"strconv"
	"strings"

	"taphuan/app/plan"
	"taphuan/models"
)

// Figure is the coverage of one target group in an organisation and everything below it.
type Figure struct {
	Roster      int  // cadres on the rosters who have the group
	Declared    *int // sum of what was declared, nil where nothing was
	Declaring   int  // organisations that have declared something
	Denominator int
	Covered     int
	Recognised  int // of the covered: who would not be without recognised training
	Unreported  int // organisations that should have cadres of the group and say nothing
}

// Percent is covered of the denominator, rounded down; nil with denominator 0.
func (f Figure) Percent() *Percent {
	if f.Denominator == 0 {
		return nil
	}
	p := Percent(f.Covered * 1000 / f.Denominator)
	return &p
}

// Met says whether a target (a whole percentage) is met; nil with denominator 0.
func (f Figure) Met(target int) *bool {
	if f.Denominator == 0 {
		return nil
	}
	met := f.Covered*100 >= target*f.Denominator
	return &met
}

// Missing is how many are not covered, named or not.
func (f Figure) Missing() int { return f.Denominator - f.Covered }

// ToTarget is how many more must be covered to meet the target.
func (f Figure) ToTarget(target int) int { return max((target*f.Denominator+99)/100-f.Covered, 0) }

func (f *Figure) add(g Figure) {
	f.Roster += g.Roster
	f.Denominator += g.Denominator
	f.Covered += g.Covered
	f.Recognised += g.Recognised
	f.Unreported += g.Unreported
	f.Declaring += g.Declaring
	if g.Declared != nil {
		sum := *g.Declared
		if f.Declared != nil {
			sum += *f.Declared
		}
		f.Declared = &sum
	}
}

// Percent is a percentage in tenths: 666 is 66.6 %.
type Percent int

// Float gives the percentage with its one decimal.
func (p Percent) Float() float64 { return float64(p) / 10 }

// String is "66.6".
func (p Percent) String() string { return strconv.Itoa(int(p)/10) + "." + strconv.Itoa(int(p)%10) }

// MarshalJSON gives the number 66.6.
func (p Percent) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// Row is the coverage of one group in one organisation and everything below it, as the command line, the API and exports give it.
type Row struct {
	Organisation  string   `json:"organisation"` // code
	Group         string   `json:"group"`        // code
	TargetPercent int      `json:"target_percent"`
	Roster        int      `json:"roster"`
	Declared      *int     `json:"declared"`
	Denominator   int      `json:"denominator"`
	Covered       int      `json:"covered"`
	Percent       *Percent `json:"percent"`
	Met           *bool    `json:"met"`
	Unreported    int      `json:"unreported"`
}

// Row writes the figure of an organisation and a group as a row.
func (f Figure) Row(organisation string, g models.TargetGroup) Row {
	return Row{Organisation: organisation, Group: g.Code, TargetPercent: g.TargetPercent, Roster: f.Roster, Declared: f.Declared,
		Denominator: f.Denominator, Covered: f.Covered, Percent: f.Percent(), Met: f.Met(g.TargetPercent), Unreported: f.Unreported}
}

// Node is an organisation with its figures, one a group in the plan's order.
type Node struct {
	models.Organisation
	Parent  int // index of the nearest organisation above it in the report; -1 for the first
	Figures []Figure
	Silent  []bool // for each group: the organisation itself should have cadres of it and says nothing
	Unnamed []int  // for each group: how many that the organisation itself counts are not covered and on no list
}

// Report is the coverage of an organisation and of everything below it on a day.
type Report struct {
	Plan  *plan.Plan
	Day   models.Day
	Trail []models.Organisation // those above the first node that the reader may see too, from the top
	Nodes []Node                // the organisation asked for first, then those below it in tree order

	byID    map[uint64]int
	byGroup map[uint64]int
	kept    bool // its figures are the ledger's
}

// Top is the organisation that was asked for.
func (r *Report) Top() Node { return r.Nodes[0] }

// Children are the nodes right below the organisation that was asked for, in tree order.
func (r *Report) Children() []Node {
	var out []Node
	for _, n := range r.Nodes[1:] {
		if n.Parent == 0 {
			out = append(out, n)
		}
	}
	return out
}

// Rows gives every organisation with every group.
func (r *Report) Rows() []Row {
	rows := make([]Row, 0, len(r.Nodes)*len(r.Plan.Groups))
	for _, n := range r.Nodes {
		for i, g := range r.Plan.Groups {
			rows = append(rows, n.Figures[i].Row(n.Code, g))
		}
	}
	return rows
}

// newReport makes a report without figures; existing holds the organisations that exist on the day, in tree order, the one asked for first.
func newReport(p *plan.Plan, day models.Day, existing []models.Organisation) *Report {
	r := &Report{Plan: p, Day: day, Nodes: make([]Node, len(existing)), byID: make(map[uint64]int, len(existing)), byGroup: make(map[uint64]int, len(p.Groups))}
	for i, g := range p.Groups {
		r.byGroup[g.ID] = i
	}
	figures := make([]Figure, len(existing)*len(p.Groups))
	silent := make([]bool, len(figures))
	unnamed := make([]int, len(figures))
	var above []int // from the top to the node before
	for i, o := range existing {
		for len(above) > 0 && !isAtOrBelow(o.Path, existing[above[len(above)-1]].Path) {
			above = above[:len(above)-1]
		}
		parent := -1
		if len(above) > 0 {
			parent = above[len(above)-1]
		}
		above = append(above, i)
		r.byID[o.ID] = i
		from, to := i*len(p.Groups), (i+1)*len(p.Groups)
		r.Nodes[i] = Node{Organisation: o, Parent: parent, Figures: figures[from:to:to], Silent: silent[from:to:to], Unnamed: unnamed[from:to:to]}
	}
	return r
}

// figure finds the figure of an organisation and group; nil where neither the plan nor the report knows them.
func (r *Report) figure(organisation, group uint64) (*Node, *Figure) {
	i, ok := r.byID[organisation]
	g, known := r.byGroup[group]
	if !ok || !known || r.Nodes[i].Kind.IsTotal() {
		return nil, nil
	}
	return &r.Nodes[i], &r.Nodes[i].Figures[g]
}

// listed adds cadres of a roster. Organisations that only give counts have no roster, and nodes for totals have nobody.
func (r *Report) listed(organisation, group uint64, roster, covered int) {
	if n, f := r.figure(organisation, group); f != nil && !n.CountsOnly {
		f.Roster += roster
		f.Covered += covered
	}
}

// recognised adds those of a roster who are covered, and would not be without recognised training.
func (r *Report) recognised(organisation, group uint64, n int) {
	if node, f := r.figure(organisation, group); f != nil && !node.CountsOnly {
		f.Recognised += n
	}
}

// declared notes the declaration in force; nil withdraws.
func (r *Report) declared(h models.Headcount) {
	if n, f := r.figure(h.OrganisationID, h.GroupID); f != nil {
		f.declare(h, n.CountsOnly)
	}
}

// declare puts a declaration into an organisation's own figure, in place of the one before.
func (f *Figure) declare(h models.Headcount, countsOnly bool) {
	f.Declared, f.Declaring = h.Declared, 0
	if h.Declared != nil {
		f.Declaring = 1
	}
	if countsOnly {
		f.Covered = 0
		if h.Declared != nil && h.Covered != nil {
			f.Covered = min(*h.Covered, *h.Declared)
		}
	}
}

// settle works out an organisation's own denominator, and whether its silence counts.
func (f *Figure) settle(expected func() bool) {
	f.Denominator = f.Roster
	if f.Declared != nil {
		f.Denominator = max(f.Roster, *f.Declared)
	} else if f.Roster == 0 && expected() {
		f.Unreported = 1
	}
}

// unnamed is how many of an organisation's own figure are neither covered nor on its roster: declared but not listed or, where
// only counts are given, all that are not covered.
func (f *Figure) unnamed(countsOnly bool) int {
	if countsOnly {
		return f.Missing()
	}
	return f.Denominator - f.Roster
}

// fold settles each organisation's own figures and adds them up the tree in one pass.
func (r *Report) fold() {
	for i := range r.Nodes {
		if n := &r.Nodes[i]; !n.Kind.IsTotal() {
			for j := range n.Figures {
				n.Figures[j].settle(func() bool { return r.Plan.Expects(n.Organisation, r.Plan.Groups[j].ID, r.Day) })
			}
		}
	}
	r.sum()
}

// sum adds the organisations' own figures, which are settled, up the tree.
func (r *Report) sum() {
	for i := range r.Nodes {
		n := &r.Nodes[i]
		if n.Kind.IsTotal() {
			continue
		}
		for j := range n.Figures {
			n.Silent[j] = n.Figures[j].Unreported > 0
			n.Unnamed[j] = n.Figures[j].unnamed(n.CountsOnly)
		}
	}
	for i := len(r.Nodes) - 1; i > 0; i-- {
		for j, f := range r.Nodes[i].Figures {
			r.Nodes[r.Nodes[i].Parent].Figures[j].add(f)
		}
	}
}

func byPath(a, b models.Organisation) int { return strings.Compare(a.Path, b.Path) }

// isAtOrBelow says whether path lies in the subtree of top. Segments have a fixed width, so a prefix is enough.
func isAtOrBelow(path, top string) bool { return strings.HasPrefix(path, top) }
