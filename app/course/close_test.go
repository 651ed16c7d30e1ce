package course_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestTheRuleOfCompletion(t *testing.T) {
	t.Parallel()
	n := func(x int) *int { return &x }
	for _, x := range []struct {
		name     string
		rule     course.Rule
		state    models.EnrolmentState
		attended int
		score    *int
		want     string // reason, "" for completed
	}{
		{"all of it", course.Rule{80, 480, nil}, models.EnrolmentEnrolled, 480, nil, ""},
		{"exactly the rule", course.Rule{80, 500, nil}, models.EnrolmentEnrolled, 400, nil, ""},
		{"a minute short", course.Rule{80, 500, nil}, models.EnrolmentEnrolled, 399, nil, "attendance_short"},
		{"no rounding up: 79.9 of 100", course.Rule{80, 1000, nil}, models.EnrolmentEnrolled, 799, nil, "attendance_short"},
		{"two of three equal sessions miss 67 of 100", course.Rule{67, 720, nil}, models.EnrolmentEnrolled, 480, nil, "attendance_short"},
		{"two of three equal sessions reach 66 of 100", course.Rule{66, 720, nil}, models.EnrolmentEnrolled, 480, nil, ""},
		{"nothing", course.Rule{1, 480, nil}, models.EnrolmentEnrolled, 0, nil, "attendance_short"},
		{"nothing was held", course.Rule{80, 0, nil}, models.EnrolmentEnrolled, 0, nil, "attendance_short"},
		{"score reached", course.Rule{80, 480, n(50)}, models.EnrolmentEnrolled, 480, n(50), ""},
		{"score short", course.Rule{80, 480, n(50)}, models.EnrolmentEnrolled, 480, n(49), "score_short"},
		{"score missing", course.Rule{80, 480, n(50)}, models.EnrolmentEnrolled, 480, nil, "score_missing"},
		{"a score that is not asked for does not count", course.Rule{80, 480, nil}, models.EnrolmentEnrolled, 480, n(0), ""},
		{"attendance is named before score", course.Rule{80, 480, n(50)}, models.EnrolmentEnrolled, 0, nil, "attendance_short"},
		{"waiting", course.Rule{80, 480, nil}, models.EnrolmentWaiting, 480, nil, "no_place"},
		{"nominated", course.Rule{80, 480, nil}, models.EnrolmentNominated, 0, nil, "no_place"},
		{"refused", course.Rule{80, 480, nil}, models.EnrolmentRefused, 480, nil, "refused"},
		{"withdrawn", course.Rule{80, 480, nil}, models.EnrolmentWithdrawn, 480, nil, "withdrawn"},
	} {
		outcome, reason := course.Decide(x.rule, x.state, x.attended, x.score)
		if reason != x.want || (outcome == models.OutcomeCompleted) != (x.want == "") || outcome == models.OutcomeNone {
			t.Errorf("%s: %s %q, not %q", x.name, outcome, reason, x.want)
		}
	}
}

