package proposal_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/proposal"
	"taphuan/app/store"
	"taphuan/app/venue"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

var ctx = context.Background()

// world is a database with the base data, people in three areas and rooms in two.
type world struct {
	*proposal.Service
	t     *testing.T
	plan  *plan.Plan
	orgs  map[string]models.Organisation
	rooms []uint64 // large and small in the town, one in Trùng Khánh
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{Service: &proposal.Service{DB: db}, t: t, orgs: map[string]models.Organisation{}}
		var all []models.Organisation
		must(t, db.Read(ctx).Find(&all).Error)
		for _, o := range all {
			w.orgs[o.Code] = o
		}
		var err error
		w.plan, err = plan.Current(ctx, db.Read(ctx), models.MustDay("2026-11-24"))
		must(t, err)
		w.people()
		w.houses()
		testdb.Ledger(t, db)
		f(t, w)
	}, testseed.Base)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// people posts 40 in the town, 30 in Trùng Khánh, 12 in Bảo Lạc, all of group QCN; each fifth of CTXH too.
func (w *world) people() {
	w.t.Helper()
	_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		for _, x := range []struct {
			org string
			n   int
		}{{"SO-TP", 40}, {"X-TRUNGKHANH", 30}, {"X-BAOLAC", 12}} {
			for i := range x.n {
				k := models.Cadre{FullName: fmt.Sprintf("Nông Văn %c%c", 'A'+rune(i/20), 'A'+rune(i%20)), BirthYear: 1970 + i%30}
				if err := tx.Create(&k).Error; err != nil {
					return 0, err
				}
				p := models.Posting{CadreID: k.ID, OrganisationID: w.orgs[x.org].ID, Title: "Chuyên viên", Main: true, FromDay: models.MustDay("2024-01-01"), ToDay: models.Forever}
				if w.orgs[x.org].FromDay > p.FromDay {
					p.FromDay = w.orgs[x.org].FromDay
				}
				if err := tx.Create(&p).Error; err != nil {
					return 0, err
				}
				groups := []string{"QCN"}
				if i%5 == 0 {
					groups = append(groups, "CTXH")
				}
				for _, g := range groups {
					if err := tx.Create(&models.PostingGroup{PostingID: p.ID, GroupID: w.plan.GroupByCode(g).ID}).Error; err != nil {
						return 0, err
					}
				}
			}
		}
		return 0, nil
	})
	must(w.t, err)
}

func (w *world) houses() {
	w.t.Helper()
	s := &venue.Service{DB: w.DB}
	for _, v := range []struct {
		name, commune string
		rooms         []int
	}{{"Trung tâm Hội nghị", "X-THUCPHAN", []int{60, 20}}, {"Nhà văn hóa Trùng Khánh", "X-TRUNGKHANH", []int{50}}} {
		id, err := s.Create(ctx, access.System(), venue.Input{Name: v.name, OrganisationID: w.orgs[v.commune].ID})
		must(w.t, err)
		for _, n := range v.rooms {
			r, err := s.AddRoom(ctx, access.System(), id, venue.RoomInput{Name: fmt.Sprintf("Phòng %d", n), Capacity: n})
			must(w.t, err)
			w.rooms = append(w.rooms, r)
		}
	}
}

// ask is what everything else differs from: group QCN (target 100 %), who comes if invited, two classes of two days at most.
func (w *world) ask(change ...func(*proposal.Ask)) proposal.Ask {
	a := proposal.Default(w.plan, models.MustDay("2026-11-24"), w.rooms)
	a.Groups, a.Host, a.Least, a.Most, a.Attendance, a.Days = []string{"QCN"}, "SO-TP", 5, 60, 100, 20
	for _, f := range change {
		f(&a)
	}
	return a
}

func (w *world) propose(change ...func(*proposal.Ask)) *proposal.Kept {
	w.t.Helper()
	id, err := w.Propose(ctx, access.System(), w.ask(change...))
	must(w.t, err)
	k, err := w.Get(ctx, access.System(), id)
	must(w.t, err)
	return k
}

