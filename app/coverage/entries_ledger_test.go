package coverage_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// entered is how many changes wait to be posted.
func entered(t *testing.T, db *store.DB) (n int64) {
	t.Helper()
	if err := db.Read(context.Background()).Model(&models.CoverageEntry{}).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

// oneOffice is a world of twenty people at one office, with nothing completed.
func oneOffice(t *testing.T, db *store.DB) (*world, models.Organisation) {
	t.Helper()
	w, at := world8(0)
	w.store(t, db)
	testdb.Ledger(t, db)
	return w, at
}

// world8 is that world before it is stored. What is completed expires after some months; 0: never.
func world8(months int) (*world, models.Organisation) {
	w := newWorld(8)
	if months > 0 {
		w.expire(months)
	}
	w.Completions, w.Postings, w.Headcounts = nil, nil, nil
	var at *models.Organisation
	for i := range w.Organisations {
		o := &w.Organisations[i]
		o.FromDay, o.ToDay = day("1900-01-01"), models.Forever
		if at == nil && !o.Kind.IsTotal() && !o.CountsOnly {
			at = o
		}
	}
	for cadre := range uint64(20) {
		w.Postings = append(w.Postings, coverage.Posting{CadreID: cadre + 1, OrganisationID: at.ID, From: day("2023-01-01"), To: models.Forever, Main: true, Groups: []uint64{1}})
	}
	return w, *at
}

// train records that a cadre has completed everything on a day.
func train(t *testing.T, db *store.DB, cadre uint64, on models.Day) {
	t.Helper()
	if _, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) { // alone changes nothing but who is covered
		if err := ledger.Completions(tx, cadre); err != nil {
			return 0, err
		}
		return 0, tx.Create(&models.Completion{CadreID: cadre, EffectiveDay: on, Components: models.ComponentsOf(models.ComponentUpdate, models.ComponentTraining)}).Error
	}); err != nil {
		t.Fatal(err)
	}
}

func TestEveryAnswerHoldsWhatWasRecordedJustBefore(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w, office := oneOffice(t, db)
		p, err := plan.OfID(context.Background(), db.Read(context.Background()), w.Plan.ID)
		if err != nil {
			t.Fatal(err)
		}
		ctx, actor, on, code := context.Background(), access.System(), day("2024-06-01"), "A"
		s := &coverage.Service{DB: db}
		q := coverage.Query{Org: office.Code, Day: on}
		for i, ask := range []struct {
			name string
			of   func() (int, error)
		}{
			{"report", func() (int, error) { r, err := s.Report(ctx, actor, q); return r.Top().Figures[0].Covered, err }},
			{"overview", func() (int, error) { r, err := s.Overview(ctx, actor, q); return r.Top().Figures[0].Covered, err }},
			{"names", func() (int, error) {
				n, err := s.Names(ctx, actor, coverage.NamesQuery{Query: q, Group: code, Part: coverage.PartCovered})
				return n.Figure.Covered, err
			}},
			{"content", func() (int, error) {
				c, err := s.Content(ctx, actor, coverage.ContentQuery{Query: q, Group: code})
				return c.Top().Figures[0].Covered, err
			}},
			{"series", func() (int, error) {
				r, err := s.Series(ctx, actor, coverage.SeriesQuery{Org: office.Code, From: on, To: on})
				return r.Points[0].Figures[0].Covered, err
			}},
			{"ranking", func() (int, error) {
				r, err := s.Ranking(ctx, actor, coverage.RankQuery{Query: q, Group: code, By: ledger.ByMissing, Down: true, Size: 5})
				return r.Ranked[0].Figures[0].Covered, err
			}},
			{"each day", func() (int, error) {
				d, err := s.Daily(ctx, actor, q)
				return d.Points[len(d.Points)-1].Sums[0].Covered, err
			}},
			{"the whole plan", func() (int, error) { f, _, err := s.Whole(ctx, p, on); return f[0].Covered, err }},
		} {
			train(t, db, uint64(i+1), day("2024-03-01"))
			if got, err := ask.of(); err != nil || got != i+1 {
				t.Errorf("%s: %d covered, not %d: %v", ask.name, got, i+1, err)
			}
			if n := entered(t, db); db.Dialect == store.MySQL && int(n) != i+1 {
				t.Errorf("%s: %d changes are entered", ask.name, n)
			}
		}
	})
}

