package attendance_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/course"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// follows fails unless the marks and disputes of the course are what follows from its events, person by person and session by session.
func (w *world) follows(t *testing.T) {
	t.Helper()
	db := w.db.Read(ctx)
	var events []struct {
		models.MarkEvent
		Whose uint64
	}
	var marks []models.Mark
	var disputes []models.MarkDispute
	for _, err := range []error{
		db.Table("mark_events").Joins("LEFT JOIN walk_ins w ON w.id = mark_events.walk_in_id AND w.state = 'matched'").
			Select("mark_events.*, COALESCE(mark_events.enrolment_id, w.enrolment_id, 0) AS whose").Order("mark_events.id").Scan(&events).Error,
		db.Find(&marks).Error, db.Find(&disputes).Error,
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	type place struct{ session, whose uint64 }
	of := map[place][]models.MarkEvent{}
	for _, e := range events {
		of[place{e.SessionID, e.Whose}] = append(of[place{e.SessionID, e.Whose}], e.MarkEvent)
	}
	holds, disputed := map[place]uint64{}, map[place]bool{}
	for at, list := range of {
		i, other := attendance.Holds(list)
		if i >= 0 && list[i].Mark != models.MarkNone && at.whose != 0 {
			holds[at] = list[i].ID
		}
		if other >= 0 && at.whose != 0 {
			disputed[at] = true
		}
	}
	for _, m := range marks {
		if at := (place{m.SessionID, m.EnrolmentID}); holds[at] != m.EventID {
			t.Errorf("%+v is %d, follows %d", at, m.EventID, holds[at])
		}
	}
	for _, d := range disputes {
		if !disputed[place{d.SessionID, d.EnrolmentID}] {
			t.Errorf("%+v", d)
		}
	}
	if len(marks) != len(holds) || len(disputes) != len(disputed) {
		t.Errorf("%d marks, %d follow; %d disputes, %d follow", len(marks), len(holds), len(disputes), len(disputed))
	}
}

// decided fails unless closing decided by the marks that hold now.
func (w *world) decided(t *testing.T) {
	t.Helper()
	var wrong int64
	err := w.db.Read(ctx).Table("enrolments e").Where("e.course_id = ? AND COALESCE(e.attended_minutes, -1) <> (SELECT COALESCE(SUM(s.end_minute - s.start_minute), 0) FROM marks m JOIN course_sessions s ON s.id = m.session_id"+
		" WHERE m.enrolment_id = e.id AND m.mark IN ('present', 'late') AND s.cancelled = ?)", w.course.ID, false).Count(&wrong).Error
	if err != nil || wrong != 0 {
		t.Errorf("of %d the closed course says other minutes than their marks: %v", wrong, err)
	}
}

// TestMarksAreWhatFollowsFromTheirEventsWhateverHappensWhileTheyArrive has phones, a page of the server and a coordinator, who matches
// walk-ins, withdraws people, closes, opens again and decides on late marks, work on one course at once.
func TestMarksAreWhatFollowsFromTheirEventsWhateverHappensWhileTheyArrive(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const people, strays, rounds, sends = 8, 3, 6, 4
		w := newWorld(t, db, people+rounds) // one of the others is withdrawn in each round
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"min_score_tenths": nil})
		evening := w.sessions[2].Ends().Add(time.Hour)
		db.Now = func() time.Time { return evening }
		courses, places, boss := &course.Service{DB: db}, &enrolment.Service{DB: db}, w.coordinator()
		walkIns := make([]attendance.WalkInInput, strays)
		var known []models.WalkIn
		for i := range walkIns {
			walkIns[i] = attendance.WalkInInput{UID: uid(), SessionID: w.sessions[0].ID, Name: "Khách", Office: "UBND xã"}
		}
		w.record(t, attendance.Batch{WalkIns: walkIns})
		cadres := make([]models.Enrolment, 0)
		for _, err := range []error{db.Read(ctx).Order("id").Find(&known).Error, db.Read(ctx).Where("course_id = ?", w.course.ID).Order("id").Find(&cadres).Error} {
			if err != nil {
				t.Fatal(err)
			}
		}
		// What a person may be told; a deadlock of the database is not among it.
		fine := func(err error) {
			if e := errs.As(err); err != nil && e.Kind != errs.KindConflict && e.Kind != errs.KindInvalid && e.Kind != errs.KindNotFound {
				t.Errorf("%v", err)
			}
		}
		for round := range rounds {
			r := rand.New(rand.NewPCG(3, uint64(round)))
			var all sync.WaitGroup
			do := func(f func(r *rand.Rand)) {
				mine := rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))
				all.Go(func() { f(mine) })
			}
			for phone := range 4 {
				device := uid()
				do(func(r *rand.Rand) {
					for range sends {
						b := attendance.Batch{DeviceID: device}
						for range 6 {
							m := attendance.MarkInput{UID: uid(), SessionID: w.sessions[r.IntN(3)].ID, Mark: attendance.Marks[r.IntN(4)], MarkedAt: evening.Add(-time.Duration(r.IntN(5000)) * time.Second)}
							if r.IntN(4) == 0 {
								m.WalkInUID = walkIns[r.IntN(strays)].UID
							} else {
								m.EnrolmentID = w.people[r.IntN(people+rounds)]
							}
							b.Marks = append(b.Marks, m)
						}
						_, err := w.service.Record(ctx, []access.Actor{w.trainer, w.clerk}[phone%2], b)
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
			do(func(r *rand.Rand) {
				for range sends {
					_, err := w.service.Save(ctx, w.trainer, w.sessions[r.IntN(3)].ID, []attendance.MarkInput{{EnrolmentID: w.people[r.IntN(people)], Mark: models.MarkNone}})
					fine(err)
					_, err = w.service.AllPresent(ctx, w.clerk, w.sessions[r.IntN(3)].ID)
					fine(err)
				}
			})
			do(func(r *rand.Rand) {
				for range 2 * sends {
					x := known[r.IntN(strays)].ID
					if r.IntN(2) == 0 {
						fine(w.service.Match(ctx, boss, x, cadres[r.IntN(people)].CadreID))
					} else {
						fine(w.service.Unmatch(ctx, boss, x))
					}
				}
			})
			do(func(*rand.Rand) {
				_, err := places.Withdraw(ctx, boss, w.people[people+round], "ốm")
				fine(err)
			})
			do(func(*rand.Rand) {
				for range sends {
					fine(courses.Close(ctx, boss, w.course.ID))
					fine(courses.Reopen(ctx, boss, w.course.ID, "bổ sung"))
					held, _, err := w.service.Held(ctx, boss, w.course.ID)
					fine(err)
					var ids []uint64
					for _, h := range held {
						ids = append(ids, h.ID)
					}
					fine(w.service.DecideHeld(ctx, boss, w.course.ID, ids, true))
				}
			})
			all.Wait()
			w.follows(t)
			if err := courses.Close(ctx, boss, w.course.ID); err != nil {
				t.Fatal(err)
			}
			w.decided(t)
			if err := courses.Reopen(ctx, boss, w.course.ID, "bổ sung"); err != nil {
				t.Fatal(err)
			}
			if t.Failed() {
				t.Fatalf("round %d", round)
			}
		}
		if n := len(w.events(t)); n < rounds*sends*4 {
			t.Errorf("only %d events were taken", n)
		}
	}, testseed.Base)
}
