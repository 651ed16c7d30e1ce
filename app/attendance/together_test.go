package attendance_test

import (
	"runtime"
	"slices"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// atOnce records batches in one transaction: they wait for one that waits for the course.
func (w *world) atOnce(t *testing.T, batches []attendance.Batch, as func(i int) (attendance.Outcome, error)) ([]attendance.Outcome, []error) {
	t.Helper()
	held, free := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_, err := w.db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			var c models.Course
			err := tx.Lock().Take(&c, w.course.ID).Error
			close(held)
			<-free
			return 0, err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-held
	all.Go(func() { // leads, and waits
		_, err := w.service.Record(ctx, w.trainer, attendance.Batch{Marks: []attendance.MarkInput{{SessionID: w.sessions[1].ID, EnrolmentID: w.people[0], Mark: models.MarkLate, MarkedAt: w.db.Time()}}})
		if err != nil {
			t.Error(err)
		}
	})
	for !w.service.Taken() { // else it could be written together with some that are to wait
		runtime.Gosched()
	}
	out, errs := make([]attendance.Outcome, len(batches)), make([]error, len(batches))
	for i := range batches {
		all.Go(func() { out[i], errs[i] = as(i) })
	}
	for w.service.Waiting() < len(batches) {
		runtime.Gosched()
	}
	close(free)
	all.Wait()
	return out, errs
}

func TestABatchThatCannotBeWrittenTakesNoOthersAlong(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 4)
		batches := make([]attendance.Batch, 4)
		for i := range batches {
			batches[i].Marks = []attendance.MarkInput{{UID: uid(), SessionID: w.sessions[0].ID, EnrolmentID: w.people[i], Mark: models.MarkPresent, MarkedAt: db.Time()}}
		}
		out, errs := w.atOnce(t, batches, func(i int) (attendance.Outcome, error) {
			actor := w.trainer
			if i == 1 {
				actor = w.coordinator()
				actor.AccountID = 1 << 40 // there is no such account, which the database refuses
			}
			return w.service.Record(ctx, actor, batches[i])
		})
		for i, err := range errs {
			switch {
			case i == 1 && err == nil:
				t.Error("an account that is not there marked")
			case i != 1 && (err != nil || !slices.Equal(fates(out[i].Marks), []string{"stored"})):
				t.Errorf("batch %d: %v %+v", i, err, out[i])
			}
		}
		if m := w.marks(t, 0); len(m) != 3 {
			t.Errorf("%v", m)
		}
	}, testseed.Base)
}

func TestAWalkInIsOneWhoeverSendsThemAndNobodyElseTakesTheirId(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1)
		in := attendance.WalkInInput{UID: uid(), SessionID: w.sessions[0].ID, Name: "Đàm Văn  Lạc", Office: "UBND xã", BirthYear: 1979}
		other, there := in, in
		other.Name, there.SessionID = "Đàm Văn Lan", w.sessions[1].ID
		for _, x := range []struct {
			actor access.Actor
			in    attendance.WalkInInput
			want  string
		}{{w.trainer, in, "stored"}, {w.trainer, in, "repeated"}, {w.coordinator(), in, "repeated"}, {w.clerk, in, "repeated"}, {w.trainer, other, "walk_in_uid_taken"}, {w.trainer, there, "walk_in_uid_taken"}} {
			out, err := w.service.Record(ctx, x.actor, attendance.Batch{WalkIns: []attendance.WalkInInput{x.in}})
			if err != nil || fates(out.WalkIns)[0] != x.want {
				t.Errorf("%+v: %v, want %s (%v)", x.in, fates(out.WalkIns), x.want, err)
			}
		}
	}, testseed.Base)
}