func TestAProposalReachesTheTargetAndComparesDaysWithTravel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.propose(func(a *proposal.Ask) { a.Most = 45 })
		if k.Stale || len(k.Found.Options) < 2 || k.Found.Share != 1000 {
			t.Fatalf("%+v", k.Found)
		}
		days, travel := k.Found.Options[0], k.Found.Options[len(k.Found.Options)-1]
		if days.Aim != proposal.FewestDays || travel.Aim != proposal.LeastTravel || days.Days() != 4 || days.Fewest != 2 || travel.Km > days.Km || travel.Days() < days.Days() {
			t.Errorf("%d days, %d km; %d days, %d km", days.Days(), days.Km, travel.Days(), travel.Km)
		}
		for _, o := range k.Found.Options {
			seen := map[uint64]bool{}
			for _, c := range o.Classes {
				if len(c.People) > c.Seats || len(c.People) < 5 || len(c.Days) != 2 || c.Days[1] != c.Days[0].AddDays(1) {
					t.Errorf("%s: %d people in %d seats on %v", o.Aim, len(c.People), c.Seats, c.Days)
				}
				for _, id := range c.People {
					if seen[id] {
						t.Errorf("%s: somebody is in two classes", o.Aim)
					}
					seen[id] = true
				}
			}
			if len(seen) != 82 || o.Invited[0] != 82 || o.Bound > o.Km {
				t.Errorf("%s: %d people, %v invited, %d km, bound %d", o.Aim, len(seen), o.Invited, o.Km, o.Bound)
			}
			if p := k.Found.Goals[0].After(k.Ask, o.Invited[0], true).Percent(); p.String() != "100.0" {
				t.Errorf("%s reaches %s", o.Aim, p)
			}
		}
		// From Bảo Lạc everybody travels, whatever the classes: to the town, there and back.
		if km := proposal.Km(w.orgs["H-BAOLAC"], w.orgs["H-CAOBANG"]); travel.Km < 12*2*km || travel.Far != km {
			t.Errorf("%d km, at farthest %d; Bảo Lạc lies %d km from the town", travel.Km, travel.Far, km)
		}
	})
}

func TestNoMoreAreInvitedThanTheTargetNeedsAndThoseWhoAreNearest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// CTXH: 17 people (8 in the town, 6, 3), target 70 %: 12 are enough; of ten who are invited nine come: 14 are invited.
		k := w.propose(func(a *proposal.Ask) { a.Groups, a.Attendance = []string{"CTXH"}, 90 })
		g := k.Found.Goals[0]
		if g.Missing != 17 || g.Wanted != 14 || g.Asked != 14 {
			t.Errorf("%+v", g)
		}
		last := k.Found.Options[len(k.Found.Options)-1]
		if last.People() != 14 || last.Km != 0 {
			t.Errorf("%d people travel %d km: those at the venues are enough", last.People(), last.Km)
		}
		if f := g.After(k.Ask, 14, false); !*f.Met(70) {
			t.Errorf("%d of %d", f.Covered, f.Denominator)
		}
	})
}

func TestWhereATargetIsNotMetTheReasonsAddUpToThoseMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		declared := 45
		_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			if err := ledger.Organisations(tx, w.orgs["SO-TP"].ID); err != nil {
				return 0, err
			}
			var p models.Posting
			if err := tx.Where("organisation_id = ?", w.orgs["X-BAOLAC"].ID).Take(&p).Error; err != nil {
				return 0, err
			}
			if err := tx.Create(&models.Leave{PostingID: p.ID, Kind: models.LeaveMaternity, FromDay: models.MustDay("2026-10-01"), ToDay: models.MustDay("2027-12-01")}).Error; err != nil {
				return 0, err
			}
			return 0, tx.Create(&models.Headcount{OrganisationID: w.orgs["SO-TP"].ID, GroupID: w.plan.GroupByCode("QCN").ID, EffectiveDay: models.MustDay("2026-01-01"), Declared: &declared}).Error
		})
		must(t, err)
		testdb.Ledger(t, w.DB)
		for name, x := range map[string]struct {
			change func(*proposal.Ask)
			want   proposal.Rest
		}{
			"everybody":     {func(a *proposal.Ask) {}, proposal.Rest{Unnamed: 5, Away: 1}},
			"nine of ten":   {func(a *proposal.Ask) { a.Attendance = 90 }, proposal.Rest{Unnamed: 5, Away: 1, Absent: 9}},
			"no days":       {func(a *proposal.Ask) { a.Days = 2 }, proposal.Rest{Unnamed: 5, Away: 1, Unseated: 21}},
			"no free rooms": {func(a *proposal.Ask) { a.Until = a.From.AddDays(1) }, proposal.Rest{Unnamed: 5, Away: 1, Unseated: 21}},
		} {
			k := w.propose(x.change)
			for _, o := range k.Found.Options {
				got := k.Found.Outcome(k.Ask, 0, o)
				if r := got.Rest; r != x.want || !got.Explained || r.Unnamed+r.Away+r.Useless+r.Unseated+r.Undated+r.Absent != got.Usual.Missing() {
					t.Errorf("%s, %s: %+v, %d missing, want %+v", name, o.Aim, r, got.Usual.Missing(), x.want)
				}
			}
		}
		k := w.propose()
		if resting, err := w.Resting(ctx, k); err != nil || len(resting) != 1 || len(resting[0]) != k.Found.Goals[0].Away || resting[0][0].Name == "" {
			t.Errorf("on leave: %+v, want %d: %v", resting, k.Found.Goals[0].Away, err)
		}
		o := k.Found.Options[0]
		o.Classes = slices.Clone(o.Classes)
		o.Classes[0].Days = nil
		if got := k.Found.Outcome(k.Ask, 0, o); got.Rest.Undated != len(o.Classes[0].People) || got.Usual.Missing() != 6+got.Rest.Undated {
			t.Errorf("a class without days counts: %+v", got)
		}
	})
}

