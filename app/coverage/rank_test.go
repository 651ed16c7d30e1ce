package coverage_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

var measures = []ledger.Measure{ledger.ByMissing, ledger.ByPercent, ledger.ByDenominator, ledger.ByChange, ledger.ByTree}

func TestTheDatabaseRanksAsTheDefinitionDoesWithALedgerAndWithout(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		for seed := range uint64(3) {
			w := newWorld(300 + seed)
			w.store(t, db)
			for _, when := range []string{"without a ledger", "with a ledger"} {
				if when == "with a ledger" {
					testdb.Ledger(t, db)
				}
				for i := range 3 {
					q := coverage.RankQuery{Query: coverage.Query{Day: w.day()}, Group: string(rune('A' + i)), All: seed%2 == 0, Size: 4, Look: 3 * i}
					if seed%3 == 2 {
						q.Kind = models.KindStateAgency
					}
					for _, q.By = range measures {
						for _, q.Down = range []bool{false, true} {
							w.ranks(t, db, fmt.Sprintf("world %d %s", 300+seed, when), q)
						}
					}
				}
			}
		}
	})
}

// ranks walks through the pages of a ranking and holds them to the definition.
func (w *world) ranks(t *testing.T, db *store.DB, when string, q coverage.RankQuery) {
	t.Helper()
	want := w.ranked(t, q)
	s := &coverage.Service{DB: db}
	var got []string
	var missing []int
	var looked [][]int // by page
	for q.Page = 1; ; q.Page++ {
		r, err := s.Ranking(t.Context(), access.System(), q)
		if err != nil {
			t.Fatal(err)
		}
		if r.Total != len(want) {
			t.Fatalf("%s, %+v: %d in all, the definition says %d", when, q, r.Total, len(want))
		}
		if r.Page != q.Page || len(want) == 0 {
			break
		}
		looked = append(looked, r.Missing)
		for _, x := range r.Ranked {
			missing = append(missing, x.Figures[r.Group].Missing())
			before := make([]coverage.Figure, 3)
			if x.Before != nil {
				before = x.Before
			}
			got = append(got, shown(x.Organisation, x.Figures[r.Group], before[r.Group]))
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s, %+v:\n%q\nthe definition says\n%q", when, q, got, want)
	}
	for i, have := range looked {
		if from := i * q.Size; !slices.Equal(have, missing[from:min(from+max(q.Size, q.Look), len(missing))]) {
			t.Fatalf("%s, %+v: page %d says that %d are missing, of %d", when, q, i+1, have, missing)
		}
	}
}

func shown(o models.Organisation, now, before coverage.Figure) string {
	return fmt.Sprintf("%s %d/%d %d, before %d/%d", o.Code, now.Covered, now.Denominator, now.Unreported, before.Covered, before.Denominator)
}

// ranked is the ranking as the definition has it.
func (w *world) ranked(t *testing.T, q coverage.RankQuery) (out []string) {
	t.Helper()
	g := int(q.Group[0] - 'A')
	own := func(d models.Day) map[uint64]coverage.Figure {
		all := map[uint64]coverage.Figure{}
		if !w.Plan.Covers(d) {
			return all
		}
		r, err := w.On(1, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range r.Nodes {
			f := n.Figures[g]
			for _, child := range r.Nodes {
				if child.Parent >= 0 && r.Nodes[child.Parent].ID == n.ID {
					c := child.Figures[g]
					f.Denominator, f.Covered, f.Unreported = f.Denominator-c.Denominator, f.Covered-c.Covered, f.Unreported-c.Unreported
				}
			}
			all[n.ID] = f
		}
		return all
	}
	y, m, d := q.Day.Date()
	if m == 2 && d == 29 {
		d = 28
	}
	known := w.Plan.Covers(models.NewDay(y-1, m, d))
	now, before := own(q.Day), own(models.NewDay(y-1, m, d))
	var list []models.Organisation
	for _, o := range w.Organisations {
		f := now[o.ID]
		if (f.Missing() > 0 || f.Unreported > 0 || q.All && f.Denominator > 0) && (q.Kind == "" || o.Kind == q.Kind) {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b models.Organisation) int {
		x, y, n := now[a.ID], now[b.ID], 0
		switch q.By {
		case ledger.ByMissing:
			n = x.Missing() - y.Missing()
		case ledger.ByDenominator:
			n = x.Denominator - y.Denominator
		case ledger.ByPercent:
			n = tenths(x) - tenths(y)
		case ledger.ByChange:
			if known {
				n = (x.Missing() - before[a.ID].Missing()) - (y.Missing() - before[b.ID].Missing())
			}
		}
		if q.By == ledger.ByTree {
			n = cmp.Compare(a.Path, b.Path)
		}
		if q.Down {
			n = -n
		}
		return cmp.Or(n, y.Unreported-x.Unreported, cmp.Compare(a.Path, b.Path))
	})
	for _, o := range list {
		out = append(out, shown(o, now[o.ID], before[o.ID]))
	}
	return out
}

func TestARankingRefusesWhatOtherPagesRefuse(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := example()
		w.Organisations[2].ToDay = day("2024-07-01")
		w.Postings = w.Postings[:2]
		w.store(t, db)
		testdb.Ledger(t, db)
		s := &coverage.Service{DB: db}
		for code, q := range map[string]coverage.RankQuery{
			"not_found":                {Group: "XXX"},
			"day_outside_plan":         {Query: coverage.Query{Day: day("2029-01-01")}},
			"day_outside_organisation": {Query: coverage.Query{Org: "B", Day: day("2024-07-01")}},
		} {
			if _, err := s.Ranking(t.Context(), access.System(), q); !errs.Is(err, code) {
				t.Errorf("%+v: %v, not %s", q, err, code)
			}
		}
		if _, err := s.Ranking(t.Context(), head(w.Organisations[1]), coverage.RankQuery{Query: coverage.Query{Org: "P"}}); !errs.Is(err, "not_found") {
			t.Errorf("out of scope: %v", err)
		}
		r, err := s.Ranking(t.Context(), access.System(), coverage.RankQuery{Query: coverage.Query{Day: day("2024-02-29")}, By: ledger.ByMissing, Down: true, Size: 50, Page: 1 << 20})
		if err != nil || r.Page != 1 || r.Before != day("2023-02-28") || len(r.Ranked) != 1 || r.Ranked[0].Code != "A" || r.Ranked[0].Above != "P" || r.Ranked[0].Before[0].Denominator != 0 {
			t.Errorf("on 29 February: %+v %v", r, err)
		}
		if n, known := r.Ranked[0].Change(0); known {
			t.Errorf("%d more are missing than when nobody was known", n)
		}
	})
}

