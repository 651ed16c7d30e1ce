package coverage_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// example is the worked example of the definition: offices A and B under P, An and Bình at A, and one who moves from B to A.
func example() *world {
	w := &world{}
	w.Plan = &plan.Plan{Plan: models.Plan{ID: 1, Code: "P", RootID: 1, FromDay: day("2023-01-01"), ToDay: day("2029-01-01")},
		Components: []models.PlanComponent{{PlanID: 1, Component: models.ComponentUpdate, Position: 1}, {PlanID: 1, Component: models.ComponentTraining, Position: 2}},
		Groups:     []models.TargetGroup{{ID: 1, PlanID: 1, Code: "QCN", TargetPercent: 100, Position: 1}}}
	p := uint64(1)
	for i, code := range []string{"P", "A", "B"} {
		o := models.Organisation{ID: uint64(i + 1), Code: code, Name: code, Kind: models.KindStateAgency, Level: models.LevelProvince, Path: models.PathPart(uint64(i + 1)),
			FromDay: day("1900-01-01"), ToDay: models.Forever}
		if i == 0 {
			o.Kind = models.KindProvince
		} else {
			o.ParentID, o.Path, o.Depth = &p, w.Organisations[0].Path+o.Path, 1
		}
		w.Organisations = append(w.Organisations, o)
	}
	w.Plan.Root = w.Organisations[0]
	post := func(cadre, organisation uint64, from, to models.Day) {
		w.Postings = append(w.Postings, coverage.Posting{CadreID: cadre, OrganisationID: organisation, From: from, To: to, Main: true, Groups: []uint64{1}})
	}
	const an, binh, third = 1, 2, 3
	post(an, 2, day("2023-06-01"), models.Forever)
	post(binh, 2, day("2023-06-01"), models.Forever)
	post(third, 3, day("2023-06-01"), day("2024-07-01"))
	post(third, 2, day("2024-07-01"), models.Forever)
	three := 3
	w.Headcounts = []models.Headcount{{ID: 1, OrganisationID: 2, GroupID: 1, EffectiveDay: day("2024-01-01"), Declared: &three}}
	update, training := models.ComponentUpdate.Set(), models.ComponentTraining.Set()
	both := update | training
	w.Completions = []coverage.Completion{
		{CadreID: an, Day: day("2024-02-01"), Components: update}, // half of it before, the other half makes An covered
		{CadreID: an, Day: day("2024-05-10"), Components: training},
		{CadreID: third, Day: day("2024-03-01"), Components: both},
		{CadreID: binh, Day: day("2024-03-01"), Components: both, Voided: true},
	}
	return w
}

// asWritten is the worked example as the definition's own table says it.
var asWritten = []struct {
	day     models.Day
	a, b, p string
}{
	{day("2024-04-01"), "0 of 3 = 0.0", "1 of 1 = 100.0", "1 of 4 = 25.0"},
	{day("2024-06-01"), "1 of 3 = 33.3", "1 of 1 = 100.0", "2 of 4 = 50.0"},
	{day("2024-08-01"), "2 of 3 = 66.6", "-", "2 of 3 = 66.6"},
}

func inWords(r coverage.Row) string {
	if r.Percent == nil {
		return "-"
	}
	return fmt.Sprintf("%d of %d = %s", r.Covered, r.Denominator, r.Percent)
}

func checkExample(t *testing.T, on func(models.Day) ([]coverage.Row, error)) {
	t.Helper()
	for _, want := range asWritten {
		rows, err := on(want.day)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 3 {
			t.Fatalf("%s: %d rows", want.day, len(rows))
		}
		if p, a, b := inWords(rows[0]), inWords(rows[1]), inWords(rows[2]); p != want.p || a != want.a || b != want.b {
			t.Errorf("%s: A %s, B %s, P %s; want %s, %s, %s", want.day, a, b, p, want.a, want.b, want.p)
		}
	}
}

func TestTheWorkedExampleHoldsInTheDefinition(t *testing.T) {
	t.Parallel()
	w := example()
	checkExample(t, func(d models.Day) ([]coverage.Row, error) {
		r, err := w.On(1, d)
		if err != nil {
			return nil, err
		}
		return r.Rows(), nil
	})
}

func TestTheWorkedExampleHoldsInTheDatabase(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		example().store(t, db)
		s := &coverage.Service{DB: db}
		checkExample(t, func(d models.Day) ([]coverage.Row, error) {
			return s.Rows(t.Context(), access.System(), coverage.Query{Org: "P", Day: d})
		})
	})
}

