package forecast_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/forecast"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// office fills an office with forty people of one group, and closes three courses for ten of them each, of whom eight complete; other courses
// are to come. Where kept, the ledger is built.
func office(t *testing.T, db *store.DB, kept bool) *forecast.Service {
	t.Helper()
	p, err := plan.Current(ctx, db.Read(ctx), models.MustDay("2026-11-24"))
	must(t, err)
	var o models.Organisation
	must(t, db.Read(ctx).Where("code = ?", "SO-TP").Take(&o).Error)
	qcn, other := p.GroupByCode("QCN").ID, p.GroupByCode("TTTT").ID
	_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		for i := range uint64(40) {
			x := models.Posting{ID: 900 + i, CadreID: 900 + i, OrganisationID: o.ID, Title: "Chuyên viên", FromDay: p.FromDay, ToDay: models.Forever, Main: true}
			for _, v := range []any{&models.Cadre{ID: x.CadreID, FullName: fmt.Sprintf("Nông Văn %d", i), BirthYear: 1980}, &x, &models.PostingGroup{PostingID: x.ID, GroupID: qcn}} {
				if err := tx.Create(v).Error; err != nil {
					return 0, err
				}
			}
		}
		course := func(code, kind string, state models.CourseState, day string, group uint64) uint64 {
			c := models.Course{PlanID: p.ID, Code: code, Title: "Lớp " + code, HostID: o.ID, State: state, Capacity: 20, RulePercent: 80, Version: 1, FirstDay: models.MustDay(day), LastDay: models.MustDay(day)}
			for _, k := range p.CourseTypes {
				if k.Code == kind {
					c.CourseTypeID = k.ID
				}
			}
			must(t, tx.Create(&c).Error)
			must(t, tx.Create(&models.CourseGroup{CourseID: c.ID, GroupID: group}).Error)
			return c.ID
		}
		for i, day := range []string{"2024-03-10", "2025-03-10", "2026-03-10"} {
			id := course(fmt.Sprintf("CU-%d", i), "conference", models.CourseClosed, day, qcn)
			for k := range 10 {
				e := models.Enrolment{CourseID: id, CadreID: uint64(900 + 10*i + k), State: models.EnrolmentEnrolled, Source: "coordinator", Outcome: models.OutcomeNotCompleted}
				if k < 8 {
					e.Outcome = models.OutcomeCompleted
				}
				must(t, tx.Create(&e).Error)
				if k >= 8 {
					continue
				}
				c := models.Completion{CadreID: e.CadreID, CourseID: &id, EnrolmentID: &e.ID, EffectiveDay: models.MustDay(day)}
				for _, x := range p.Components {
					c.Components |= x.Component.Set()
				}
				must(t, tx.Create(&c).Error)
			}
		}
		course("TOI-1", "conference", models.CourseOpen, "2027-03-10", qcn)
		course("TOI-2", "seminar", models.CourseOpen, "2027-04-10", qcn)
		course("TOI-3", "conference", models.CourseOpen, "2027-05-10", other)
		course("TOI-4", "conference", models.CourseDraft, "2027-06-10", qcn)
		course("TOI-5", "conference", models.CourseCancelled, "2027-07-10", qcn)
		course("TOI-0", "conference", models.CourseRunning, "2026-11-20", qcn) // ended, and not closed yet; nobody came
		return 0, nil
	})
	must(t, err)
	if kept {
		testdb.Ledger(t, db)
	}
	return &forecast.Service{DB: db}
}

