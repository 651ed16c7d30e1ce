package coverage_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// agree holds the ledger's figures of every organisation to the definition on a few days, and each row to one that is computed anew.
func (w *world) agree(t *testing.T, db *store.DB, when string) {
	t.Helper()
	ctx := context.Background()
	p, err := plan.OfID(ctx, db.Read(ctx), w.Plan.ID)
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := ledger.Kept(db.Read(ctx), p); err != nil || !kept {
		t.Fatal(when, "no ledger is kept", err)
	}
	w.lists(t, db, when) // with what has been entered and is not posted yet
	for i := range 3 {
		d := w.day()
		r, err := w.On(1, d)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			w.answers(t, db, when, d, r)
		}
		ids := make([]uint64, len(r.Nodes))
		for i, n := range r.Nodes {
			ids[i] = n.ID
		}
		days := slices.Compact([]models.Day{max(d-w.day()%500, w.Plan.FromDay), max(d-w.day()%40, w.Plan.FromDay), d})
		slices.Sort(days)
		got, err := ledger.At(db.Read(ctx), w.Plan, days, ids...)
		if err != nil {
			t.Fatal(err)
		}
		last := len(days) - 1
		for k, earlier := range days[:last] {
			then, err := w.On(1, earlier)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range then.Nodes {
				for g, f := range n.Figures {
					if sums := got[n.ID]; sums != nil && sums[k][g] != sumOf(f) {
						t.Fatalf("%s: %s on %s beside %s, group %d: %+v, the definition says %+v", when, n.Code, earlier, d, g, sums[k][g], sumOf(f))
					}
				}
			}
		}
		for _, n := range r.Nodes {
			over, err := ledger.Over(db.Read(ctx), w.Plan, n.ID, []models.Day{max(d-40, w.Plan.FromDay), d})
			if err != nil {
				t.Fatal(err)
			}
			for g, f := range n.Figures {
				want := sumOf(f)
				if got[n.ID][last][g] != want || over[1][g] != want {
					t.Fatalf("%s: %s on %s, group %d: %+v and over time %+v, the definition says %+v", when, n.Code, d, g, got[n.ID][last][g], over[1][g], want)
				}
			}
		}
	}
	differences, rows, err := ledger.Check(ctx, db)
	if err != nil || len(differences) > 0 || rows == 0 {
		t.Fatalf("%s: %d rows, %d differ: %+v %v", when, rows, len(differences), differences[:min(len(differences), 5)], err)
	}
}

// lists holds rankings and gaps of random days to the definition.
func (w *world) lists(t *testing.T, db *store.DB, when string) {
	t.Helper()
	orders := []ledger.GapOrder{ledger.GapsByTree, ledger.GapsByGroup, ledger.GapsByListed, ledger.GapsByDeclared, ledger.GapsByMore}
	for range 2 {
		d := w.day()
		n := int(d)
		w.ranks(t, db, when, coverage.RankQuery{Query: coverage.Query{Day: d}, Group: string(rune('A' + n%3)), By: ledger.Measures[n%len(ledger.Measures)], Down: n%2 == 0, All: n%7 > 0, Size: 4})
		w.gaps(t, db, coverage.GapQuery{Query: coverage.Query{Day: d}, By: orders[n%len(orders)], Down: n%2 == 0, Size: 4})
	}
}