func TestClosingDecidesEveryEnrolmentAndDatesCompletionsFromTheLastDay(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		sys := access.System()
		least := 50
		id := w.course("Tập huấn", func(in *course.Input) { in.RulePercent, in.MinScoreTenths = 50, &least })
		a := w.session(id, "2026-11-24", 7, 11, "")
		b := w.session(id, "2026-11-25", 7, 11, "")
		cancelled := w.session(id, "2026-11-26", 7, 19, "")
		e := w.enrol(id, 6, models.EnrolmentEnrolled)
		waiting, nominated, withdrawn := w.enrol(id, 1, models.EnrolmentWaiting)[0], w.enrol(id, 1, models.EnrolmentNominated)[0], w.enrol(id, 1, models.EnrolmentWithdrawn)[0]
		other := w.course("Lớp khác")
		bystander := w.enrol(other, 1, models.EnrolmentEnrolled)[0]
		w.must(w.s.Open(ctx, sys, id))
		w.must(w.s.Start(ctx, sys, id))
		w.must(w.s.CancelSession(ctx, sys, cancelled))
		w.mark(a, e[0], models.MarkPresent)
		w.mark(b, e[0], models.MarkLate)         // both: completed
		w.mark(a, e[1], models.MarkLate)         // half: completed at 50 of 100
		w.mark(a, e[2], models.MarkExcused)      // an excuse is no presence
		w.mark(b, e[2], models.MarkAbsent)       //
		w.mark(cancelled, e[2], models.MarkLate) // a cancelled session counts nothing
		w.mark(a, e[3], models.MarkPresent)      // score short
		w.mark(a, e[4], models.MarkPresent)      // score missing
		w.mark(cancelled, e[5], models.MarkLate) //
		for i, score := range []int{50, 100, 100, 49} {
			w.write(func(tx *store.Tx) error {
				return tx.Model(&models.Enrolment{}).Where("id = ?", e[i]).Update("score_tenths", score).Error
			})
		}
		w.at("2026-12-05", 9*60)
		p, err := w.s.Preview(ctx, sys, id)
		w.must(err)
		if p.Completed() != 2 || p.Short("attendance_short") != 2 || p.Short("score_short") != 1 || p.Short("score_missing") != 1 || p.Short("no_place") != 2 || p.Blocked != nil || p.Unmarked != 1 {
			t.Errorf("preview: %d %+v", p.Completed(), p)
		}
		if s := w.get(id); s.State != models.CourseRunning {
			t.Error("looking closed the course")
		}
		w.must(w.s.Close(ctx, sys, id))
		d := w.get(id)
		if d.State != models.CourseClosed || d.Counts.Completed != 2 || d.Counts.NotCompleted != 4 || d.Counts.Refused != 2 || len(d.Components) != 2 {
			t.Errorf("%+v", d)
		}
		for x, want := range map[uint64]string{
			e[0]: "enrolled completed  480 480", e[1]: "enrolled completed  240 480", e[2]: "enrolled not_completed attendance_short 0 480",
			e[3]: "enrolled not_completed score_short 240 480", e[4]: "enrolled not_completed score_missing 240 480", e[5]: "enrolled not_completed attendance_short 0 480",
			waiting: "refused not_completed no_place 0 480", nominated: "refused not_completed no_place 0 480", withdrawn: "withdrawn not_completed withdrawn 0 480",
		} {
			var r models.Enrolment
			w.must(db.Read(ctx).Take(&r, x).Error)
			if r.AttendedMinutes == nil || r.TotalMinutes == nil {
				t.Errorf("enrolment %d: no minutes", x)
				continue
			}
			if got := fmt.Sprintf("%s %s %s %d %d", r.State, r.Outcome, r.OutcomeReason, *r.AttendedMinutes, *r.TotalMinutes); got != want || r.WaitingSince != nil {
				t.Errorf("enrolment %d: %s, not %s", x, got, want)
			}
		}
		var untouched models.Enrolment
		w.must(db.Read(ctx).Take(&untouched, bystander).Error)
		if untouched.Outcome != models.OutcomeNone || untouched.TotalMinutes != nil {
			t.Errorf("another course's enrolment was decided: %+v", untouched)
		}
		var done []models.Completion
		w.must(db.Read(ctx).Order("id").Find(&done).Error)
		if len(done) != 2 || len(done[0].Components.List()) != 2 || done[1].Components != done[0].Components || done[0].EffectiveDay.String() != "2026-11-25" || done[0].AttendedMinutes != 480 || *done[1].EnrolmentID != e[1] || done[1].TotalMinutes != 480 {
			t.Errorf("%+v", done)
		}
		// Later changes of the type change nothing: the components were fixed.
		w.write(func(tx *store.Tx) error {
			return tx.Where("course_type_id = ?", w.typ.ID).Delete(&models.CourseTypeComponent{}).Error
		})
		if d := w.get(id); len(d.Components) != 2 {
			t.Errorf("%v", d.Components)
		}
	}, testseed.Base)
}

func TestOfManyWhoCloseACourseOneDoes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx := context.Background()
		id := w.course("Tập huấn")
		x := w.session(id, "2026-11-23", 7, 11, "")
		for _, e := range w.enrol(id, 5, models.EnrolmentEnrolled) {
			w.mark(x, e, models.MarkPresent)
		}
		w.must(w.s.Open(ctx, access.System(), id))
		w.must(w.s.Start(ctx, access.System(), id))
		var wg sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for i := range 8 {
			wg.Go(func() {
				by := access.System()
				by.Action = "POST /courses/1/close"
				if i < 2 {
					by.Key = "double-click" // the same request twice: both are told that it is done
				}
				err := w.s.Close(context.Background(), by, id)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done++
				} else if !errs.Is(err, "course_step") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done < 1 || done > 2 {
			t.Errorf("%d closed it", done)
		}
		var n, audits int64
		w.must(db.Read(ctx).Model(&models.Completion{}).Count(&n).Error)
		w.must(db.Read(ctx).Model(&models.AuditEntry{}).Where("action = ?", "course.close").Count(&audits).Error)
		if n != 5 || audits != 1 {
			t.Errorf("%d completions, %d entries in the audit", n, audits)
		}
	}, testseed.Base)
}

func TestClosingTakesABoundedNumberOfStatements(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		statements := func(people int) (closing, looking int) {
			id := w.course("Tập huấn", func(in *course.Input) { in.Capacity = people })
			x := w.session(id, "2026-11-23", 7, 11, "")
			e := w.enrol(id, people, models.EnrolmentEnrolled)
			w.must(w.s.Open(ctx, access.System(), id))
			w.must(w.s.Start(ctx, access.System(), id))
			w.mark(x, e[0], models.MarkPresent)
			w.write(func(tx *store.Tx) error {
				return tx.Exec("INSERT INTO marks (session_id, enrolment_id, mark, note, marked_at, event_id, account_id) SELECT m.session_id, e.id, 'present', '', m.marked_at, m.event_id, m.account_id"+
					" FROM enrolments e JOIN marks m ON m.enrolment_id = ? WHERE e.course_id = ? AND e.id <> ?", e[0], id, e[0]).Error
			})
			looking = testdb.CountQueries(db, func() { _, err := w.s.Preview(ctx, access.System(), id); w.must(err) })
			closing = testdb.CountQueries(db, func() { w.must(w.s.Close(ctx, access.System(), id)) })
			if d := w.get(id); d.Counts.Completed != people {
				t.Errorf("%d of %d completed", d.Counts.Completed, people)
			}
			return closing, looking
		}
		fewClose, fewLook := statements(3)
		manyClose, manyLook := statements(300)
		if fewClose != manyClose || fewLook != manyLook {
			t.Errorf("3 people: %d to close, %d to look; 300: %d and %d", fewClose, fewLook, manyClose, manyLook)
		}
	}, testseed.Base)
}