func TestWhatExpiresIsKnownAsSoonAsItIsRecorded(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w, office := world8(3)
		w.store(t, db)
		testdb.Ledger(t, db)
		for i := range 3 {
			train(t, db, uint64(i+1), day("2024-03-10"))
			e, err := (&coverage.Service{DB: db}).Expiring(context.Background(), access.System(), coverage.ExpiringQuery{Query: coverage.Query{Org: office.Code, Day: day("2024-04-01")}, Size: 1})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, m := range e.Months {
				if m.First == day("2024-06-01") {
					n = m.N[0]
				}
			}
			if n != i+1 {
				t.Errorf("%d expire in June, not %d: %+v", n, i+1, e.Months)
			}
		}
	})
}

func TestWhatWasEnteredBeforeTheProcessEndedIsPostedAtTheNextStart(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w, office := oneOffice(t, db)
		train(t, db, 1, day("2024-03-01"))
		train(t, db, 2, day("2024-03-02"))
		if built, err := ledger.Ensure(context.Background(), db); err != nil || built {
			t.Fatal(built, err)
		}
		if n := entered(t, db); n != 0 {
			t.Errorf("%d changes wait on", n)
		}
		got, err := ledger.At(db.Read(context.Background()), w.Plan, []models.Day{day("2024-03-02")}, office.ID, 1)
		if err != nil || got[office.ID][0][0].Covered != 2 || got[1][0][0].Covered != 2 {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func TestAnOfficeThatGivesCountsOnlyFromNowOnTakesAlongWhatWasEntered(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w, office := oneOffice(t, db)
		for cadre := range uint64(5) {
			train(t, db, cadre+1, day("2024-03-01"))
		}
		for _, only := range []bool{true, false} {
			if _, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
				if err := ledger.Organisations(tx, office.ID); err != nil {
					return 0, err
				}
				return 0, tx.Model(&models.Organisation{}).Where("id = ?", office.ID).Update("counts_only", only).Error
			}); err != nil {
				t.Fatal(err)
			}
			want := 5
			if only {
				want = 0
			}
			got, err := ledger.At(db.Read(context.Background()), w.Plan, []models.Day{day("2024-03-02")}, office.ID)
			if err != nil || got[office.ID][0][0].Covered != want {
				t.Errorf("counts only %v: %+v, not %d: %v", only, got[office.ID][0][0], want, err)
			}
			if differences, _, err := ledger.Check(context.Background(), db); err != nil || len(differences) > 0 {
				t.Errorf("counts only %v: %+v %v", only, differences, err)
			}
		}
	})
}

func TestAReaderWaitsForNobody(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.MySQL)
	_, office := oneOffice(t, db)
	train(t, db, 1, day("2024-03-01"))
	ctx := context.Background()
	settled, read := make(chan bool), make(chan bool)
	var all sync.WaitGroup
	all.Go(func() { // holds what has been entered, and every sum above the office, until everything has been read
		n := 30
		if _, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			if err := ledger.Headcount(tx, office.ID, 1); err != nil {
				return 0, err
			}
			if _, err := tx.Keep("the end", func() (any, func() error, error) {
				return true, func() error { close(settled); <-read; return nil }, nil
			}); err != nil {
				return 0, err
			}
			return 0, tx.Create(&models.Headcount{OrganisationID: office.ID, GroupID: 1, EffectiveDay: day("2024-01-01"), Declared: &n, CreatedAt: tx.Now}).Error
		}); err != nil {
			t.Error(err)
		}
	})
	<-settled
	s, q := &coverage.Service{DB: db}, coverage.Query{Org: office.Code, Day: day("2024-06-01")}
	r, err := s.Report(ctx, access.System(), q)
	if err != nil || r.Top().Figures[0].Covered != 1 || r.Top().Figures[0].Denominator != 20 {
		t.Errorf("before the declaration: %v", err)
	}
	close(read)
	all.Wait()
	if r, err = s.Report(ctx, access.System(), q); err != nil || r.Top().Figures[0].Covered != 1 || r.Top().Figures[0].Denominator != 30 {
		t.Errorf("after it: %v", err)
	}
	if n := entered(t, db); n != 0 {
		t.Errorf("%d changes are left of what was settled", n)
	}
}

func TestADailyOfAnOfficeKnowsTheWholePlanWithoutALedgerToo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(5)
		w.store(t, db)
		d := day("2024-06-01")
		r, err := w.On(1, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, kept := range []bool{false, true} {
			if kept {
				testdb.Ledger(t, db)
			}
			for _, n := range r.Children() {
				x, err := (&coverage.Service{DB: db}).Daily(context.Background(), access.System(), coverage.Query{Org: n.Code, Day: d})
				if err != nil {
					t.Fatal(err)
				}
				if got, want := plainFigures(x.Whole), plainFigures(r.Top().Figures); !slices.Equal(got, want) {
					t.Errorf("kept %v, %s: the whole is %v, not %v", kept, n.Code, got, want)
				}
			}
		}
	})
}
