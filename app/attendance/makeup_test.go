package attendance_test

import (
	"context"
	"testing"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// elsewhere is a world's other course, with a session today of the minutes that is attended by the cadre of an enrolment.
func (w *world) elsewhere(t *testing.T, enrolment uint64, from, to int, mark models.MarkValue) (course models.Course, session models.Session, place models.Enrolment) {
	t.Helper()
	_, err := w.db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		var own models.Enrolment
		if err := tx.Take(&own, enrolment).Error; err != nil {
			return 0, err
		}
		if err := tx.Where("code = ?", "L2").Take(&course).Error; err != nil {
			return 0, err
		}
		session = models.Session{CourseID: course.ID, Day: tx.Today, StartMinute: from, EndMinute: to, Room: "Nhà văn hóa"}
		if err := tx.Create(&session).Error; err != nil {
			return 0, err
		}
		if err := tx.Where("course_id = ? AND cadre_id = ?", course.ID, own.CadreID).Limit(1).Find(&place).Error; err != nil || place.ID != 0 {
			return 0, err
		}
		place = models.Enrolment{CourseID: course.ID, CadreID: own.CadreID, OrganisationID: own.OrganisationID, State: models.EnrolmentEnrolled, Source: "coordinator"}
		return 0, tx.Create(&place).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if mark != models.MarkNone {
		if _, err := w.service.Save(context.Background(), w.coordinator(), session.ID, []attendance.MarkInput{{EnrolmentID: place.ID, Mark: mark}}); err != nil {
			t.Fatal(err)
		}
	}
	return course, session, place
}

func TestAMakeUpCountsForTheMissedSessionAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3)
		ctx, missed, p := t.Context(), w.sessions[0].ID, w.people[0]
		w.save(t, 0, attendance.MarkInput{EnrolmentID: p, Mark: models.MarkAbsent})
		_, other, _ := w.elsewhere(t, p, 450, 690, models.MarkLate)
		in := attendance.MakeUpInput{EnrolmentID: p, SessionID: missed, RefSessionID: other.ID}
		for name, actor := range map[string]access.Actor{"who teaches the missed course only": w.trainer, "who teaches the other only": w.stranger} {
			if err := w.service.MakeUp(ctx, actor, in); !errs.Is(err, "not_found") {
				t.Errorf("%s: %v", name, err)
			}
		}
		all := w.coordinator()
		if err := w.service.MakeUp(ctx, all, in); err != nil {
			t.Fatal(err)
		}
		if got := w.marks(t, 0)[p]; got != models.MarkPresent {
			t.Errorf("the missed session says %q", got)
		}
		r, err := w.service.Report(ctx, w.trainer, w.course.ID)
		if err != nil || r.Rows[0].Minutes != 240 || r.Attended[0] != 1 {
			t.Errorf("the report counts %d minutes, %d present: %v", r.Rows[0].Minutes, r.Attended[0], err)
		}
		h, err := w.service.History(ctx, w.trainer, missed, p)
		if err != nil || !h.Changes[0].Holds || h.Changes[0].Instead == nil || h.Changes[0].Instead.CourseCode != "L2" || h.Changes[0].Disputes || h.Changes[1].Disputes {
			t.Errorf("%+v %v", h, err)
		}
		list, err := w.service.MakeUps(ctx, all, w.course.ID)
		if err != nil || len(list.MadeUp) != 1 || list.MadeUp[0].By.ID != other.ID || !list.MadeUp[0].Stands {
			t.Errorf("%+v %v", list, err)
		}
		if err := w.service.MakeUp(ctx, all, in); !errs.Is(err, "make_up_not_missed") {
			t.Errorf("a second time: %v", err)
		}
		if err := w.service.TakeBackMakeUp(ctx, w.trainer, missed, p); err != nil {
			t.Fatal(err)
		}
		if got := w.marks(t, 0)[p]; got != models.MarkAbsent {
			t.Errorf("taken back, the session says %q", got)
		}
		if err := w.service.TakeBackMakeUp(ctx, w.trainer, missed, p); !errs.Is(err, "make_up_none") {
			t.Errorf("taken back twice: %v", err)
		}
		if err := w.service.MakeUp(ctx, all, in); err != nil {
			t.Errorf("the session is free again: %v", err)
		}
	}, testseed.Base)
}