func TestAFirstPageNamesTheLargestGapsOfAllGroups(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(310)
		w.store(t, db)
		s := &coverage.Service{DB: db}
		for _, when := range []string{"without a ledger", "with a ledger"} {
			if when == "with a ledger" {
				testdb.Ledger(t, db)
			}
			h, err := s.Home(t.Context(), access.System())
			if err != nil {
				t.Fatal(err)
			}
			var got, want []int
			for _, x := range h.Largest {
				f := x.Figures[x.Group]
				if got = append(got, f.Missing()); !slices.ContainsFunc(w.ranked(t, coverage.RankQuery{Query: coverage.Query{Day: h.Province.Day}, Group: string(rune('A' + x.Group))}), func(s string) bool {
					return strings.HasPrefix(s, strings.TrimSuffix(shown(x.Organisation, f, coverage.Figure{}), "before 0/0"))
				}) {
					t.Errorf("%s: %s %+v is not what the definition says", when, x.Code, f)
				}
			}
			for g := range 3 {
				r, err := s.Ranking(t.Context(), access.System(), coverage.RankQuery{Query: coverage.Query{Day: h.Province.Day}, Group: string(rune('A' + g))})
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range r.Ranked {
					if n := x.Figures[g].Missing(); n > 0 {
						want = append(want, n)
					}
				}
			}
			slices.SortFunc(want, func(a, b int) int { return b - a })
			if want = want[:min(len(want), 8)]; len(got) < 5 || !slices.Equal(got, want) || len(h.Province.Nodes) != 1+len(h.Province.Children()) {
				t.Errorf("%s: %v, not %v", when, got, want)
			}
		}
	})
}

func TestTheFirstPageOfACountryNamesTheLargestGapsOfItsNextLevel(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(310)
		w.store(t, db)
		testdb.Ledger(t, db)
		s := &coverage.Service{DB: db}
		home := func() (h *coverage.Home, statements int) {
			t.Helper()
			statements = testdb.CountQueries(db, func() {
				var err error
				if h, err = s.Home(t.Context(), access.System()); err != nil {
					t.Fatal(err)
				}
			})
			return h, statements
		}
		_, province := home()
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Organisation{}).Where("id = ?", w.Plan.RootID).Updates(map[string]any{"kind": models.KindCountry, "level": models.LevelCountry}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		h, country := home()
		if country >= province {
			t.Errorf("%d statements for a country, %d for a province", country, province)
		}
		var got, want []int
		for _, x := range h.Largest {
			i := slices.IndexFunc(h.Province.Children(), func(n coverage.Node) bool { return n.ID == x.ID })
			if i < 0 || !slices.Equal(figures(x.Figures), figures(h.Province.Children()[i].Figures)) {
				t.Fatalf("%s is not right below, or has other figures", x.Code)
			}
			got = append(got, x.Figures[x.Group].Missing())
		}
		for _, n := range h.Province.Children() {
			for _, f := range n.Figures {
				if f.Missing() > 0 {
					want = append(want, f.Missing())
				}
			}
		}
		slices.SortFunc(want, func(a, b int) int { return b - a })
		if want = want[:min(len(want), 8)]; len(got) < 3 || !slices.Equal(got, want) {
			t.Errorf("%v, not %v", got, want)
		}
	})
}

// figures are how many are covered of how many.
func figures(all []coverage.Figure) (out [][2]int) {
	for _, f := range all {
		out = append(out, [2]int{f.Covered, f.Denominator})
	}
	return out
}

func tenths(f coverage.Figure) int {
	if f.Denominator == 0 {
		return -1
	}
	return f.Covered * 1000 / f.Denominator
}