// answers holds what the service says to the definition: rows of the whole tree, the overview of each organisation, and a series.
func (w *world) answers(t *testing.T, db *store.DB, when string, d models.Day, r *coverage.Report) {
	t.Helper()
	ctx := context.Background()
	s := &coverage.Service{DB: db}
	whole, err := s.Report(ctx, access.System(), coverage.Query{Day: d})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%+v", plainNodes(whole.Nodes)), fmt.Sprintf("%+v", plainNodes(r.Nodes)); got != want {
		t.Fatalf("%s: on %s the whole tree\n%s\nthe definition\n%s", when, d, got, want)
	}
	for _, n := range r.Nodes {
		own, err := w.On(n.ID, d)
		if err != nil {
			t.Fatal(err)
		}
		over, err := s.Overview(ctx, access.System(), coverage.Query{Org: n.Code, Day: d})
		if err != nil {
			t.Fatal(err)
		}
		want := append([]coverage.Node{own.Top()}, own.Children()...)
		if len(want) != len(over.Nodes) {
			t.Fatalf("%s: %s on %s has %d organisations below, the definition says %d", when, n.Code, d, len(over.Nodes)-1, len(want)-1)
		}
		for i, x := range over.Nodes {
			if x.ID != want[i].ID || fmt.Sprint(plainFigures(x.Figures)) != fmt.Sprint(plainFigures(want[i].Figures)) {
				t.Fatalf("%s: %s on %s: %v, the definition says %v", when, x.Code, d, plainFigures(x.Figures), plainFigures(want[i].Figures))
			}
		}
	}
	series, err := s.Series(ctx, access.System(), coverage.SeriesQuery{From: max(d-400, w.Plan.FromDay), To: d, StepMonths: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range series.Points {
		on, err := w.On(1, p.Day)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(plainFigures(p.Figures)) != fmt.Sprint(plainFigures(on.Top().Figures)) {
			t.Fatalf("%s: the series on %s: %v, the definition says %v", when, p.Day, plainFigures(p.Figures), plainFigures(on.Top().Figures))
		}
	}
}

// plainNodes and plainFigures show what figures say, without the places of numbers.
func plainNodes(nodes []coverage.Node) (out []string) {
	for _, n := range nodes {
		out = append(out, fmt.Sprint(n.Code, n.Parent, plainFigures(n.Figures), n.Silent, n.Unnamed))
	}
	return out
}

func plainFigures(fs []coverage.Figure) (out []string) {
	for _, f := range fs {
		out = append(out, fmt.Sprintf("%+v", sumOf(f)))
	}
	return out
}

func sumOf(f coverage.Figure) ledger.Sum {
	s := ledger.Sum{Roster: f.Roster, Covered: f.Covered, Recognised: f.Recognised, Denominator: f.Denominator, Unreported: f.Unreported}
	if f.Declared != nil {
		s.Declared = *f.Declared
	}
	s.Declaring = f.Declaring
	return s
}

func TestALedgerThatIsBuiltSaysWhatTheDefinitionSays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		for seed := range uint64(15) {
			w := newWorld(seed)
			w.store(t, db)
			if err := ledger.Build(context.Background(), db); err != nil {
				t.Fatal(err)
			}
			w.agree(t, db, fmt.Sprint("world ", seed))
		}
	})
}

func TestALedgerFollowsAnyChangeOfWhatItStandsOn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		for seed := range uint64(6) {
			w := newWorld(100 + seed)
			w.store(t, db)
			if err := ledger.Build(context.Background(), db); err != nil {
				t.Fatal(err)
			}
			rnd := rand.New(rand.NewPCG(seed, 3))
			for step := range 8 {
				what := ""
				for range 1 + rnd.IntN(4) { // what one has entered, another one settles
					what += w.change(t, db, rnd)
				}
				if rnd.IntN(8) == 0 {
					what += "built anew "
					if err := ledger.Build(context.Background(), db); err != nil {
						t.Fatal(err)
					}
				}
				w.agree(t, db, fmt.Sprintf("world %d, step %d, %s", 100+seed, step, what))
			}
		}
	})
}

// change changes something at random, in the facts and in the database.
func (w *world) change(t *testing.T, db *store.DB, rnd *rand.Rand) (what string) {
	t.Helper()
	other := newWorld(rnd.Uint64())
	_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		for range 1 + rnd.IntN(3) { // several in one transaction
			name, err := w.changeOne(tx, rnd, other)
			what += name + " "
			if err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(what, err)
	}
	return what
}