func TestAMakeUpIsRefusedWhereNothingEquivalentWasAttended(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3)
		ctx, p := t.Context(), w.people[0]
		all := w.coordinator()
		course, long, place := w.elsewhere(t, p, 450, 690, models.MarkPresent)
		_, short, _ := w.elsewhere(t, p, 700, 891, models.MarkPresent)   // 191 of 240 minutes: 79 %
		_, enough, _ := w.elsewhere(t, p, 900, 1092, models.MarkPresent) // 192: 80 %
		_, absent, _ := w.elsewhere(t, p, 1100, 1400, models.MarkAbsent)
		try := func(missed, other uint64, who uint64) error {
			return w.service.MakeUp(ctx, all, attendance.MakeUpInput{EnrolmentID: who, SessionID: missed, RefSessionID: other})
		}
		first, second, tomorrow := w.sessions[0].ID, w.sessions[1].ID, w.sessions[2].ID
		for _, x := range []struct {
			code        string
			missed, ref uint64
			who         uint64
		}{
			{"make_up_same_course", first, first, p}, {"make_up_same_course", first, second, p}, {"make_up_short", first, short.ID, p}, {"make_up_not_attended", first, absent.ID, p},
			{"make_up_not_attended", first, long.ID, w.people[1]}, {"session_not_yet", tomorrow, long.ID, p}, {"mark_not_enrolled", first, long.ID, place.ID},
			{"not_found", first, 987654321, p}, {"not_found", 987654321, long.ID, p}, {"not_found", first, long.ID, 987654321}, {"make_up_not_attended", first, 0, p},
		} {
			if err := try(x.missed, x.ref, x.who); !errs.Is(err, x.code) {
				t.Errorf("%s: %v", x.code, err)
			}
		}
		if err := try(first, enough.ID, p); err != nil {
			t.Errorf("just long enough: %v", err)
		}
		if err := try(second, enough.ID, p); !errs.Is(err, "make_up_used") {
			t.Errorf("a session for two: %v", err)
		}
		w.set(t, &models.Session{}, long.ID, map[string]any{"cancelled": true})
		if err := try(second, long.ID, p); !errs.Is(err, "make_up_cancelled") {
			t.Errorf("a cancelled session: %v", err)
		}
		w.set(t, &models.Session{}, long.ID, map[string]any{"cancelled": false})
		w.set(t, &models.Course{}, course.ID, map[string]any{"state": models.CourseCancelled})
		if err := try(second, long.ID, p); !errs.Is(err, "make_up_cancelled") {
			t.Errorf("a cancelled course: %v", err)
		}
		w.set(t, &models.Course{}, course.ID, map[string]any{"state": models.CourseClosed})
		w.set(t, &models.Session{}, second, map[string]any{"cancelled": true})
		if err := try(second, long.ID, p); !errs.Is(err, "session_cancelled") {
			t.Errorf("the missed session was cancelled: %v", err)
		}
		w.set(t, &models.Session{}, second, map[string]any{"cancelled": false})
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": models.CourseClosed})
		if err := try(second, long.ID, p); !errs.Is(err, "attendance_course_closed") {
			t.Errorf("a closed course: %v", err)
		}
		if err := w.service.TakeBackMakeUp(ctx, all, first, p); !errs.Is(err, "attendance_course_closed") {
			t.Errorf("taken back from a closed course: %v", err)
		}
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": models.CourseRunning})
		if err := try(second, long.ID, p); err != nil {
			t.Errorf("a session of a course that has closed since: %v", err)
		}
	}, testseed.Base)
}

func TestTheListOfMakeUpsOffersWhatWasAttendedElsewhereAndWhatComes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3)
		all := w.coordinator()
		_, long, _ := w.elsewhere(t, w.people[0], 450, 690, models.MarkPresent)
		w.elsewhere(t, w.people[0], 700, 760, models.MarkPresent)                                            // too short
		w.set(t, &models.Session{}, w.sessions[0].ID, map[string]any{"start_minute": 60, "end_minute": 300}) // over: it is eight
		w.save(t, 0, attendance.MarkInput{EnrolmentID: w.people[1], Mark: models.MarkPresent})
		got, err := w.service.MakeUps(t.Context(), all, w.course.ID)
		if err != nil || len(got.Missed) != 1 || len(got.Missed[0].People) != 2 {
			t.Fatalf("%+v %v", got, err)
		}
		m := got.Missed[0]
		if p := m.People[0]; p.EnrolmentID != w.people[0] || len(p.Attended) != 1 || p.Attended[0].ID != long.ID || len(m.People[1].Attended) != 0 {
			t.Errorf("%+v", m.People)
		}
		if len(m.Others) != 1 || m.Others[0].ID != long.ID {
			t.Errorf("suggested: %+v", m.Others)
		}
		queries := testdb.Queries(db, func() {
			if _, err := w.service.MakeUps(t.Context(), w.trainer, w.course.ID); err != nil {
				t.Error(err)
			}
		})
		if len(queries) > 10 {
			t.Errorf("%d queries", len(queries))
		}
		if _, err := w.service.MakeUps(t.Context(), w.stranger, w.course.ID); !errs.Is(err, "not_found") {
			t.Errorf("a stranger: %v", err)
		}
	}, testseed.Base)
}