func TestAProposalWhoseDraftsWereAllCancelledIsTurnedIntoDraftsAgainOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.propose(func(a *proposal.Ask) { a.Most = 45 })
		must(t, w.Make(ctx, access.System(), k.ID, proposal.FewestDays))
		read := func() *proposal.Kept {
			t.Helper()
			k, err := w.Get(ctx, access.System(), k.ID)
			must(t, err)
			return k
		}
		made := read()
		courses := &course.Service{DB: w.DB}
		for i, c := range made.Courses {
			if err := w.Make(ctx, access.System(), k.ID, proposal.FewestDays); !errs.Is(err, "proposal_made") {
				t.Errorf("with %d of %d cancelled: %v", i, len(made.Courses), err)
			}
			must(t, courses.Cancel(ctx, access.System(), c.ID, "Không mở"))
		}
		rows, err := w.List(ctx, access.System())
		must(t, err)
		if now := read(); !now.Cancelled || now.Stale || !rows[0].Made || !rows[0].Cancelled {
			t.Errorf("%+v, listed as %+v", now, rows[0])
		}
		last := k.Found.Options[len(k.Found.Options)-1]
		var both sync.WaitGroup
		failed := make([]error, 2)
		for i := range failed { // two tabs
			both.Go(func() { failed[i] = w.Make(ctx, access.System(), k.ID, last.Aim) })
		}
		both.Wait()
		if (failed[0] == nil) == (failed[1] == nil) || !errs.Is(failed[0], "proposal_made") && !errs.Is(failed[1], "proposal_made") {
			t.Errorf("%v, %v", failed[0], failed[1])
		}
		if again := read(); again.Cancelled || again.Made.Aim != last.Aim || len(again.Courses) != len(last.Classes) || len(again.Made.Refused) != 0 || again.Courses[0].ID <= made.Courses[len(made.Courses)-1].ID {
			t.Errorf("%+v", again.Made)
		}
	})
}

func TestWhoIsAwayOrHasASeatIsNotInvitedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.propose(func(a *proposal.Ask) { a.Days = 2 }) // 60 of 82 have a seat
		if first.Found.Share == 1000 || first.Found.Enough != 4 || first.Found.Options[0].People() != 60 {
			t.Errorf("%+v", first.Found)
		}
		must(t, w.Make(ctx, access.System(), first.ID, ""))
		_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			var p []models.Posting
			err := tx.Where("organisation_id = ? AND cadre_id NOT IN (SELECT cadre_id FROM enrolments)", w.orgs["X-BAOLAC"].ID).Limit(1).Find(&p).Error
			if err != nil || len(p) == 0 {
				err = tx.Where("cadre_id NOT IN (SELECT cadre_id FROM enrolments)").Limit(1).Find(&p).Error
			}
			if err != nil {
				return 0, err
			}
			return 0, tx.Create(&models.Leave{PostingID: p[0].ID, Kind: models.LeaveMaternity, FromDay: models.MustDay("2026-10-01"), ToDay: models.MustDay("2027-04-01")}).Error
		})
		must(t, err)
		next := w.propose()
		if next.Found.Provided != 60 || next.Found.Away != 1 || next.Found.Options[0].People() != 21 {
			t.Errorf("%+v", next.Found)
		}
	})
}

func TestOneClickMakesDraftsWithNominationsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.propose()
		o := k.Found.Options[len(k.Found.Options)-1]
		var both sync.WaitGroup
		failed := make([]error, 2)
		for i := range failed { // two tabs
			both.Go(func() { failed[i] = w.Make(ctx, access.System(), k.ID, o.Aim) })
		}
		both.Wait()
		if (failed[0] == nil) == (failed[1] == nil) || !errs.Is(failed[0], "proposal_made") && !errs.Is(failed[1], "proposal_made") {
			t.Errorf("%v, %v", failed[0], failed[1])
		}
		made, err := w.Get(ctx, access.System(), k.ID)
		must(t, err)
		if made.Made == nil || made.Made.Aim != o.Aim || len(made.Courses) != len(o.Classes) || len(made.Made.Refused) != 0 {
			t.Fatalf("%+v", made.Made)
		}
		for i, c := range made.Courses {
			want := o.Classes[i]
			if c.State != models.CourseDraft || c.FirstDay != want.Days[0] || c.LastDay != want.Days[1] || *c.VenueID != want.Venue {
				t.Errorf("%+v, want %+v", c, want)
			}
			var people []uint64
			must(t, w.DB.Read(ctx).Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", c.ID, models.EnrolmentNominated).Order("cadre_id").Pluck("cadre_id", &people).Error)
			if slices.Sort(want.People); !slices.Equal(people, want.People) {
				t.Errorf("%v are nominated, want %v", people, want.People)
			}
		}
		var courses int64
		must(t, w.DB.Read(ctx).Model(&models.Course{}).Count(&courses).Error)
		if int(courses) != len(o.Classes) {
			t.Errorf("%d courses of %d classes", courses, len(o.Classes))
		}
	})
}

func TestWhoCannotComeAnyMoreIsToldAndAProposalSaysThatTheWorldHasMovedOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.propose()
		gone := k.Found.Options[0].Classes[0].People[0]
		_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			if err := ledger.Cadres(tx, gone); err != nil {
				return 0, err
			}
			return 0, tx.Model(&models.Posting{}).Where("cadre_id = ?", gone).Updates(map[string]any{"to_day": models.MustDay("2026-11-25"), "end_reason": models.EndRetired}).Error
		})
		must(t, err)
		now, err := w.Get(ctx, access.System(), k.ID)
		must(t, err)
		if !now.Stale || now.Gone != 1 {
			t.Errorf("stale %v, %d gone", now.Stale, now.Gone)
		}
		must(t, w.Make(ctx, access.System(), k.ID, proposal.FewestDays))
		made, err := w.Get(ctx, access.System(), k.ID)
		must(t, err)
		if r := made.Made.Refused; len(r) != 1 || r[0].CadreID != gone || r[0].Code != "nomination_unplaced" {
			t.Errorf("%+v", r)
		}
	})
}

func TestARoomThatIsTakenMeanwhileIsNotTakenTwice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.propose(), w.propose()
		must(t, w.Make(ctx, access.System(), a.ID, ""))
		if err := w.Make(ctx, access.System(), b.ID, ""); !errs.Is(err, "proposal_room_taken") {
			t.Errorf("%v", err)
		}
		var n int64
		must(t, w.DB.Read(ctx).Model(&models.Course{}).Count(&n).Error)
		if int(n) != len(a.Found.Options[0].Classes) {
			t.Errorf("%d courses", n)
		}
	})
}

