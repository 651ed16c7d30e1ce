package coverage_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func head(o models.Organisation) access.Actor {
	return access.Actor{By: store.By{AccountID: 5}, Lang: "vi", Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: o.ID, Path: o.Path}}}
}

func TestASeriesAgreesWithTheDefinitionOnEachOfItsDays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		for seed := range uint64(10) {
			w := newWorld(2000 + seed)
			w.store(t, db)
			for i, o := range w.Organisations {
				from, to := max(o.FromDay, w.Plan.FromDay), min(o.ToDay, w.Plan.ToDay)-1
				if from > to {
					continue
				}
				q := coverage.SeriesQuery{Org: o.Code, From: from, To: to, StepMonths: 1 + i%3, All: true}
				if i%2 == 0 {
					q.Groups = []string{"C", "A"}
				}
				got, err := s.Series(t.Context(), access.System(), q)
				if err != nil {
					t.Fatal(err)
				}
				if first, last := got.Points[0].Day, got.Points[len(got.Points)-1].Day; first != from || last != to {
					t.Fatalf("from %s to %s instead of %s to %s", first, last, from, to)
				}
				last, err := w.On(o.ID, to)
				if err != nil {
					t.Fatal(err)
				}
				if diff := differences(got.Report.Rows(), last.Rows()); diff != "" {
					t.Fatalf("world %d, %s on its last day: %s", 2000+seed, o.Code, diff)
				}
				for i, n := range last.Nodes {
					if g := got.Report.Nodes[i]; g.Code != n.Code || g.Parent != n.Parent || !slices.Equal(g.Silent, n.Silent) || !slices.Equal(g.Unnamed, n.Unnamed) {
						t.Fatalf("world %d: %s is %+v instead of %+v", 2000+seed, n.Code, g, n)
					}
				}
				for _, p := range got.Points {
					r, err := w.On(o.ID, p.Day)
					if err != nil {
						t.Fatal(err)
					}
					for k, g := range got.Groups {
						want, have := r.Top().Figures[g], p.Figures[k]
						if fmt.Sprint(words(want)) != fmt.Sprint(words(have)) {
							t.Fatalf("world %d, %s on %s, group %d: %s instead of %s", 2000+seed, o.Code, p.Day, g, words(have), words(want))
						}
					}
				}
			}
		}
	})
}

func words(f coverage.Figure) string {
	declared := "none"
	if f.Declared != nil {
		declared = fmt.Sprint(*f.Declared)
	}
	return fmt.Sprintf("roster %d declared %s denominator %d covered %d recognised %d unreported %d", f.Roster, declared, f.Denominator, f.Covered, f.Recognised, f.Unreported)
}

func TestASeriesStopsEachMonthAndAtItsEnds(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite)
	example().store(t, db)
	s := &coverage.Service{DB: db}
	got, err := s.Series(t.Context(), access.System(), coverage.SeriesQuery{From: day("2024-01-31"), To: day("2024-05-15")})
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for _, p := range got.Points {
		days = append(days, p.Day.String())
	}
	if s := strings.Join(days, " "); s != "2024-01-31 2024-02-29 2024-03-31 2024-04-30 2024-05-15" {
		t.Error(s)
	}
	for code, q := range map[string]coverage.SeriesQuery{
		"day_outside_plan": {From: day("2022-12-31")},
		"days_reversed":    {From: day("2024-05-02"), To: day("2024-05-01")},
		"invalid":          {StepMonths: 13},
		"not_found":        {Groups: []string{"XXX"}},
	} {
		if _, err := s.Series(t.Context(), access.System(), q); !errs.Is(err, code) {
			t.Errorf("%+v: %v, want %s", q, err, code)
		}
	}
}

