package enrolment_test

import (
	"slices"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/models"
)

func TestSeatsFirstThenTheWaitingListInTheOrderGiven(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(2)
		k := w.cadres(5, "SO-TP")
		slices.Reverse(k)
		r, err := w.Enrol(ctx, access.System(), c.ID, append(k, k[0], 0))
		must(t, err)
		if r != (enrolment.Result{Enrolled: 2, Waiting: 3}) {
			t.Errorf("result %+v", r)
		}
		if got := w.queue(c); !slices.Equal(got, k[2:]) {
			t.Errorf("waiting %v, want %v", got, k[2:])
		}
		late := w.cadres(1, "SO-TP")
		r, err = w.Enrol(ctx, access.System(), c.ID, append(late, k...))
		must(t, err)
		if r != (enrolment.Result{Waiting: 1, Already: 5}) {
			t.Errorf("again %+v", r)
		}
		if got := w.queue(c); !slices.Equal(got, append(k[2:], late...)) {
			t.Errorf("waiting %v", got)
		}
		e := w.enrolment(c, k[0])
		if e.OrganisationID == nil || *e.OrganisationID != w.orgs["SO-TP"].ID || e.Source != enrolment.SourceCoordinator || e.DecidedAt == nil {
			t.Errorf("%+v", e)
		}
	})
}

func TestWhoWithdrewComesBackBehindThoseWhoWait(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(1)
		k := w.cadres(3, "SO-TP")
		_, err := w.Enrol(ctx, access.System(), c.ID, k)
		must(t, err)
		r, err := w.Withdraw(ctx, access.System(), w.enrolment(c, k[0]).ID, " Bận  việc ")
		must(t, err)
		if r != (enrolment.Result{Changed: 1, Enrolled: 1}) {
			t.Errorf("result %+v", r)
		}
		if e := w.enrolment(c, k[0]); e.State != models.EnrolmentWithdrawn || e.Reason != "Bận việc" {
			t.Errorf("%+v", e)
		}
		if e := w.enrolment(c, k[1]); e.State != models.EnrolmentEnrolled || e.WaitingSince != nil {
			t.Errorf("moved up: %+v", e)
		}
		_, err = w.Enrol(ctx, access.System(), c.ID, k[:1])
		must(t, err)
		if got := w.queue(c); !slices.Equal(got, []uint64{k[2], k[0]}) {
			t.Errorf("waiting %v", got)
		}
		if e := w.enrolment(c, k[0]); e.Reason != "" {
			t.Errorf("the old reason stands: %q", e.Reason)
		}
		// Withdrawing again, from another tab, changes nothing.
		id := w.enrolment(c, k[2]).ID
		_, err = w.Withdraw(ctx, access.System(), id, "Ốm")
		must(t, err)
		r, err = w.Withdraw(ctx, access.System(), id, "Ốm nặng")
		must(t, err)
		if r != (enrolment.Result{Already: 1}) || w.enrolment(c, k[2]).Reason != "Ốm" {
			t.Errorf("twice: %+v", r)
		}
	})
}

func TestSeatsThatCameFreeBelongToThoseWhoWait(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(1)
		k := w.cadres(3, "SO-TP")
		_, err := w.Enrol(ctx, access.System(), c.ID, k[:2])
		must(t, err)
		w.set(c, map[string]any{"capacity": 2})
		r, err := w.Enrol(ctx, access.System(), c.ID, k[2:])
		must(t, err)
		if r.Waiting != 1 || w.enrolment(c, k[1]).State != models.EnrolmentEnrolled {
			t.Errorf("somebody was overtaken: %+v", r)
		}
	})
}

func TestARequestThatArrivesTwiceHappensOnceAndAnswersTheSame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(2)
		a := w.account(models.RoleCoordinator)
		a.Key = "0193-a"
		k := w.cadres(3, "SO-TP")
		want := enrolment.Result{Enrolled: 2, Waiting: 1}
		for range 2 {
			if r, err := w.Enrol(ctx, a, c.ID, k); err != nil || r != want {
				t.Errorf("%+v %v", r, err)
			}
		}
		a.Key = "0193-b"
		for range 2 {
			if r, err := w.Enrol(ctx, a, c.ID, k); err != nil || r != (enrolment.Result{Already: 3}) {
				t.Errorf("%+v %v", r, err)
			}
		}
	})
}

