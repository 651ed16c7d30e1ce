package coverage

import (
	"context"

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
		r, err := a.report()
		if err != nil {
			return nil, err
		}
		for _, n := range r.Nodes {
			out[n.ID] = n.Figures
		}
	}
	return out, nil
}
