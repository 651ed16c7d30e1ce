package course_test

import (
	"context"
	"testing"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestAReopenedCourseIsDecidedAnewAndWhatAPersonVoidedStaysVoid(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx, sys := context.Background(), access.System()
		w := newWorld(t, db)
		id := w.course("Tập huấn")
		x := w.session(id, "2026-11-24", 8, 11, "A")
		w.must(w.s.Open(ctx, sys, id))
		who := w.enrol(id, 4, models.EnrolmentEnrolled)
		for i, m := range []models.MarkValue{models.MarkPresent, models.MarkPresent, models.MarkAbsent, models.MarkPresent} {
			w.mark(x, who[i], m)
		}
		w.must(w.s.Start(ctx, sys, id))
		w.at("2026-11-24", 12*60)
		w.must(w.s.Close(ctx, sys, id))
		live := func() (out []bool) {
			t.Helper()
			for _, e := range who {
				var k []models.Completion
				w.must(db.Read(ctx).Where("enrolment_id = ?", e).Find(&k).Error)
				out = append(out, len(k) == 1 && k[0].VoidedAt == nil)
			}
			return out
		}
		is := func(what string, want ...bool) {
			t.Helper()
			for i, got := range live() {
				if got != want[i] {
					t.Errorf("%s: %v, want %v", what, live(), want)
					return
				}
			}
		}
		set := func(i int, m models.MarkValue) {
			t.Helper()
			w.write(func(tx *store.Tx) error {
				return tx.Model(&models.Mark{}).Where("session_id = ? AND enrolment_id = ?", x, who[i]).Update("mark", m).Error
			})
		}
		is("closed", true, true, false, true)
		// A person voids the fourth by hand.
		w.write(func(tx *store.Tx) error {
			return tx.Model(&models.Completion{}).Where("enrolment_id = ?", who[3]).Updates(map[string]any{"voided_at": tx.Now, "void_reason": "nhầm người"}).Error
		})
		n, err := w.s.Touched(ctx, sys, id)
		if err != nil || n.Completions != 2 || len(n.Certificates) != 0 || n.Blocked != nil {
			t.Errorf("%+v %v", n, err)
		}
		for reason, code := range map[string]string{" ": "reason_missing"} {
			if err := w.s.Reopen(ctx, sys, id, reason); !errs.Is(err, code) {
				t.Errorf("%v, want %s", err, code)
			}
		}
		w.must(w.s.Reopen(ctx, sys, id, "Điểm danh nhầm buổi"))
		if err := w.s.Reopen(ctx, sys, id, "lần nữa"); !errs.Is(err, "course_step") {
			t.Error(err)
		}
		if err := w.s.Cancel(ctx, sys, id, "thôi"); !errs.Is(err, "course_was_reopened") {
			t.Error(err)
		}
		if d := w.get(id); d.State != models.CourseRunning || d.ReopenReason != "Điểm danh nhầm buổi" || d.ClosedAt != nil {
			t.Errorf("%+v", d.Course)
		}
		is("open again, nothing has changed yet", true, true, false, false)
		set(0, models.MarkAbsent)
		set(2, models.MarkLate)
		p, err := w.s.Preview(ctx, sys, id)
		if err != nil || len(p.Loses()) != 1 || p.Loses()[0].EnrolmentID != who[0] {
			t.Errorf("%+v %v", p, err)
		}
		w.must(w.s.Close(ctx, sys, id))
		is("closed again", false, true, true, false)
		var k models.Completion
		w.must(db.Read(ctx).Where("enrolment_id = ?", who[0]).Take(&k).Error)
		if k.VoidReason != "Điểm danh nhầm buổi" || !k.VoidedByClose {
			t.Errorf("%+v", k)
		}
		var components int64
		w.must(db.Read(ctx).Model(&models.Completion{}).Where("course_id = ? AND components = ?", id, models.ComponentsOf(models.ComponentUpdate, models.ComponentTraining)).Count(&components).Error)
		if components != 4 { // void or not
			t.Errorf("%d completions with both components", components)
		}
		// What a closing took, a closing gives back; what a person took, it does not.
		w.must(w.s.Reopen(ctx, sys, id, "Lại nhầm"))
		set(0, models.MarkPresent)
		w.must(w.s.Close(ctx, sys, id))
		is("closed a third time", true, true, true, false)
		w.must(db.Read(ctx).Where("enrolment_id = ?", who[0]).Take(&k).Error)
		if k.VoidReason != "" || k.VoidedByClose {
			t.Errorf("%+v", k)
		}
		// A course that came in from a workbook has nothing to be decided by.
		w.write(func(tx *store.Tx) error {
			return tx.Model(&models.Enrolment{}).Where("id = ?", who[1]).Update("source", "import").Error
		})
		if err := w.s.Reopen(ctx, sys, id, "x"); !errs.Is(err, "course_was_imported") {
			t.Error(err)
		}
	}, testseed.Base)
}