func TestPlacesChangeInOpenAndRunningCoursesOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(10)
		k := w.cadres(2, "SO-TP")
		_, err := w.Enrol(ctx, access.System(), c.ID, k[:1])
		must(t, err)
		id := w.enrolment(c, k[0]).ID
		for state, code := range map[models.CourseState]string{models.CourseDraft: "enrolment_draft", models.CourseClosed: "enrolment_closed", models.CourseCancelled: "enrolment_cancelled"} {
			w.set(c, map[string]any{"state": state})
			_, err := w.Enrol(ctx, access.System(), c.ID, k)
			refused(t, err, code)
			_, err = w.EnrolFound(ctx, access.System(), c.ID, enrolment.Filter{}, 0)
			refused(t, err, code)
			_, err = w.Withdraw(ctx, access.System(), id, "Bận")
			refused(t, err, code)
			_, err = w.Nominate(ctx, access.System(), c.ID, k)
			refused(t, err, code)
			_, err = w.Approve(ctx, access.System(), []uint64{id})
			refused(t, err, code)
		}
		w.set(c, map[string]any{"state": models.CourseRunning})
		_, err = w.Nominate(ctx, access.System(), c.ID, k)
		refused(t, err, "nomination_closed")
		if r, err := w.Enrol(ctx, access.System(), c.ID, k); err != nil || r.Enrolled != 1 {
			t.Errorf("%+v %v", r, err)
		}
	})
}

func TestImpossibleRequestsWriteNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(10)
		k := w.cadres(1, "SO-TP")
		many := make([]uint64, enrolment.MaxPeople+1)
		for i := range many {
			many[i] = uint64(i + 1)
		}
		for code, ids := range map[string][]uint64{"nobody_chosen": {0}, "too_many_chosen": many, "not_found": {k[0], 999999}} {
			_, err := w.Enrol(ctx, access.System(), c.ID, ids)
			refused(t, err, code)
			_, err = w.Nominate(ctx, access.System(), c.ID, ids)
			refused(t, err, code)
			_, err = w.Approve(ctx, access.System(), ids)
			refused(t, err, code)
			_, err = w.Refuse(ctx, access.System(), ids, "Trùng")
			refused(t, err, code)
			_, err = w.WithdrawAll(ctx, access.System(), ids, "Bận")
			refused(t, err, code)
		}
		_, err := w.Enrol(ctx, access.System(), 999999, k)
		refused(t, err, "not_found")
		_, err = w.Enrol(ctx, access.Actor{}, c.ID, k)
		refused(t, err, "not_found")
		_, err = w.Enrol(ctx, w.head("CB"), c.ID, k)
		refused(t, err, "not_found")
		_, err = w.EnrolFound(ctx, access.System(), c.ID, enrolment.Filter{Text: "Không có ai"}, 0)
		refused(t, err, "nobody_found")
		_, err = w.Withdraw(ctx, access.System(), 1, " \n ")
		refused(t, err, "reason_missing")
		_, err = w.Withdraw(ctx, access.System(), 1, longText)
		refused(t, err, "too_long")
		if n := len(w.states(c)); n != 0 {
			t.Errorf("%d states", n)
		}
	})
}

var longText = func() string {
	b := make([]rune, 501)
	for i := range b {
		b[i] = 'ế'
	}
	return string(b)
}()

