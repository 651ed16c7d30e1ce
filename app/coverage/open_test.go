package coverage_test

import (
	"context"
	"encoding/json"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// TestWhatAnyoneMayKnowIsTheDefinitionsWithoutTooFew holds the published figures to the definition's, whether counted or from the ledger.
func TestWhatAnyoneMayKnowIsTheDefinitionsWithoutTooFew(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		shown, withheld := 0, 0
		for seed := range uint64(8) {
			w := newWorld(seed)
			w.store(t, db)
			today := models.DayOf(db.Time())
			days := []models.Day{w.Plan.FromDay, min(w.day(), today), min(w.day(), today), min(today, w.Plan.ToDay-1)}
			var counted []string
			for _, d := range days {
				if !w.Plan.Root.ExistsOn(d) {
					continue
				}
				o, err := s.Open(context.Background(), d)
				if err != nil {
					t.Fatal(seed, d, err)
				}
				counted = append(counted, text(t, o))
				a, b := w.published(t, o)
				shown, withheld = shown+a, withheld+b
			}
			if err := ledger.Build(context.Background(), db); err != nil {
				t.Fatal(err)
			}
			for _, d := range days {
				if !w.Plan.Root.ExistsOn(d) {
					continue
				}
				o, err := s.Open(context.Background(), d)
				if err != nil {
					t.Fatal(seed, d, err)
				}
				if got := text(t, o); got != counted[0] {
					t.Errorf("world %d on %s: from the ledger\n%s\ncounted\n%s", seed, d, got, counted[0])
				}
				counted = counted[1:]
			}
		}
		if shown < 30 || withheld < 10 {
			t.Errorf("%d figures shown and %d withheld prove little", shown, withheld)
		}
	})
}

func text(t *testing.T, o *coverage.Open) string {
	t.Helper()
	b, err := json.Marshal([]any{o.Day, o.Groups, o.Organisations, o.Together, o.Points})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// published holds what is published on a day to the definition, and counts figures that are shown and those that are withheld.
func (w *world) published(t *testing.T, o *coverage.Open) (shown, withheld int) {
	t.Helper()
	r, err := w.On(w.Plan.RootID, o.Day)
	if err != nil {
		t.Fatal(err)
	}
	byCode := map[string]coverage.Node{}
	for _, n := range r.Nodes {
		byCode[n.Code] = n
	}
	check := func(what string, g int, got coverage.OpenFigure, want coverage.Figure) {
		if got.Withheld {
			withheld++
			if got.Denominator != 0 || got.Covered != 0 || got.Roster != 0 || got.Declared != nil || got.Unreported != 0 {
				t.Errorf("%s group %d is withheld, and says %+v", what, g, got)
			}
			return
		}
		if shown++; got.Denominator != want.Denominator || got.Covered != want.Covered || got.Unreported != want.Unreported {
			t.Errorf("%s group %d on %s: %+v, the definition says %+v", what, g, o.Day, got.Figure, want)
		}
		if 0 < got.Denominator && got.Denominator < coverage.Least {
			t.Errorf("%s group %d shows %d people", what, g, got.Denominator)
		}
	}
	for g := range o.Groups {
		check("the whole", g, o.Groups[g], r.Top().Figures[g])
		sum, hidden := 0, 0
		for _, x := range o.Organisations {
			if x.ExistsOn(o.Day) { // what is below an ended one is counted by its parent here, by the definition by the nearest that is left
				check(x.Code, g, x.Figures[g], byCode[x.Code].Figures[g])
			}
			if sum += x.Figures[g].Denominator; x.Figures[g].Withheld {
				hidden++
			}
		}
		if rest := o.Together[g].Denominator; !o.Groups[g].Withheld && (sum+rest != o.Groups[g].Denominator || hidden == 1 && rest > 0 && len(o.Organisations) > 1 || rest != 0 && rest < coverage.Least) {
			t.Errorf("group %d on %s: %d shown, %d together of %d organisations, %d in all", g, o.Day, sum, rest, hidden, o.Groups[g].Denominator)
		}
	}
	for _, p := range o.Points {
		for g, f := range p.Figures {
			if 0 < f.Denominator && f.Denominator < coverage.Least {
				t.Errorf("group %d on %s shows %d people", g, p.Day, f.Denominator)
			}
		}
	}
	return shown, withheld
}

func TestDaysThatAnyoneMayNotAskFor(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := example()
		w.store(t, db)
		s := &coverage.Service{DB: db}
		for d, want := range map[string]string{"2022-12-31": "day_outside_plan", "2029-01-01": "day_outside_plan", "2026-11-25": "day_to_come", "2026-11-24": "", "2023-01-01": ""} {
			if _, err := s.Open(context.Background(), day(d)); want == "" && err != nil || want != "" && !errs.Is(err, want) {
				t.Errorf("%s: %v, want %q", d, err, want)
			}
		}
		// A day is answered from what is known today, whatever day is asked for.
		if o, err := s.Open(context.Background(), 0); err != nil || o.Day != day("2026-11-24") {
			t.Errorf("%+v %v", o, err)
		}
		if _, err := s.Overview(context.Background(), access.System(), coverage.Query{Day: day("2026-11-25")}); err != nil {
			t.Error("to those who may see coverage, days to come are open:", err)
		}
	})
}

func TestWhatAnyoneMayKnowTakesTheSameStatementsWhateverTheSize(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		var counts []int
		for _, offices := range []int{3, 60} {
			newProvince(offices*5, offices).store(t, db)
			if err := ledger.Build(context.Background(), db); err != nil {
				t.Fatal(err)
			}
			counts = append(counts, len(testdb.Queries(db, func() {
				if _, err := s.Open(context.Background(), 0); err != nil {
					t.Fatal(err)
				}
			})))
		}
		if counts[0] != counts[1] || counts[0] == 0 {
			t.Errorf("%d statements for few offices, %d for many", counts[0], counts[1])
		}
	})
}