func (w *world) changeOne(tx *store.Tx, rnd *rand.Rand, other *world) (string, error) {
	cadre := uint64(1 + rnd.IntN(30))
	switch rnd.IntN(6) {
	case 0: // the cadre's history becomes another one's
		if err := ledger.Cadres(tx, cadre); err != nil {
			return "", err
		}
		return "postings", w.replacePostings(tx, cadre, other)
	case 1:
		if err := ledger.Cadres(tx, cadre, cadre%30+1); err != nil {
			return "", err
		}
		for i := range w.Completions {
			c := &w.Completions[i]
			if c.CadreID != cadre && c.CadreID != cadre%30+1 {
				continue
			}
			c.Day, c.Voided = w.day(), rnd.IntN(4) == 0
			set := map[string]any{"effective_day": c.Day, "voided_at": nil}
			if c.Voided {
				set["voided_at"] = tx.Now
			}
			if err := tx.Model(&models.Completion{}).Where("id = ?", i+1).Updates(set).Error; err != nil {
				return "", err
			}
		}
		return "completions", nil
	case 2, 3:
		o := &w.Organisations[4+rnd.IntN(len(w.Organisations)-4)]
		n := rnd.IntN(9)
		h := models.Headcount{ID: uint64(len(w.Headcounts) + 1), OrganisationID: o.ID, GroupID: uint64(1 + rnd.IntN(3)), EffectiveDay: w.day(), Declared: &n, CreatedAt: tx.Now}
		if o.CountsOnly {
			h.Covered = &n
		}
		if rnd.IntN(4) == 0 {
			h.Declared, h.Covered = nil, nil
		}
		if err := tx.Create(&h).Error; err != nil {
			return "", err
		}
		w.Headcounts = append(w.Headcounts, h)
		return "headcount", ledger.Headcount(tx, h.OrganisationID, h.GroupID)
	case 4:
		i := 4 + rnd.IntN(len(w.Organisations)-4)
		if err := ledger.Organisations(tx, w.Organisations[i].ID); err != nil {
			return "", err
		}
		o := &w.Organisations[i]
		o.FromDay, o.ToDay = other.Organisations[i].FromDay, other.Organisations[i].ToDay
		return "lifetime", tx.Model(&models.Organisation{}).Where("id = ?", o.ID).Updates(map[string]any{"from_day": o.FromDay, "to_day": o.ToDay}).Error
	default:
		o := &w.Organisations[4+rnd.IntN(len(w.Organisations)-4)]
		if err := ledger.Organisations(tx, o.ID); err != nil {
			return "", err
		}
		o.CountsOnly = !o.CountsOnly
		return "counts", tx.Model(&models.Organisation{}).Where("id = ?", o.ID).Update("counts_only", o.CountsOnly).Error
	}
}

// replacePostings gives a cadre the postings that one of another world has, at the offices of this one.
func (w *world) replacePostings(tx *store.Tx, cadre uint64, other *world) error {
	if err := tx.FirstOrCreate(&models.Cadre{ID: cadre, FullName: "Nông Văn Mới", BirthYear: 1980}, cadre).Error; err != nil {
		return err
	}
	if err := tx.Where("cadre_id = ?", cadre).Delete(&models.Posting{}).Error; err != nil {
		return err
	}
	var kept []coverage.Posting
	for _, p := range w.Postings {
		if p.CadreID != cadre {
			kept = append(kept, p)
		}
	}
	w.Postings = kept
	for _, p := range other.Postings {
		if p.CadreID != cadre || w.Organisations[p.OrganisationID-1].Kind.IsTotal() {
			continue
		}
		row := models.Posting{CadreID: cadre, OrganisationID: p.OrganisationID, Title: "Chuyên viên", FromDay: p.From, ToDay: p.To, Main: p.Main}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		for _, g := range p.Groups {
			if err := tx.Create(&models.PostingGroup{PostingID: row.ID, GroupID: g}).Error; err != nil {
				return err
			}
		}
		w.Postings = append(w.Postings, p)
	}
	return nil
}

