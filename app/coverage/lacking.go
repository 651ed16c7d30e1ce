package coverage

import (
	"context"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/models"
)

// Lacker is somebody whom a figure counts as missing and of whom the name is known, as numbers.
type Lacker struct {
	CadreID uint64
	Office  uint64             // organisation of the main posting
	Groups  uint64             // bits by the plan's order, of main and concurrent postings
	Lacks   []models.Component // in the plan's order
	Away    bool               // on leave that day
}

// MaxLackers is how many missing people are listed at once: more than a province has.
const MaxLackers = 50_000

// Lackers gives the figures of an organisation and everybody who is missing in them by name, whatever the group, in the order of the tree and
// then of names: each once. Four statements, whatever their number. It refuses as Rows does, and more than MaxLackers with
// "too_many_missing".
func (s *Service) Lackers(ctx context.Context, actor access.Actor, q Query) (*Report, []Lacker, error) {
	a, err := s.ask(ctx, actor, q)
	if err != nil {
		return nil, nil, err
	}
	r, err := a.overview()
	if err != nil {
		return nil, nil, err
	}
	missing := 0
	for _, f := range r.Top().Figures {
		missing += f.Missing()
	}
	if missing > MaxLackers {
		return nil, nil, errs.Invalid("too_many_missing", errs.Params{"n": MaxLackers})
	}
	all, err := a.lackers()
	return r, all, err
}

func (a *asked) lackers() ([]Lacker, error) {
	bits := make(map[uint64]uint64, len(a.plan.Groups))
	for i, g := range a.plan.Groups {
		bits[g.ID] = 1 << i
	}
	var w sqlWriter
	w.add("SELECT r.cadre_id, r.organisation_id, r.lacking, ")
	a.away(&w, "r.posting_id")
	w.add(" IS NOT NULL, COALESCE(g.group_id, 0) FROM (")
	a.rosterColumns(&w)
	a.mainPostings(&w)
	w.add(") r JOIN organisations o ON o.id = r.organisation_id AND ")
	a.lists(&w)
	w.add(" JOIN cadres c ON c.id = r.cadre_id LEFT JOIN posting_groups g ON g.posting_id = r.posting_id WHERE r.lacking <> 0 AND ")
	below, args := access.Subtree("o.path", a.top.Path) // a plan need not be of all organisations that there are
	w.add(below+" ORDER BY o.path, c.sort_key, c.id", args...)
	var all []Lacker
	at := map[uint64]int{}
	var x Lacker
	var lacking int
	var group uint64
	err := a.each(&w, func() {
		i, ok := at[x.CadreID]
		if !ok {
			i = len(all)
			at[x.CadreID] = i
			all = append(all, Lacker{CadreID: x.CadreID, Office: x.Office, Away: x.Away})
			for k, c := range a.plan.Components {
				if lacking&(1<<k) != 0 {
					all[i].Lacks = append(all[i].Lacks, c.Component)
				}
			}
		}
		all[i].Groups |= bits[group]
	}, &x.CadreID, &x.Office, &lacking, &x.Away, &group)
	if err != nil || len(all) == 0 {
		return all, err
	}
	w = sqlWriter{}
	w.add("SELECT p.cadre_id, xg.group_id FROM ")
	a.concurrentPostings(&w)
	var cadre uint64
	return all, a.each(&w, func() {
		if i, ok := at[cadre]; ok {
			all[i].Groups |= bits[group]
		}
	}, &cadre, &group)
}
