package coverage_test

import (
	"context"
	"fmt"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// fall is a person of a group on a roster at or below an organisation on a day who was covered on the day before and is not any more.
type fall struct {
	cadre, group uint64
	day          models.Day
}

// falls looks at every cadre, group and day, by the slow definition.
func (n naive) falls(top models.Organisation, from, to models.Day) map[fall]bool {
	out := map[fall]bool{}
	for _, o := range n.Organisations {
		if !n.parents(o)[top.ID] {
			continue
		}
		for _, g := range n.Plan.Groups {
			for d := from; d <= to; d++ {
				if !exists(o, d) {
					continue
				}
				for cadre := range n.roster(o, g.ID, d) {
					if !n.covered(cadre, d) && n.covered(cadre, d-1) {
						out[fall{cadre, g.ID, d}] = true
					}
				}
			}
		}
	}
	return out
}

func TestWhoStopsBeingCoveredIsWhoTheDefinitionLosesDayByDay(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		seen := 0
		for _, seed := range []uint64{3001, 3003, 3005} {
			w := newWorld(seed)
			w.train(seed)
			w.expire(3 + int(seed%7))
			w.store(t, db)
			for _, top := range w.Organisations { // without a ledger the months are counted from the people
				if top.ID == w.Plan.RootID {
					seen += expiring(t, s, naive{w.Facts}, top, w.Plan.FromDay+400)
				}
			}
			testdb.Ledger(t, db)
			for _, day := range []models.Day{w.Plan.FromDay + 250, w.Plan.ToDay - 200} {
				for _, top := range w.Organisations {
					if exists(top, day) && (top.ID == w.Plan.RootID || top.ID%4 == seed%4) {
						seen += expiring(t, s, naive{w.Facts}, top, day)
					}
				}
			}
		}
		if seen < 20 {
			t.Errorf("%d people fell in all worlds", seen)
		}
	})
}

func expiring(t *testing.T, s *coverage.Service, n naive, top models.Organisation, day models.Day) int {
	t.Helper()
	at := fmt.Sprintf("%s on %s", top.Code, day)
	got, err := s.Expiring(context.Background(), access.System(), coverage.ExpiringQuery{Query: coverage.Query{Org: top.Code, Day: day}})
	if err != nil {
		t.Fatal(at, err)
	}
	if len(got.Months) == 0 || len(got.Months) > coverage.ExpiringMonths {
		t.Fatal(at, "months:", len(got.Months))
	}
	last := min(monthsLater(got.Months[len(got.Months)-1].First, 1), n.Plan.ToDay) - 1
	want := n.falls(top, day+1, last)
	months := map[string]int{}
	for f := range want {
		months[fmt.Sprint(f.day.String()[:7], " ", f.group)]++
	}
	for _, m := range got.Months {
		for g, found := range m.N {
			key := fmt.Sprint(m.First.String()[:7], " ", n.Plan.Groups[g].ID)
			if found != months[key] {
				t.Errorf("%s: %s: %d, the definition loses %d", at, key, found, months[key])
			}
		}
	}
	named := map[fall]bool{}
	for _, p := range got.People {
		if p.Name == "" || len(p.Components) == 0 {
			t.Errorf("%s: somebody without a name or without what expires: %+v", at, p)
		}
		for _, g := range p.Groups {
			named[fall{p.Lapse.CadreID, n.Plan.Groups[g].ID, p.Lapse.Day}] = true
		}
	}
	for f := range want {
		if !named[f] {
			t.Errorf("%s: %+v is not named", at, f)
		}
	}
	if len(named) != len(want) {
		t.Errorf("%s: %d named, %d fall", at, len(named), len(want))
	}
	return len(want)
}

func TestNothingIsSaidOfExpiryWhereNothingExpires(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(3000)
		w.store(t, db)
		s := &coverage.Service{DB: db}
		e, err := s.Expiring(context.Background(), access.System(), coverage.ExpiringQuery{Query: coverage.Query{Day: w.Plan.FromDay + 30}})
		if err != nil || len(e.Months) > 0 || e.Total > 0 {
			t.Fatal(e, err)
		}
		if _, err := s.Expiring(context.Background(), access.System(), coverage.ExpiringQuery{Query: coverage.Query{Day: w.Plan.FromDay + 30}, Group: "KHONG"}); !errs.Is(err, "not_found") {
			t.Fatal("an unknown group:", err)
		}
	})
}
