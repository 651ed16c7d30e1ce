package coverage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"taphuan/app/coverage"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// TestTheEffectOfAChangeIsWhatTheDefinitionSaysOfBothSides moves people about in invented provinces and compares what Effect says
// beforehand with the figures of the whole province before and after.
func TestTheEffectOfAChangeIsWhatTheDefinitionSaysOfBothSides(t *testing.T) {
	t.Parallel()
	today := time.Date(2024, 3, 15, 8, 0, 0, 0, models.Zone)
	days := []models.Day{day("2023-12-31"), day("2024-03-15"), day("2024-12-31")}
	said := 0
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		for seed := range uint64(6) {
			w := newWorld(3000 + seed)
			w.store(t, db)
			rnd := rand.New(rand.NewPCG(seed, 7))
			for range 10 {
				cadre := uint64(1 + rnd.IntN(30))
				var others, before []coverage.Posting
				for _, p := range w.Postings {
					if p.CadreID == cadre {
						before = append(before, p)
					} else {
						others = append(others, p)
					}
				}
				after := slices.Clone(before)
				if len(after) > 0 {
					i := rnd.IntN(len(after))
					switch rnd.IntN(3) {
					case 0:
						after = slices.Delete(after, i, i+1)
					case 1:
						after[i].Groups = []uint64{uint64(1 + rnd.IntN(3))}
					case 2:
						after[i].OrganisationID = uint64(5 + rnd.IntN(9))
					}
				} else {
					after = append(after, coverage.Posting{CadreID: cadre, OrganisationID: uint64(5 + rnd.IntN(9)), From: w.day(), To: models.Forever, Main: true, Groups: []uint64{1, 2}})
				}
				got, err := s.Effect(t.Context(), before, after)
				if err != nil {
					t.Fatal(err)
				}
				var have, want []string
				for _, c := range got {
					have = append(have, fmt.Sprint(c.Organisation.Code, c.Day, c.Group.Code, words(c.Before), words(c.After)))
				}
				for _, o := range w.Organisations {
					if !slices.ContainsFunc(slices.Concat(before, after), func(p coverage.Posting) bool { return p.Main && p.OrganisationID == o.ID }) {
						continue
					}
					for _, d := range days {
						if !o.ExistsOn(d) {
							continue
						}
						side := func(ps []coverage.Posting) []coverage.Figure {
							f := w.Facts
							f.Postings = slices.Concat(others, ps)
							r, err := f.On(o.ID, d)
							if err != nil {
								t.Fatal(err)
							}
							return r.Top().Figures
						}
						was, is := side(before), side(after)
						for i, g := range w.Plan.Groups {
							if words(was[i]) != words(is[i]) {
								want = append(want, fmt.Sprint(o.Code, d, g.Code, words(was[i]), words(is[i])))
							}
						}
					}
				}
				slices.Sort(have)
				slices.Sort(want)
				if !slices.Equal(have, want) {
					t.Fatalf("world %d, cadre %d:\n%v\n%v\n got %q\nwant %q", 3000+seed, cadre, before, after, have, want)
				}
				if db.Dialect == store.SQLite {
					said += len(want)
				}
			}
		}
		if db.Dialect == store.SQLite && said < 20 {
			t.Errorf("only %d figures changed: the test says little", said)
		}
	}, testdb.At(func() time.Time { return today }))
}