func TestThirtyTwoConcurrentEnrollersNeverOverfillAndLoseNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const enrollers, each, capacity = 32, 5, 50
		c := w.course(capacity)
		k := w.cadres(enrollers*each, "SO-TP")
		var wg sync.WaitGroup
		var mu sync.Mutex
		var sum enrolment.Result
		for i := range enrollers {
			wg.Go(func() {
				// Each also asks for somebody of the next one's, so that the same cadre is enrolled twice at once.
				ids := append(slices.Clone(k[i*each:(i+1)*each]), k[(i+1)*each%len(k)])
				r, err := w.Enrol(ctx, access.System(), c.ID, ids)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				sum.Enrolled, sum.Waiting, sum.Already = sum.Enrolled+r.Enrolled, sum.Waiting+r.Waiting, sum.Already+r.Already
			})
		}
		wg.Wait()
		if want := (enrolment.Result{Enrolled: capacity, Waiting: len(k) - capacity, Already: enrollers}); sum != want {
			t.Errorf("the answers say %+v, want %+v", sum, want)
		}
		if got := w.states(c); got[models.EnrolmentEnrolled] != capacity || got[models.EnrolmentWaiting] != len(k)-capacity {
			t.Errorf("%v", got)
		}
		w.queueIsStrict(c)
	})
}

// queueIsStrict asks that no two places on the waiting list are the same, and that list and pages number them 1, 2, 3, …
func (w *world) queueIsStrict(c models.Course) {
	w.t.Helper()
	var n int64
	must(w.t, w.DB.Read(ctx).Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", c.ID, models.EnrolmentWaiting).Distinct("waiting_since").Count(&n).Error)
	q := w.queue(c)
	if int(n) != len(q) {
		w.t.Errorf("%d places for %d who wait", n, len(q))
	}
	l, err := w.List(ctx, access.System(), c.ID, enrolment.ListFilter{State: models.EnrolmentWaiting})
	must(w.t, err)
	for i, r := range l.Rows {
		if r.Position != i+1 || r.CadreID != q[i] {
			w.t.Errorf("place %d is %+v", i+1, r)
		}
	}
}

func TestWithdrawingWhileOthersEnrolMovesTheListUpExactlyOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const capacity, leaving, coming = 20, 16, 16
		c := w.course(capacity)
		first := w.cadres(capacity, "SO-TP")
		waits := w.cadres(leaving/2, "SO-NV")
		_, err := w.Enrol(ctx, access.System(), c.ID, append(slices.Clone(first), waits...))
		must(t, err)
		fresh := w.cadres(coming, "SO-YT")
		ids := make([]uint64, leaving)
		for i := range ids {
			ids[i] = w.enrolment(c, first[i]).ID
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		moved, seated := 0, 0
		for i := range leaving {
			wg.Go(func() {
				r, err := w.Withdraw(ctx, access.System(), ids[i], "Bận")
				if err != nil || r.Changed != 1 {
					t.Errorf("%+v %v", r, err)
				}
				mu.Lock()
				defer mu.Unlock()
				moved += r.Enrolled
			})
			wg.Go(func() {
				r, err := w.Enrol(ctx, access.System(), c.ID, fresh[i:i+1])
				if err != nil || r.Enrolled+r.Waiting != 1 {
					t.Errorf("%+v %v", r, err)
				}
				mu.Lock()
				defer mu.Unlock()
				seated += r.Enrolled
			})
		}
		wg.Wait()
		got := w.states(c)
		if got[models.EnrolmentEnrolled] != capacity || got[models.EnrolmentWithdrawn] != leaving || got[models.EnrolmentWaiting] != len(waits)+coming-leaving {
			t.Errorf("%v", got)
		}
		if moved+seated != leaving {
			t.Errorf("%d moved up and %d came at once into %d seats", moved, seated, leaving)
		}
		for _, id := range waits {
			if s := w.enrolment(c, id).State; s != models.EnrolmentEnrolled {
				t.Errorf("who waited first is %s", s)
			}
		}
		var ups int64
		must(t, w.DB.Read(ctx).Model(&models.AuditEntry{}).Where("action = ? AND noun_id = ?", "enrolment.move_up", c.ID).Count(&ups).Error)
		if int(ups) != moved {
			t.Errorf("the audit log says that %d moved up, the answers %d", ups, moved)
		}
		w.queueIsStrict(c)
	})
}