func TestTheMissingAreFilteredSearchedPagedAndSortedByGivenName(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := example()
		w.Completions = w.Completions[:1] // one has the update, nobody the training
		for i := range 5 {
			w.Postings = append(w.Postings, coverage.Posting{CadreID: uint64(10 + i), OrganisationID: 3, From: day("2023-06-01"), To: models.Forever, Main: true, Groups: []uint64{1}})
		}
		w.store(t, db)
		s := &coverage.Service{DB: db}
		ask := func(change func(*coverage.NamesQuery)) *coverage.Names {
			t.Helper()
			q := coverage.NamesQuery{Query: coverage.Query{Org: "P", Day: day("2024-08-01")}, Group: "QCN", Size: 50}
			change(&q)
			m, err := s.Names(t.Context(), access.System(), q)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		all := ask(func(*coverage.NamesQuery) {})
		var names []string
		for _, p := range all.People {
			names = append(names, p.Name)
		}
		if got := strings.Join(names, ", "); got != "Nông Văn Ánh, Nông Văn Bình, Nông Văn Châu, Nông Văn Lê, Nông Văn Mai, Nông Văn Nga, Nông Văn Oanh, Nông Văn Phúc" {
			t.Error(got)
		}
		if m := ask(func(q *coverage.NamesQuery) { q.Lacking = models.ComponentUpdate }); m.Found != 7 || m.Parts.Missing != 8 || len(m.People) != 7 {
			t.Errorf("%d of %d lack the update", m.Found, m.Parts.Missing)
		}
		if m := ask(func(q *coverage.NamesQuery) { q.Search = "nong van le" }); m.Found != 1 || m.People[0].Name != "Nông Văn Lê" {
			t.Errorf("%+v", m.People)
		}
		if m := ask(func(q *coverage.NamesQuery) { q.Search = "%" }); m.Found != 0 {
			t.Errorf("a percent sign finds %d", m.Found)
		}
		for _, sort := range []string{"", "name", "-name", "organisation", "-organisation", "born", "nonsense"} {
			want := ask(func(q *coverage.NamesQuery) { q.Sort = sort }).People
			var walked []coverage.Person
			for after, more := "", true; more; more = after != "" {
				m := ask(func(q *coverage.NamesQuery) { q.Sort, q.After, q.Size = sort, after, 3 })
				walked, after = append(walked, m.People...), m.Place.After
			}
			if !reflect.DeepEqual(walked, want) {
				t.Errorf("by %q a walk gives %+v, not %+v", sort, walked, want)
			}
		}
		if m := ask(func(q *coverage.NamesQuery) { q.Cadres = []uint64{all.People[1].CadreID, 987654} }); m.Found != 1 || m.Parts.Missing != 8 || m.People[0].Name != all.People[1].Name {
			t.Errorf("the chosen: %+v", m.People)
		}
		if p := all.People[0]; p.Title != "Chuyên viên" || p.OrganisationCode != "A" || p.BirthYear == 0 || !p.MayOpen {
			t.Errorf("%+v", p)
		}
	})
}

func TestAListOfAPastDayNamesTheOfficeOfThatDayAndOpensOnlyWhoIsStillInScope(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := example()
		w.Completions = nil
		w.store(t, db)
		s := &coverage.Service{DB: db}
		a, b := w.Organisations[1], w.Organisations[2]
		list := func(o models.Organisation, d string) coverage.Person {
			t.Helper()
			m, err := s.Names(t.Context(), head(o), coverage.NamesQuery{Query: coverage.Query{Org: o.Code, Day: day(d)}, Group: "QCN", Size: 50})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range m.People {
				if p.CadreID == 3 {
					return p
				}
			}
			t.Fatalf("%s on %s does not list the third", o.Code, d)
			return coverage.Person{}
		}
		if p := list(b, "2024-04-01"); p.MayOpen || p.OrganisationCode != "B" {
			t.Errorf("B's head, of a day when the third was there: %+v", p)
		}
		if p := list(a, "2024-08-01"); !p.MayOpen || p.OrganisationCode != "A" {
			t.Errorf("A's head, of a day since: %+v", p)
		}
	})
}

func TestWhatIsOutOfScopeIsNotFound(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite)
	w := example()
	w.store(t, db)
	s := &coverage.Service{DB: db}
	a := head(w.Organisations[1])
	for _, org := range []string{"P", "B", "NOWHERE"} {
		q := coverage.Query{Org: org, Day: day("2024-08-01")}
		_, rows := s.Rows(t.Context(), a, q)
		_, missing := s.Names(t.Context(), a, coverage.NamesQuery{Query: q, Group: "QCN"})
		_, series := s.Series(t.Context(), a, coverage.SeriesQuery{Org: org})
		for _, err := range []error{rows, missing, series} {
			if !errs.Is(err, "not_found") {
				t.Errorf("%s: %v", org, err)
			}
		}
	}
	rows, err := s.Rows(t.Context(), a, coverage.Query{Day: day("2024-08-01")})
	if err != nil || len(rows) != 1 || rows[0].Organisation != "A" {
		t.Errorf("a head's own office: %v, %v", rows, err)
	}
	if _, err := s.Rows(t.Context(), access.Actor{}, coverage.Query{Org: "A"}); !errs.Is(err, "not_found") {
		t.Errorf("nobody: %v", err)
	}
	r, err := s.Report(t.Context(), access.System(), coverage.Query{Org: "A"})
	if err != nil || len(r.Trail) != 1 || r.Trail[0].Code != "P" {
		t.Errorf("the way to A: %v, %v", r.Trail, err)
	}
}

