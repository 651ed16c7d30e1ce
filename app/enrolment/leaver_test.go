package enrolment_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/store"
	"taphuan/models"
)

// left ends the main posting of a cadre.
func (w *world) left(cadre uint64, to models.Day, why models.EndReason) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		return tx.Model(&models.Posting{}).Where("cadre_id = ? AND main = ?", cadre, true).Updates(map[string]any{"to_day": to, "end_reason": why, "updated_at": tx.Now}).Error
	})
}

func TestWhoLeavesTheRosterGivesTheSeatToWhoWaits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(8) // on 2026-12-01; today is 2026-11-24
		first := c.FirstDay
		seats, waiting := w.cadres(8, "SO-TP"), w.cadres(6, "SO-NV")
		boss := w.account(models.RoleCoordinator)
		_, err := w.Enrol(ctx, boss, c.ID, append(slices.Clone(seats), waiting...))
		must(t, err)
		nominated := w.cadre("Bế Được Cử", "SO-TP")
		_, err = w.Nominate(ctx, w.head("SO-TP"), c.ID, []uint64{nominated})
		must(t, err)
		day := models.MustDay("2026-11-25")
		// These leave before the course begins, on the day on which it begins, and from the waiting list and a nomination.
		w.left(seats[0], day, models.EndDied)
		w.left(seats[1], first, models.EndRetired)
		w.left(seats[2], day, models.EndMovedAway)
		w.left(waiting[0], day, models.EndOther)
		w.left(nominated, day, models.EndRetired)
		// These do not: they leave after it, go to another office, wait to be placed, come back, or were enrolled all the same.
		w.left(seats[3], first.AddDays(1), models.EndRetired)
		w.left(seats[4], day, models.EndTransferred)
		w.left(seats[5], day, models.EndOrganisation)
		w.left(seats[6], day, models.EndOther)
		w.posted(models.Cadre{ID: seats[6]}, models.Posting{OrganisationID: w.orgs["SO-NV"].ID, Main: true, FromDay: first})
		w.left(seats[7], day, models.EndRetired)
		later := w.DB.Time().Add(time.Minute)
		w.DB.Now = func() time.Time { return later }
		_, err = w.Withdraw(ctx, boss, w.enrolment(c, seats[7]).ID, "Nghỉ hưu")
		must(t, err) // waiting[0] gets the seat, for now
		w.set(c, map[string]any{"capacity": 9})
		_, err = w.Enrol(ctx, boss, c.ID, []uint64{seats[7]}) // waiting[1] is first; so this one waits
		must(t, err)
		var both sync.WaitGroup
		for range 3 {
			both.Go(func() {
				if err := w.Release(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		for i, id := range append(slices.Clone(seats), append(slices.Clone(waiting), nominated)...) {
			e := w.enrolment(c, id)
			gone := slices.Contains([]int{0, 1, 2, 8, 14}, i)
			if (e.State == models.EnrolmentWithdrawn) != gone || gone && (e.Reason == "" || e.DecidedByID != nil) {
				t.Errorf("person %d: %+v", i, e)
			}
		}
		if got := w.queue(c); !slices.Equal(got, []uint64{seats[7]}) {
			t.Errorf("waiting are %v", got)
		}
		if n := w.states(c)[models.EnrolmentEnrolled]; n != 9 {
			t.Errorf("%d have seats", n)
		}
		var audits int64
		must(t, w.DB.Read(ctx).Model(&models.AuditEntry{}).Where("action = ? AND noun_id = ?", "enrolment.withdraw", c.ID).Count(&audits).Error)
		if audits != 2 { // the coordinator's, and one for all who left
			t.Errorf("%d acts", audits)
		}
	})
}

func TestWhoLeavesWhileACourseRunsKeepsWhatTheyAttended(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(1)
		k := w.cadres(2, "SO-TP")
		_, err := w.Enrol(ctx, access.System(), c.ID, k)
		must(t, err)
		w.left(k[0], models.MustDay("2026-11-25"), models.EndRetired)
		for _, state := range []map[string]any{{"state": models.CourseRunning}, {"state": models.CourseOpen, "first_day": models.MustDay("2026-11-24")}, {"state": models.CourseClosed}} {
			w.set(c, state)
			must(t, w.Release(ctx))
			if e := w.enrolment(c, k[0]); e.State != models.EnrolmentEnrolled {
				t.Errorf("%v: %+v", state, e)
			}
		}
	})
}
