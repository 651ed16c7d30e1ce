package coverage

import (
	"context"
	"maps"
	"slices"

	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/models"
)

// Figures gives, by organisation, the figures of each group of the plan on a day (or the nearest day on which there are figures), for
// the organisations asked for and everything below them: what a list of people stands on who are to be covered. It asks nobody's scope;
// four statements for each organisation asked for.
func (s *Service) Figures(ctx context.Context, p *plan.Plan, day models.Day, tops ...models.Organisation) (map[uint64][]Figure, error) {
	out := map[uint64][]Figure{}
	for _, top := range tops {
		a := &asked{db: s.DB.Read(ctx), sqls: dialect(s.DB.Dialect), plan: p, top: top, day: nearest(p, top, day)}
		var err error
		if a.kept, err = ledger.Kept(a.db, p); err != nil {
			return nil, err
		}
		r, err := a.report()
		if err != nil {
			return nil, err
		}
		maps.Copy(out, r.figures())
	}
	return out, nil
}

// Count is how many of a group an organisation has on its own roster, and how many of them are covered.
type Count struct{ Roster, Covered int }

// Counted is Figures of the whole plan for who has counted the rosters of the day: by organisation, each group of the plan in its order,
// everybody once at the main posting. Figures do not say who is covered by recognised training. On a day without figures it counts by itself.
func (s *Service) Counted(ctx context.Context, p *plan.Plan, day models.Day, counts map[uint64][]Count) (map[uint64][]Figure, error) {
	a := &asked{db: s.DB.Read(ctx), sqls: dialect(s.DB.Dialect), plan: p, top: p.Root, day: nearest(p, p.Root, day)}
	if a.day != day {
		return s.Figures(ctx, p, day, p.Root)
	}
	r, err := a.empty()
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		for i, n := range counts[id] {
			r.listed(id, p.Groups[i].ID, n.Roster, n.Covered)
		}
	}
	if err := a.readDeclared(r); err != nil {
		return nil, err
	}
	r.fold()
	return r.figures(), nil
}

// figures gives the figures of each organisation.
func (r *Report) figures() map[uint64][]Figure {
	out := make(map[uint64][]Figure, len(r.Nodes))
	for _, n := range r.Nodes {
		out[n.ID] = n.Figures
	}
	return out
}