func TestRowsAreWrittenAsTheContractNamesThem(t *testing.T) {
	t.Parallel()
	r, err := example().On(1, day("2024-08-01"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r.Rows()[1:])
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"organisation":"A","group":"QCN","target_percent":100,"roster":3,"declared":3,"denominator":3,"covered":2,"percent":66.6,"met":false,"unreported":0},` +
		`{"organisation":"B","group":"QCN","target_percent":100,"roster":0,"declared":null,"denominator":0,"covered":0,"percent":null,"met":null,"unreported":0}]`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

func TestPercentagesAreRoundedDownAndTargetsMetInIntegers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		covered, of, target int
		percent             string
		met                 bool
	}{
		{2499, 2500, 100, "99.9", false}, // 99.96
		{2500, 2500, 100, "100.0", true},
		{0, 7, 0, "0.0", true},
		{699, 1000, 70, "69.9", false},
		{6999, 10000, 70, "69.9", false},
		{7, 10, 70, "70.0", true},
		{1, 3, 33, "33.3", true},
		{33, 100, 33, "33.0", true},
		{1, 1001, 1, "0.0", false},
	} {
		f := coverage.Figure{Covered: c.covered, Denominator: c.of}
		if got := f.Percent().String(); got != c.percent || *f.Met(c.target) != c.met {
			t.Errorf("%d of %d, target %d: %s, met %v", c.covered, c.of, c.target, got, *f.Met(c.target))
		}
		for n := c.covered; n < c.covered+f.ToTarget(c.target); n++ {
			if g := (coverage.Figure{Covered: n, Denominator: c.of}); *g.Met(c.target) {
				t.Errorf("%d of %d would do for %d", n, c.of, c.target)
			}
		}
		if g := (coverage.Figure{Covered: c.covered + f.ToTarget(c.target), Denominator: c.of}); !*g.Met(c.target) {
			t.Errorf("%d more of %d do not meet %d", f.ToTarget(c.target), c.of, c.target)
		}
	}
	if f := (coverage.Figure{}); f.Percent() != nil || f.Met(0) != nil {
		t.Error("nobody of nobody has a percentage")
	}
}

func TestDaysOutsideThePlanOrTheOrganisationAreRefused(t *testing.T) {
	t.Parallel()
	w := example()
	w.Organisations[2].ToDay = day("2024-07-01")
	for _, c := range []struct {
		organisation uint64
		day, code    string
	}{
		{1, "2022-12-31", "day_outside_plan"}, {1, "2029-01-01", "day_outside_plan"}, {3, "2024-07-01", "day_outside_organisation"}, {9, "2024-01-01", "not_found"},
	} {
		if _, err := w.On(c.organisation, day(c.day)); !errs.Is(err, c.code) {
			t.Errorf("organisation %d on %s: %v, want %s", c.organisation, c.day, err, c.code)
		}
	}
	for _, d := range []string{"2023-01-01", "2028-12-31"} {
		if _, err := w.On(1, day(d)); err != nil {
			t.Errorf("%s lies in the plan: %v", d, err)
		}
	}
}

// differences tells rows apart, so that a failing property shows the rows and not all of them.
func differences(got, want []coverage.Row) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d rows instead of %d", len(got), len(want))
	}
	show := func(r coverage.Row) string {
		b, err := json.Marshal(r)
		if err != nil {
			return err.Error()
		}
		return string(b)
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			return fmt.Sprintf("row %d:\n got %s\nwant %s", i, show(got[i]), show(want[i]))
		}
	}
	return ""
}

func TestTheDefinitionAgreesWithANaiveRecomputationOverRandomHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		w := newWorld(seed)
		for range 8 {
			d := w.day()
			for _, o := range w.Organisations {
				if !exists(o, d) {
					continue
				}
				r, err := w.On(o.ID, d)
				if err != nil {
					t.Fatal(err)
				}
				if diff := differences(r.Rows(), naive{w.Facts}.rows(o.ID, d)); diff != "" {
					t.Fatalf("world %d, %s, %s: %s", seed, o.Code, d, diff)
				}
			}
		}
	}
}

// TestWhoIsCoveredOnlyThanksToRecognisedTraining asks the definition, the database and the series for it, over histories in which
// every third completion is recognised: it is the difference that those completions make.
func TestWhoIsCoveredOnlyThanksToRecognisedTrainingIsTheDifferenceThatItMakes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		thanks := 0
		for seed := range uint64(8) {
			w := newWorld(5000 + seed)
			w.store(t, db)
			own := w.Facts
			own.Completions = slices.DeleteFunc(slices.Clone(w.Completions), func(c coverage.Completion) bool { return c.Recognised })
			for range 4 {
				d := w.day()
				for _, o := range w.Organisations {
					if !exists(o, d) {
						continue
					}
					all, err := w.On(o.ID, d)
					if err != nil {
						t.Fatal(err)
					}
					without, err := own.On(o.ID, d)
					if err != nil {
						t.Fatal(err)
					}
					asked, err := s.Report(t.Context(), access.System(), coverage.Query{Org: o.Code, Day: d})
					if err != nil {
						t.Fatal(err)
					}
					over, err := s.Series(t.Context(), access.System(), coverage.SeriesQuery{Org: o.Code, From: d, To: d, All: true})
					if err != nil {
						t.Fatal(err)
					}
					for i, n := range all.Nodes {
						for g, f := range n.Figures {
							want := f.Covered - without.Nodes[i].Figures[g].Covered
							thanks += want
							if q, x := asked.Nodes[i].Figures[g].Recognised, over.Report.Nodes[i].Figures[g].Recognised; f.Recognised != want || q != want || x != want {
								t.Fatalf("world %d, %s on %s, group %d: the definition says %d, the database %d, the series %d; it is %d", 5000+seed, n.Code, d, g, f.Recognised, q, x, want)
							}
						}
					}
				}
			}
		}
		if thanks == 0 {
			t.Error("nobody is covered thanks to recognised training in any world")
		}
	})
}

func TestTheDatabaseAgreesWithANaiveRecomputationOverRandomHistories(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		for seed := range uint64(12) {
			w := newWorld(1000 + seed)
			w.store(t, db)
			for range 6 {
				d := w.day()
				for _, o := range w.Organisations {
					if !exists(o, d) {
						continue
					}
					rows, err := s.Rows(t.Context(), access.System(), coverage.Query{Org: o.Code, Day: d})
					if err != nil {
						t.Fatal(err)
					}
					if diff := differences(rows, naive{w.Facts}.rows(o.ID, d)); diff != "" {
						t.Fatalf("world %d, %s, %s: %s", 1000+seed, o.Code, d, diff)
					}
				}
			}
		}
	})
}