func TestTheForecastOfAnOfficeStandsOnItsPastAndOnItsCourses(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := office(t, db, true)
		f, err := s.Ask(ctx, access.System(), forecast.Query{Query: coverage.Query{Org: "SO-TP"}, Group: "QCN"})
		must(t, err)
		g := f.Groups[f.Chosen]
		if g.Code != "QCN" || g.Figure.Covered != 24 || g.Figure.Denominator != 40 || g.Kind != forecast.Not && g.Kind != forecast.Day {
			t.Fatalf("%s %s %+v", g.Code, g.Kind, g.Figure)
		}
		gained := 0
		for _, q := range g.Outlook.History.Quarters {
			gained += q.Gained
		}
		if gained != 24 || g.Outlook.History.Lump != 8 {
			t.Errorf("%d became covered, %.0f at a time", gained, g.Outlook.History.Lump)
		}
		if u := g.Usual; u.Classes != 2 || u.Capacity != 40 || u.Enrolled != 20 || u.Completed != 16 || u.Gained != 16 {
			t.Errorf("the courses of the last two years: %+v", u)
		}
		if len(g.Planned) != 3 || g.Planned[0].Code != "TOI-0" || g.Planned[0].Gain != 0 || g.Planned[1].Code != "TOI-1" || g.Planned[2].Code != "TOI-2" {
			t.Fatalf("to come: %+v", g.Planned)
		}
		if len(g.Drafts) != 1 || g.Drafts[0].Code != "TOI-4" || g.Drafts[0].Gain == 0 {
			t.Errorf("drafts: %+v", g.Drafts)
		}
		if with, without := g.Opened.End().Mid.Covered, g.Outlook.End().Mid.Covered; with <= without {
			t.Errorf("%d covered at the end if the draft were opened, %d if not", with, without)
		}
		if a, b := g.Planned[1].Gain, g.Planned[2].Gain; a < 5 || a > 16 || math.Abs(a-2*b) > 0.01 {
			t.Errorf("a conference should cover %.2f, a seminar, which is half of it, %.2f", a, b)
		}
		if n := g.Need; n.Goal != 40 || n.More != 16+n.Leaving || n.LastYear != 2 {
			t.Errorf("need %+v", n)
		}
		if m := g.Outlook.Marks; m[0].Day != models.MustDay("2026-11-24") || m[0].Mid != (forecast.Level{Covered: 24, People: 40}) || m[len(m)-1].Day != models.MustDay("2028-12-31") {
			t.Errorf("marks %+v", m)
		}
		for _, other := range f.Groups[1:] {
			if other.Kind != forecast.Empty {
				t.Errorf("%s: %s", other.Code, other.Kind)
			}
		}
		top, err := s.Ask(ctx, access.System(), forecast.Query{Group: "QCN"})
		must(t, err)
		if len(top.Next) != 1 || top.Next[0].Share != 100 || len(top.Offices.First) != 1 || top.Offices.First[0].Code != "SO-TP" || top.Offices.Enough != 1 || top.Offices.More {
			t.Errorf("of the plan: %+v %+v", top.Next, top.Offices)
		}
		past, err := s.Ask(ctx, access.System(), forecast.Query{Query: coverage.Query{Org: "SO-TP", Day: models.MustDay("2025-06-01")}})
		must(t, err)
		if p := past.Groups[0]; past.Today || len(p.Planned) != 0 || p.Figure.Covered != 16 || p.Outlook.Marks[0].Day != models.MustDay("2025-06-01") {
			t.Errorf("of a past day: %+v", p)
		}
	}, testseed.Base)
}

func TestWithoutALedgerTheForecastIsMuchTheSame(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := office(t, db, false)
		ask := func() forecast.Group {
			f, err := s.Ask(ctx, access.System(), forecast.Query{Query: coverage.Query{Org: "SO-TP"}, Group: "QCN"})
			must(t, err)
			return f.Groups[f.Chosen]
		}
		counted := ask()
		testdb.Ledger(t, db)
		kept := ask()
		if counted.Kind != kept.Kind || counted.Need != kept.Need || abs(counted.Outlook.End().Mid.Covered-kept.Outlook.End().Mid.Covered) > 1 {
			t.Errorf("%+v\n%+v", counted.Outlook.End(), kept.Outlook.End())
		}
	}, testseed.Base)
}

func TestAForecastAsksAsManyStatementsWhateverTheSizeAndRefusesDaysToCome(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := office(t, db, true)
		n := testdb.CountQueries(db, func() {
			_, err := s.Ask(ctx, access.System(), forecast.Query{Group: "QCN"})
			must(t, err)
		})
		if n > 45 {
			t.Errorf("%d statements", n)
		}
		for code, q := range map[string]forecast.Query{
			"forecast_day_ahead": {Query: coverage.Query{Day: models.MustDay("2026-11-25")}},
			"day_outside_plan":   {Query: coverage.Query{Day: models.MustDay("2022-12-31")}},
			"not_found":          {Group: "XXX"},
		} {
			if _, err := s.Ask(ctx, access.System(), q); !errs.Is(err, code) {
				t.Errorf("%v, want %s", err, code)
			}
		}
		first, err := s.Ask(ctx, access.System(), forecast.Query{Query: coverage.Query{Org: "SO-TP", Day: models.MustDay("2023-01-01")}})
		must(t, err)
		if g := first.Groups[0]; g.Kind != forecast.Young || g.Need.Goal != 40 {
			t.Errorf("on the plan's first day: %s %+v", g.Kind, g.Need)
		}
	}, testseed.Base)
}

func abs(n int) int { return max(n, -n) }