func TestManyWhoWriteAtOnceKeepOneLedger(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(8) // nothing expires
		w.Completions, w.Postings = nil, nil
		office := slices.IndexFunc(w.Organisations, func(o models.Organisation) bool { return !o.Kind.IsTotal() && !o.CountsOnly })
		o := &w.Organisations[office]
		o.FromDay, o.ToDay = day("1900-01-01"), models.Forever
		for cadre := range uint64(20) { // all at one office
			w.Postings = append(w.Postings, coverage.Posting{CadreID: cadre + 1, OrganisationID: o.ID, From: day("2023-01-01"), To: models.Forever, Main: true, Groups: []uint64{1, 2}})
		}
		w.store(t, db)
		if err := ledger.Build(context.Background(), db); err != nil {
			t.Fatal(err)
		}
		var cadres []uint64
		for _, p := range w.Postings {
			cadres = append(cadres, p.CadreID)
		}
		var all sync.WaitGroup
		do := func(f func(tx *store.Tx) error) {
			all.Go(func() {
				if _, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, f(tx) }); err != nil {
					t.Error(err)
				}
			})
		}
		for i := range 8 { // courses that together make people covered, in either order of people
			mine := slices.Clone(cadres)
			if i%2 == 1 {
				slices.Reverse(mine)
			}
			do(func(tx *store.Tx) error {
				if err := ledger.Cadres(tx, mine...); err != nil {
					return err
				}
				for _, id := range mine {
					c := models.Completion{CadreID: id, EffectiveDay: day("2023-03-01").AddDays(i), Components: w.Plan.Components[i/2%2].Component.Set()}
					if err := tx.Create(&c).Error; err != nil {
						return err
					}
				}
				return nil
			})
		}
		for i := range 8 { // people who leave and headcounts of the same office
			do(func(tx *store.Tx) error {
				if err := ledger.Cadres(tx, cadres[i]); err != nil {
					return err
				}
				return tx.Model(&models.Posting{}).Where("cadre_id = ?", cadres[i]).Update("to_day", day("2024-02-01").AddDays(i%3)).Error
			})
			do(func(tx *store.Tx) error {
				n := 10 + i
				h := models.Headcount{OrganisationID: o.ID, GroupID: uint64(1 + i%2), EffectiveDay: day("2023-06-01").AddDays(i), Declared: &n, CreatedAt: tx.Now}
				if err := tx.Create(&h).Error; err != nil {
					return err
				}
				return ledger.Headcount(tx, o.ID, h.GroupID)
			})
		}
		for range 4 { // those who post what has been entered
			all.Go(func() {
				for range 5 {
					if err := ledger.Post(context.Background(), db); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Go(func() { // and a ledger that is built anew meanwhile
			if err := ledger.Build(context.Background(), db); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		differences, rows, err := ledger.Check(context.Background(), db)
		if err != nil || len(differences) > 0 || rows == 0 {
			t.Errorf("%d rows, %d differ: %+v %v", rows, len(differences), differences[:min(len(differences), 5)], err)
		}
		got, err := ledger.At(db.Read(context.Background()), w.Plan, []models.Day{day("2024-06-01")}, o.ID)
		if err != nil || got[o.ID][0][0].Covered == 0 || got[o.ID][0][0].Roster != 12 {
			t.Errorf("at the end: %+v %v", got[o.ID], err)
		}
	})
}

func TestStandingsFollowTheClockAndWhatIsChangedOnTheWay(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		now := time.Date(2022, 5, 1, 1, 0, 0, 0, time.UTC)
		db := testdb.Open(t, url, testdb.At(func() time.Time { return now }))
		w := newWorld(31)
		w.store(t, db)
		testdb.Ledger(t, db)
		rnd := rand.New(rand.NewPCG(31, 3))
		for _, on := range []string{"2023-02-28", "2023-03-01", "2024-02-29", "2024-03-01", "2023-12-31", "2031-01-01"} { // before, within and after the plan, and back
			what := w.change(t, db, rnd)
			d := day(on)
			now = d.At(8 * 60)
			if _, err := ledger.Ensure(context.Background(), db); err != nil {
				t.Fatal(err)
			}
			w.agree(t, db, on+" after "+what)
			var days int64
			if err := db.Read(context.Background()).Model(&models.CoverageStanding{}).Where("group_id = 1 AND day = ?", min(max(d, w.Plan.FromDay), w.Plan.ToDay-1)).Count(&days).Error; err != nil || days == 0 {
				t.Fatalf("%s: nothing stands on the day: %v", on, err)
			}
			w.lists(t, db, on)
		}
	})
}

func TestStandingsAreBroughtForwardByTwoProcessesWhilePeopleWrite(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		ctx := context.Background()
		clock := func(s string) testdb.Option { return testdb.At(func() time.Time { return day(s).At(8 * 60) }) }
		one, two := testdb.Open(t, url, clock("2023-06-01")), testdb.Open(t, url, clock("2024-02-29"))
		w := newWorld(8)
		w.store(t, one)
		testdb.Ledger(t, one)
		var all sync.WaitGroup
		for i := range 12 {
			db := []*store.DB{one, two}[i%2]
			n, o := i, w.Organisations[4+i%6]
			h := models.Headcount{ID: uint64(len(w.Headcounts) + 1), OrganisationID: o.ID, GroupID: uint64(1 + i%3), EffectiveDay: w.day(), Declared: &n, CreatedAt: one.Time().AddDate(1, 0, i)}
			w.Headcounts = append(w.Headcounts, h)
			all.Go(func() {
				if _, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
					return 0, errors.Join(tx.Create(&h).Error, ledger.Headcount(tx, h.OrganisationID, h.GroupID))
				}); err != nil {
					t.Error(err)
				}
			})
			if i%3 == 0 {
				all.Go(func() {
					if err := ledger.Stand(ctx, db); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		for _, db := range []*store.DB{one, two, one} {
			if err := ledger.Stand(ctx, db); err != nil {
				t.Fatal(err)
			}
			w.agree(t, db, "after "+models.DayOf(db.Time()).String())
		}
	})
}
