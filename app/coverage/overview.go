package coverage

import (
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/ledger"
	"taphuan/models"
)

// Overview is Report with the organisation and those right below it alone, each with everything below it. Where the ledger is kept it takes as
// long whatever the number of cadres.
func (s *Service) Overview(ctx context.Context, actor access.Actor, q Query) (*Report, error) {
	a, err := s.ask(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	return a.overview()
}

func (a *asked) overview() (*Report, error) {
	if !a.kept {
		r, err := a.report()
		if err != nil {
			return nil, err
		}
		return r.next(), nil
	}
	next, err := a.next()
	if err != nil {
		return nil, err
	}
	return a.figures(next...)
}

// figures gives the report of the organisation asked for and some right below it from the ledger.
func (a *asked) figures(next ...models.Organisation) (*Report, error) {
	r := newReport(a.plan, a.day, append([]models.Organisation{a.top}, next...))
	r.Trail, r.kept = a.trail, true
	figures, err := a.at(r.Nodes)
	if err != nil {
		return nil, err
	}
	for i, n := range r.Nodes {
		r.Nodes[i].Figures = figures[n.ID]
	}
	return r, nil
}

// at asks the ledger for the figures of organisations that exist on the day, each with everything below it, for what is not known.
func (a *asked) at(nodes []Node) (map[uint64][]Figure, error) {
	out := make(map[uint64][]Figure, len(nodes))
	var ids []uint64
	for _, n := range nodes {
		if known := a.known[a.day][n.ID]; known != nil {
			out[n.ID] = slices.Clone(known)
		} else {
			ids = append(ids, n.ID)
		}
	}
	days := []models.Day{a.day}
	if a.before != 0 {
		days = []models.Day{a.before, a.day}
	}
	sums, err := ledger.At(a.db, a.plan, days, ids...)
	for id, list := range sums {
		for k, day := range days {
			a.know(day, id, figuresOf(list[k]))
		}
		out[id] = slices.Clone(a.known[a.day][id])
	}
	return out, err
}

// know keeps what the ledger has said of an organisation with everything below it.
func (a *asked) know(day models.Day, id uint64, figures []Figure) {
	if a.known == nil {
		a.known = map[models.Day]map[uint64][]Figure{}
	}
	if a.known[day] == nil {
		a.known[day] = map[uint64][]Figure{}
	}
	a.known[day][id] = figures
}

// next reads the organisations right below the one asked for that exist on the day, in tree order: those whose parent has ended stand below the
// nearest organisation above that has not.
func (a *asked) next() ([]models.Organisation, error) {
	var out []models.Organisation
	for parents := []uint64{a.top.ID}; len(parents) > 0; {
		var below []models.Organisation
		if err := a.db.Select(shown).Where("parent_id IN ?", parents).Order("path").Find(&below).Error; err != nil {
			return nil, err
		}
		parents = nil
		for _, o := range below {
			if o.ExistsOn(a.day) {
				out = append(out, o)
			} else {
				parents = append(parents, o.ID)
			}
		}
	}
	slices.SortFunc(out, byPath)
	return out, nil
}

// next leaves the organisation asked for and those right below it.
func (r *Report) next() *Report {
	nodes := []Node{r.Nodes[0]}
	out := *r
	out.byID = map[uint64]int{r.Nodes[0].ID: 0}
	for _, n := range r.Children() {
		out.byID[n.ID] = len(nodes)
		nodes = append(nodes, n)
	}
	out.Nodes = nodes
	return &out
}

// readLedger fills the report from the ledger.
func (a *asked) readLedger(r *Report) error {
	own, err := ledger.Below(a.db, a.plan, a.day, a.top.Path)
	if err != nil {
		return err
	}
	for i, n := range r.Nodes {
		for g, x := range own[n.ID] {
			r.Nodes[i].Figures[g] = figureOf(x)
		}
	}
	r.sum()
	return nil
}

func figureOf(s ledger.Sum) Figure {
	f := Figure{Roster: s.Roster, Declaring: s.Declaring, Denominator: s.Denominator, Covered: s.Covered, Recognised: s.Recognised, Unreported: s.Unreported}
	if s.Declaring > 0 {
		f.Declared = &s.Declared
	}
	return f
}