func TestMorePeopleThanAreLookedAtOneByOneAreLeftToSmallerOrganisations(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newProvince(120, 10)
		w.store(t, db)
		testdb.Ledger(t, db)
		s := &coverage.Service{DB: db, ManyPeople: 20}
		ask := func(org string, line bool) (names, content error) {
			q := coverage.Query{Org: org, Day: day("2026-11-20")}
			_, names = s.Names(t.Context(), access.System(), coverage.NamesQuery{Query: q, Group: "QCN", Line: line, Size: 50})
			_, content = s.Content(t.Context(), access.System(), coverage.ContentQuery{Query: q, Group: "QCN"})
			return names, content
		}
		r, err := s.Report(t.Context(), access.System(), coverage.Query{Day: day("2026-11-20")})
		if err != nil || r.Top().Figures[0].Roster <= 20 {
			t.Fatal(err, r.Top().Figures)
		}
		if names, content := ask(r.Top().Code, false); !errs.Is(names, "too_many_people") || !errs.Is(content, "too_many_people") {
			t.Errorf("of everybody: %v, %v", names, content)
		}
		few := slices.IndexFunc(r.Nodes, func(n coverage.Node) bool { return n.Figures[0].Roster > 0 && n.Figures[0].Roster <= 20 })
		if names, content := ask(r.Nodes[few].Code, false); names != nil || content != nil {
			t.Errorf("of an office: %v, %v", names, content)
		}
		if names, _ := ask(r.Top().Code, true); names != nil {
			t.Errorf("of a line, which is few people: %v", names)
		}
	})
}

func TestFirstPagesShowOwnOfficesOrTheWholeProvinceOnADayThatHasFigures(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite)
	w := example()
	w.Organisations[2].ToDay = day("2024-07-01") // B ended long before today
	w.Postings[2].To = day("2024-07-01")
	w.store(t, db)
	s := &coverage.Service{DB: db}
	both := head(w.Organisations[1])
	both.Grants = append(both.Grants, head(w.Organisations[2]).Grants...)
	h, err := s.Home(t.Context(), both)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Own) != 2 || h.Province != nil || h.Own[0].Day != models.DayOf(testdb.Now) || len(h.Own[0].First[0]) != 1 || h.Own[0].First[0][0].Name != "Nông Văn Bình" || h.Own[1].Day != day("2024-06-30") || h.Own[1].Top().Figures[0].Covered != 1 {
		t.Errorf("a head's first page: %+v", h)
	}
	if h, err = s.Home(t.Context(), access.System()); err != nil || h.Province == nil || h.Province.Top().Code != "P" {
		t.Errorf("the department's first page: %+v, %v", h, err)
	}
	trainer := access.Actor{By: store.By{AccountID: 6}, Grants: []access.Grant{{Role: models.RoleTrainer}}}
	if h, err = s.Home(t.Context(), trainer); err != nil || h.Own != nil || h.Province != nil {
		t.Errorf("a trainer's first page: %+v, %v", h, err)
	}
}

func TestQuestionsTakeTheSameNumberOfStatementsWhateverTheSize(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		count := func(cadres, offices int) []int {
			w := newProvince(cadres, offices)
			w.store(t, db)
			testdb.Ledger(t, db)
			a := head(w.Organisations[1]) // of a block
			q := coverage.Query{Org: w.Organisations[1].Code, Day: day("2026-11-20")}
			ask := []func() error{
				func() error { _, err := s.Rows(t.Context(), a, q); return err },
				func() error { _, err := s.Line(t.Context(), a, q); return err },
				func() error {
					_, err := s.Names(t.Context(), a, coverage.NamesQuery{Query: q, Group: "QCN", Line: true, Size: 50})
					return err
				},
				func() error {
					_, err := s.Names(t.Context(), a, coverage.NamesQuery{Query: q, Group: "QCN", Size: 50})
					return err
				},
				func() error {
					_, err := s.Names(t.Context(), a, coverage.NamesQuery{Query: q, Group: "QCN", Part: coverage.PartCovered, Size: 50})
					return err
				},
				func() error { _, err := s.Series(t.Context(), a, coverage.SeriesQuery{Org: q.Org}); return err },
				func() error { _, err := s.Home(context.Background(), a); return err },
			}
			var counts []int
			for _, f := range ask {
				counts = append(counts, testdb.CountQueries(db, func() {
					if err := f(); err != nil {
						t.Fatal(err)
					}
				}))
			}
			return counts
		}
		small, large := count(120, 10), count(400, 60)
		if !slices.Equal(small, large) || slices.Max(large) > 26 {
			t.Errorf("rows, line, names, series, home: %v statements for 120 cadres, %v for 400", small, large)
		}
	})
}
