package coverage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// newProvince invents a province of a size: offices in blocks, one main posting a cadre and a transfer for a third of them, some
// concurrent postings, a declaration a year and group, and training for two thirds.
func newProvince(cadres, offices int) *world {
	rnd := rand.New(rand.NewPCG(uint64(cadres), 2))
	w := example()
	w.Organisations, w.Postings, w.Headcounts, w.Completions = w.Organisations[:1], nil, nil, nil
	for i, target := range []int{100, 100, 70} {
		w.Plan.Groups = append(w.Plan.Groups, models.TargetGroup{ID: uint64(i + 2), PlanID: 1, Code: fmt.Sprintf("G%d", i), TargetPercent: target, Position: i + 2})
	}
	root := uint64(1)
	for i := range offices + 7 {
		id := uint64(i + 2)
		o := models.Organisation{ID: id, Code: fmt.Sprintf("O%d", id), Name: "Cơ quan", Kind: models.KindBlock, Level: models.LevelProvince, FromDay: day("1900-01-01"), ToDay: models.Forever,
			ParentID: &root, Depth: 1, Path: w.Organisations[0].Path + models.PathPart(id)}
		if i >= 7 {
			block := w.Organisations[1+i%7]
			o.Kind, o.ParentID, o.Depth, o.Path = models.KindStateAgency, &block.ID, 2, block.Path+models.PathPart(id)
		}
		w.Organisations = append(w.Organisations, o)
	}
	office := func() uint64 { return uint64(9 + rnd.IntN(offices)) }
	for i := range cadres {
		id := uint64(i + 1)
		g := []uint64{uint64(1 + rnd.IntN(4))}
		if rnd.IntN(5) == 0 {
			g = append(g, g[0]%4+1)
		}
		p := coverage.Posting{CadreID: id, OrganisationID: office(), From: day("2022-01-01") + models.Day(rnd.IntN(900)), To: models.Forever, Main: true, Groups: g}
		if rnd.IntN(3) == 0 {
			next := p
			p.To = day("2025-07-01")
			next.From, next.OrganisationID = p.To, office()
			w.Postings = append(w.Postings, next)
		}
		w.Postings = append(w.Postings, p)
		if rnd.IntN(20) == 0 {
			w.Postings = append(w.Postings, coverage.Posting{CadreID: id, OrganisationID: office(), From: p.From, To: models.Forever, Groups: []uint64{uint64(1 + rnd.IntN(4))}})
		}
		both := models.ComponentsOf(models.ComponentUpdate, models.ComponentTraining)
		if rnd.IntN(3) != 0 {
			w.Completions = append(w.Completions, coverage.Completion{CadreID: id, Day: day("2023-03-01") + models.Day(rnd.IntN(1300)), Components: both})
		}
		if rnd.IntN(3) == 0 {
			w.Completions = append(w.Completions, coverage.Completion{CadreID: id, Day: day("2023-03-01") + models.Day(rnd.IntN(1300)), Components: models.ComponentUpdate.Set()})
		}
	}
	for _, o := range w.Organisations[8:] {
		for g := range uint64(4) {
			for y := range 3 {
				n := rnd.IntN(1 + cadres*2/offices/4)
				w.Headcounts = append(w.Headcounts, models.Headcount{ID: uint64(len(w.Headcounts) + 1), OrganisationID: o.ID, GroupID: g + 1, EffectiveDay: models.NewDay(2023+y, 1, 1), Declared: &n})
			}
		}
	}
	return w
}

func BenchmarkReport(b *testing.B) {
	for _, d := range []store.Dialect{store.SQLite, store.MySQL} {
		for _, size := range []int{50, 500, 5000, 50000} {
			b.Run(fmt.Sprintf("%s-%d", d, size), func(b *testing.B) {
				db := testdb.Only(b, d)
				w := newProvince(size, min(126, size/2))
				w.store(b, db)
				s := &coverage.Service{DB: db}
				office := w.Organisations[9].Code
				for name, q := range map[string]coverage.Query{"province": {Day: day("2026-11-20")}, "office": {Org: office, Day: day("2026-11-20")}} {
					b.Run(name, func(b *testing.B) {
						for b.Loop() {
							if _, err := s.Rows(context.Background(), access.System(), q); err != nil {
								b.Fatal(err)
							}
						}
					})
				}
			})
		}
	}
}