func TestWhatCannotBeAskedIsRefusedAtItsField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		day := models.MustDay
		for _, x := range []struct {
			field, code string
			change      func(*proposal.Ask)
		}{
			{"rooms", "proposal_no_rooms", func(a *proposal.Ask) { a.Rooms = nil }},
			{"rooms", "proposal_no_rooms", func(a *proposal.Ask) { a.Rooms = []uint64{999} }},
			{"rooms", "proposal_rooms_small", func(a *proposal.Ask) { a.Rooms, a.Least = w.rooms[1:2], 30 }},
			{"least", "proposal_least_many", func(a *proposal.Ask) { a.Groups, a.Least = []string{"CTXH"}, 40 }},
			{"most", "proposal_most_least", func(a *proposal.Ask) { a.Most = 4 }},
			{"days", "number_most", func(a *proposal.Ask) { a.Days = 1_000_000_000_000 }},
			{"days", "number_least", func(a *proposal.Ask) { a.Days = 0 }},
			{"days", "proposal_days_few", func(a *proposal.Ask) { a.Days = 1 }},
			{"each", "number_most", func(a *proposal.Ask) { a.Each = 11 }},
			{"attendance", "number_least", func(a *proposal.Ask) { a.Attendance = 0 }},
			{"from", "day", func(a *proposal.Ask) { a.From = 0 }},
			{"from", "proposal_from_past", func(a *proposal.Ask) { a.From = day("2026-11-24") }},
			{"from", "proposal_outside_plan", func(a *proposal.Ask) { a.From = day("2031-01-01") }},
			{"until", "proposal_backwards", func(a *proposal.Ask) { a.Until = a.From - 1 }},
			{"until", "proposal_outside_plan", func(a *proposal.Ask) { a.Until = day("2031-01-01") }},
			{"until", "proposal_no_days", func(a *proposal.Ask) { a.From, a.Until = day("2026-12-05"), day("2026-12-06") }},
			{"organisation", "required", func(a *proposal.Ask) { a.Organisation = "" }},
			{"organisation", "organisation_unknown", func(a *proposal.Ask) { a.Organisation = "KHONG-CO" }},
			{"from", "day_outside_organisation", func(a *proposal.Ask) { a.Organisation = "H-HALANG" }},
			{"host", "organisation_unknown", func(a *proposal.Ask) { a.Host = "SO-TTTT" }},
			{"groups", "unknown_target_group", func(a *proposal.Ask) { a.Groups = []string{"X"} }},
			{"groups", "proposal_target_met", func(a *proposal.Ask) { a.Groups = []string{"TTTT"} }},
			{"groups", "proposal_nobody", func(a *proposal.Ask) { a.Type = "skills" }},
			{"course_type", "choice", func(a *proposal.Ask) { a.Type = "x" }},
		} {
			_, err := w.Propose(ctx, access.System(), w.ask(x.change))
			if e := errs.As(err); err == nil || len(e.Fields) == 0 || e.Fields[0].Name != x.field || e.Fields[0].Code != x.code {
				t.Errorf("%s: got %v, %+v, want %s", x.field, err, errs.As(err).Fields, x.code)
			}
		}
		if _, err := w.Get(ctx, access.System(), 999); !errs.Is(err, "not_found") {
			t.Error(err)
		}
		if err := w.Make(ctx, access.System(), 999, ""); !errs.Is(err, "not_found") {
			t.Error(err)
		}
	})
}

func TestLackersAreThoseWhomTheFiguresCountAsMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r, all, err := (&coverage.Service{DB: w.DB}).Lackers(ctx, access.System(), coverage.Query{})
		must(t, err)
		for i, f := range r.Top().Figures {
			n := 0
			for _, x := range all {
				n += int(x.Groups >> i & 1)
			}
			if n != f.Missing() {
				t.Errorf("%s: %d by name, %d in figures", w.plan.Groups[i].Code, n, f.Missing())
			}
		}
		if len(all) != 82 {
			t.Errorf("%d people", len(all))
		}
	})
}

func TestClassesAreHeldOnWorkingDays(t *testing.T) {
	t.Parallel()
	for day, works := range map[string]bool{"2026-11-27": true, "2026-11-28": false, "2027-01-01": false, "2027-02-05": false, "2027-02-09": false, "2027-02-10": false, "2027-02-12": true,
		"2027-04-16": false, "2027-04-30": false, "2027-05-03": false, "2027-05-04": true, "2027-09-02": false, "2028-01-03": false, "2028-01-04": true, "2026-04-27": false, "2040-02-13": true} {
		if proposal.Works(models.MustDay(day)) != works {
			t.Errorf("%s: works %v", day, !works)
		}
	}
}

// The districts ended in 2025: a class is in a commune, and people come from communes and from provincial offices.
func TestPlacesAreThoseOfTheDayOfTheClass(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.propose()
		places, from := map[string]bool{}, map[string]int{}
		for _, o := range k.Found.Options {
			for _, c := range o.Classes {
				places[c.Area] = true
				for _, x := range c.From {
					if x.Area != "" || x.N < x.Offices {
						t.Errorf("%+v", x)
					}
					from[fmt.Sprint(x.Communes, x.Offices > 0)] += x.N
				}
			}
		}
		for _, want := range []string{"[] true", "[xã Trùng Khánh] false", "[xã Bảo Lạc] false"} {
			if from[want] == 0 {
				t.Errorf("nobody is from %s: %v", want, from)
			}
		}
		for place := range places {
			if place != "phường Thục Phán" && place != "xã Trùng Khánh" {
				t.Errorf("a class is in %q", place)
			}
		}
	})
}
