package coverage_test

import (
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// rules are the sentences of the definition one by one, each as a change of the worked example and the figure of P (or of the office
// named) after it. Without a change P is 2 of 3 on 2024-08-01: An and the one who moved are covered, Bình is not.
var rules = []struct {
	says   string
	change func(*world)
	org    string
	day    string
	want   string
	silent int
}{
	{"without a change", func(*world) {}, "P", "2024-08-01", "2 of 3 = 66.6", 0},
	{"a posting counts from its first day", func(*world) {}, "A", "2024-07-01", "2 of 3 = 66.6", 0},
	{"and up to the day before its last", func(*world) {}, "B", "2024-06-30", "1 of 1 = 100.0", 0},
	{"a completion counts from its own day", func(*world) {}, "A", "2024-05-10", "1 of 3 = 33.3", 0},
	{"and not a day before", func(*world) {}, "A", "2024-05-09", "0 of 3 = 0.0", 0},
	{"a concurrent posting adds its groups to the cadre, who is counted at the main one only", func(w *world) {
		w.post(9, 2, "2023-01-01", "", true)
		w.post(9, 3, "2023-01-01", "", false, 1)
	}, "A", "2024-08-01", "2 of 4 = 50.0", 0},
	{"and is not counted at the other", func(w *world) {
		w.post(9, 2, "2023-01-01", "", true)
		w.post(9, 3, "2023-01-01", "", false, 1)
	}, "B", "2024-08-01", "-", 0},
	{"one who only serves concurrently is on no roster", func(w *world) { w.post(9, 3, "2023-01-01", "", false, 1) }, "P", "2024-08-01", "2 of 3 = 66.6", 0},
	{"the same group twice counts once", func(w *world) { w.post(1, 3, "2023-01-01", "", false, 1) }, "P", "2024-08-01", "2 of 3 = 66.6", 0},
	{"a larger roster than declared is the denominator", func(w *world) { w.post(9, 2, "2023-01-01", "", true, 1) }, "A", "2024-08-01", "2 of 4 = 50.0", 0},
	{"the later declaration is in force", func(w *world) { w.declare(2, "2024-03-01", 10, nil) }, "A", "2024-08-01", "2 of 10 = 20.0", 0},
	{"not before its day", func(w *world) { w.declare(2, "2024-09-01", 10, nil) }, "A", "2024-08-01", "2 of 3 = 66.6", 0},
	{"of two for one day the later recorded", func(w *world) { w.declare(2, "2024-01-01", 7, nil) }, "A", "2024-08-01", "2 of 7 = 28.5", 0},
	{"a declaration of none withdraws", func(w *world) { w.declare(3, "2024-01-01", 5, nil); w.declare(3, "2024-02-01", -1, nil) }, "B", "2024-08-01", "-", 0},
	{"and is silence where there should be somebody", func(w *world) {
		w.expect(models.KindStateAgency)
		w.declare(3, "2024-01-01", 5, nil)
		w.declare(3, "2024-02-01", -1, nil)
	}, "P", "2024-08-01", "2 of 3 = 66.6", 1},
	{"a declared zero is no silence", func(w *world) { w.expect(models.KindStateAgency); w.declare(3, "2024-01-01", 0, nil) }, "P", "2024-08-01", "2 of 3 = 66.6", 0},
	{"an office without anybody is silent", func(w *world) { w.expect(models.KindStateAgency) }, "B", "2024-08-01", "-", 1},
	{"an office that gives counts has no roster", func(w *world) { w.Organisations[2].CountsOnly = true; w.declare(3, "2024-01-01", 4, new(1)) }, "B", "2024-06-01", "1 of 4 = 25.0", 0},
	{"and covers at most what it declares", func(w *world) { w.Organisations[2].CountsOnly = true; w.declare(3, "2024-01-01", 4, new(9)) }, "B", "2024-06-01", "4 of 4 = 100.0", 0},
	{"a voided completion never was", func(w *world) { w.Completions[1].Voided = true }, "P", "2024-08-01", "1 of 3 = 33.3", 0},
	{"each component is needed", func(w *world) { w.Completions = w.Completions[1:] }, "P", "2024-08-01", "1 of 3 = 33.3", 0},
	{"a completion before the plan does not count", func(w *world) { w.Completions[1].Day = day("2022-12-31") }, "P", "2024-08-01", "1 of 3 = 33.3", 0},
	{"one before the posting does", func(w *world) { w.Completions[1].Day = day("2023-01-01") }, "P", "2024-08-01", "2 of 3 = 66.6", 0},
	{"a component that expires does so on its day", func(w *world) { w.expire(3) }, "P", "2024-08-10", "0 of 3 = 0.0", 0},
	{"and counts up to the day before", func(w *world) { w.expire(3); w.Completions[0].Day = day("2024-05-10") }, "P", "2024-08-09", "1 of 3 = 33.3", 0},
	{"an organisation that has ended is out of its superior's figure", func(w *world) { w.Organisations[2].ToDay = day("2024-06-15") }, "P", "2024-06-20", "1 of 3 = 33.3", 0},
	{"and was in it up to its end", func(w *world) { w.Organisations[2].ToDay = day("2024-06-15") }, "P", "2024-06-14", "2 of 4 = 50.0", 0},
	{"its people count at a successor only once they are posted there", func(w *world) {
		w.Organisations[2].ToDay = day("2024-06-15")
		w.Postings[2].To = day("2024-06-15")
		w.Postings[3].From = day("2024-06-15")
	}, "A", "2024-06-15", "2 of 3 = 66.6", 0},
	{"a concurrent posting ends with its organisation", func(w *world) {
		w.post(9, 2, "2023-01-01", "", true)
		w.post(9, 3, "2023-01-01", "", false, 1)
		w.Organisations[2].ToDay = day("2024-07-01")
	}, "A", "2024-08-01", "2 of 3 = 66.6", 0},
	{"nodes for totals have nobody", func(w *world) { w.post(9, 1, "2023-01-01", "", true, 1); w.declare(1, "2024-01-01", 50, nil) }, "P", "2024-08-01", "2 of 3 = 66.6", 0},
}

func (w *world) post(cadre, organisation uint64, from, to string, main bool, groups ...uint64) {
	p := coverage.Posting{CadreID: cadre, OrganisationID: organisation, From: day(from), To: models.Forever, Main: main, Groups: groups}
	if to != "" {
		p.To = day(to)
	}
	w.Postings = append(w.Postings, p)
}

// declare adds a declaration, later recorded than those before; -1 withdraws.
func (w *world) declare(organisation uint64, from string, n int, covered *int) {
	h := models.Headcount{ID: uint64(len(w.Headcounts) + 1), OrganisationID: organisation, GroupID: 1, EffectiveDay: day(from), Covered: covered,
		CreatedAt: time.Date(2027, 1, 1, 0, len(w.Headcounts), 0, 0, time.UTC)}
	if n >= 0 {
		h.Declared = &n
	}
	w.Headcounts = append(w.Headcounts, h)
}

func (w *world) expect(k models.Kind) {
	w.Plan.Expected = append(w.Plan.Expected, models.ExpectedGroup{GroupID: 1, Kind: k, Level: models.LevelProvince, FromDay: day("1900-01-01"), ToDay: models.Forever})
}

// expire lets both components expire after so many months.
func (w *world) expire(months int) {
	for i := range w.Plan.Components {
		w.Plan.Components[i].ExpiresMonths = &months
	}
}

func TestEachSentenceOfTheDefinitionHolds(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		for _, r := range rules {
			w := example()
			r.change(w)
			var id uint64
			for _, o := range w.Organisations {
				if o.Code == r.org {
					id = o.ID
				}
			}
			report, err := w.On(id, day(r.day))
			if err != nil {
				t.Fatalf("%s: %v", r.says, err)
			}
			w.store(t, db)
			rows, err := s.Rows(t.Context(), access.System(), coverage.Query{Org: r.org, Day: day(r.day)})
			if err != nil {
				t.Fatalf("%s: %v", r.says, err)
			}
			over, err := s.Series(t.Context(), access.System(), coverage.SeriesQuery{Org: r.org, To: day(r.day), All: true})
			if err != nil {
				t.Fatalf("%s: %v", r.says, err)
			}
			for by, row := range map[string]coverage.Row{"the definition": report.Rows()[0], "the database": rows[0], "the series": over.Report.Rows()[0], "slow reading": (naive{w.Facts}).rows(id, day(r.day))[0]} {
				if got := inWords(row); got != r.want || row.Unreported != r.silent {
					t.Errorf("%s: by %s, %s on %s is %s with %d silent, not %s with %d", r.says, by, r.org, r.day, got, row.Unreported, r.want, r.silent)
				}
			}
		}
	})
}

func TestAHeadcountAsLargeAsTheyComeIsNoTrouble(t *testing.T) {
	t.Parallel()
	w := example()
	w.declare(2, "2024-03-01", 1_000_000_000_000, nil)
	r, err := w.On(1, day("2024-08-01"))
	if err != nil {
		t.Fatal(err)
	}
	f := r.Top().Figures[0]
	if f.Percent().String() != "0.0" || *f.Met(100) || f.ToTarget(70) != 700_000_000_000-2 {
		t.Errorf("%+v: %s, %d to go", f, f.Percent(), f.ToTarget(70))
	}
}
