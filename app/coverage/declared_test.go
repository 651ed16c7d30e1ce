package coverage_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/internal/testdb"
)

func TestGapsAddUpToWhatTheFiguresHoldBeyondTheRosters(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(60) {
		w := newWorld(seed)
		d := w.day()
		r, err := w.On(1, d)
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range r.Plan.Groups {
			short, silent, counted := 0, 0, 0
			for _, x := range r.Gaps(g.Code) {
				switch {
				case x.Silent:
					silent++
				case x.Declared <= x.Roster || x.CountsOnly:
					t.Errorf("%+v is no gap", x)
				default:
					short += x.Declared - x.Roster
				}
				found++
			}
			for _, n := range r.Nodes {
				if n.CountsOnly && n.Parent >= 0 {
					counted += n.Figures[i].Denominator - n.Figures[i].Roster
				}
			}
			f := r.Top().Figures[i]
			if short+counted != f.Denominator-f.Roster {
				t.Errorf("seed %d group %s: %d short and %d counted, the figure holds %d beyond the rosters", seed, g.Code, short, counted, f.Denominator-f.Roster)
			}
			if silent != f.Unreported {
				t.Errorf("seed %d group %s: %d silent, the figure says %d", seed, g.Code, silent, f.Unreported)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d gaps in all worlds", found)
	}
}

func TestTheDatabaseCountsAndSortsGapsAsTheDefinitionDoes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		found := 0
		for seed := range uint64(3) {
			w := newWorld(400 + seed)
			w.store(t, db)
			testdb.Ledger(t, db)
			for range 3 {
				q := coverage.GapQuery{Query: coverage.Query{Day: w.day()}, Size: 4}
				for _, q.Group = range []string{"", "B"} {
					for _, q.Kind = range []ledger.GapKind{"", ledger.GapShort, ledger.GapSilent} {
						for _, q.By = range []ledger.GapOrder{"", ledger.GapsByTree, ledger.GapsByGroup, ledger.GapsByListed, ledger.GapsByDeclared, ledger.GapsByMore} {
							for _, q.Down = range []bool{false, true} {
								found += w.gaps(t, db, q)
							}
						}
					}
				}
			}
		}
		if found < 500 {
			t.Errorf("only %d gaps in all", found)
		}
	})
}

// gaps walks through the pages of gaps and holds them to the definition; it says how many there were.
func (w *world) gaps(t *testing.T, db *store.DB, q coverage.GapQuery) int {
	t.Helper()
	r, err := w.On(1, q.Day)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	var short, silent, people int
	gaps := r.Gaps(q.Group)
	for _, g := range gaps {
		people += g.Declared - g.Roster
		if g.Silent {
			silent++
		} else {
			short++
		}
	}
	gaps = slices.DeleteFunc(gaps, func(g coverage.Gap) bool { return q.Kind != "" && g.Silent != (q.Kind == ledger.GapSilent) })
	slices.SortStableFunc(gaps, func(a, b coverage.Gap) int {
		n := map[ledger.GapOrder]int{ledger.GapsByTree: cmp.Compare(a.Path, b.Path), ledger.GapsByGroup: a.Group.Position - b.Group.Position, ledger.GapsByListed: a.Roster - b.Roster,
			ledger.GapsByDeclared: a.Declared - b.Declared, ledger.GapsByMore: a.Declared - a.Roster - b.Declared + b.Roster}[q.By]
		if q.Down {
			return -n
		}
		return n
	})
	for _, g := range gaps {
		want = append(want, fmt.Sprint(g.Code, g.Group.Code, g.Roster, g.Declared, g.Silent))
	}
	for q.Page = 1; ; q.Page++ {
		p, err := (&coverage.Service{DB: db}).Gaps(t.Context(), access.System(), q)
		if err != nil {
			t.Fatal(err)
		}
		if p.Total != len(want) || p.Short.Rows != short || p.Silent.Rows != silent || p.People != people || p.Short.Offices > short || short > 0 && p.Short.Offices == 0 {
			t.Fatalf("%+v: %d in all, %+v short, %+v silent, %d people; the definition says %d, %d, %d, %d", q, p.Total, p.Short, p.Silent, p.People, len(want), short, silent, people)
		}
		if p.Page != q.Page || len(want) == 0 {
			break
		}
		for _, g := range p.Gaps {
			got = append(got, fmt.Sprint(g.Code, g.Group.Code, g.Roster, g.Declared, g.Silent))
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%+v:\n%q\nthe definition says\n%q", q, got, want)
	}
	return len(want)
}
