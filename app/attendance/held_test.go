package attendance_test

import (
	"testing"
	"time"

	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestMarksThatCameAfterClosingCountOnlyOnceACoordinatorLetsThem(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3)
		boss := w.coordinator()
		w.save(t, 0, attendance.MarkInput{EnrolmentID: w.people[0], Mark: models.MarkAbsent, MarkedAt: db.Time().Add(-time.Minute)})
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": models.CourseClosed, "closed_at": db.Time()})
		stray := attendance.WalkInInput{UID: uid(), SessionID: w.sessions[0].ID, Name: "Bế Thị Sau", Office: "UBND xã"}
		late := func(person int, m models.MarkValue) attendance.MarkInput {
			return attendance.MarkInput{UID: uid(), SessionID: w.sessions[0].ID, EnrolmentID: w.people[person], Mark: m, MarkedAt: db.Time()}
		}
		w.record(t, attendance.Batch{DeviceID: uid(), WalkIns: []attendance.WalkInInput{stray},
			Marks: []attendance.MarkInput{late(0, models.MarkPresent), late(1, models.MarkLate), {UID: uid(), SessionID: w.sessions[0].ID, WalkInUID: stray.UID, Mark: models.MarkPresent, MarkedAt: db.Time()}}})
		list, n, err := w.service.Held(ctx, boss, w.course.ID)
		if err != nil || n != 3 || len(list) != 3 || list[0].Now != models.MarkAbsent && list[1].Now != models.MarkAbsent && list[2].Now != models.MarkAbsent {
			t.Fatalf("%+v %d %v", list, n, err)
		}
		of := map[string]uint64{}
		for _, x := range list {
			of[x.Name] = x.ID
		}
		wait, err := w.service.Waits(ctx, w.course.ID)
		if err != nil || wait != (attendance.Waits{WalkIns: 1, Open: 1, Held: 3}) {
			t.Errorf("%+v %v", wait, err)
		}
		decide := func(count bool, ids ...uint64) error { return w.service.DecideHeld(ctx, boss, w.course.ID, ids, count) }
		first, second := of["Nông Văn Aaa"], of["Nông Văn Aab"]
		for code, err := range map[string]error{
			"attendance_course_closed": decide(true, first), "held_choose": decide(true), "held_decided": decide(false, first, 1<<40),
			"not_found": w.service.DecideHeld(ctx, w.trainer, w.course.ID, []uint64{first}, false),
		} {
			if !errs.Is(err, code) {
				t.Errorf("%v, want %s", err, code)
			}
		}
		if err := decide(false, second); err != nil {
			t.Error(err)
		}
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": models.CourseRunning, "closed_at": nil})
		if err := decide(true, first, of["Bế Thị Sau"]); err != nil {
			t.Error(err)
		}
		if m := w.marks(t, 0); len(m) != 1 || m[w.people[0]] != models.MarkPresent {
			t.Errorf("%v", m)
		}
		sheet, err := w.service.Sheet(ctx, w.trainer, w.sessions[0].ID)
		if err != nil || sheet.WalkIns[0].Mark != models.MarkPresent {
			t.Errorf("%+v %v", sheet, err)
		}
		if err := decide(false, first); !errs.Is(err, "held_decided") {
			t.Error(err)
		}
		// They stay in the log, whatever was decided.
		h, err := w.service.History(ctx, boss, w.sessions[0].ID, w.people[1])
		if err != nil || len(h.Changes) != 1 || h.Changes[0].State != models.EventDismissed {
			t.Errorf("%+v %v", h, err)
		}
	}, testseed.Base)
}

func TestCandidatesForAWalkInBearTheNameAndAreNotOfAnotherAge(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 2)
		boss := w.coordinator()
		for _, born := range []int{1979, 1980, 1991, 0} {
			_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
				return 0, tx.Create(&models.Cadre{FullName: "Hòa Thị Bình", BirthYear: born}).Error
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		w.record(t, attendance.Batch{WalkIns: []attendance.WalkInInput{{UID: uid(), SessionID: w.sessions[0].ID, Name: "HOÀ THỊ  Bình", Office: "UBND xã", BirthYear: 1980},
			{UID: uid(), SessionID: w.sessions[0].ID, Name: "Nông Văn Aaa", Office: "UBND xã"}}})
		list, err := w.service.WalkIns(ctx, boss, w.course.ID)
		if err != nil {
			t.Fatal(err)
		}
		same, err := w.service.Candidates(ctx, boss, w.course.ID, list)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			c := same[p.ID]
			if p.BirthYear == 0 {
				if len(c) != 1 || !c[0].Enrolled {
					t.Errorf("%+v", c)
				}
			} else if len(c) != 3 || c[0].BirthYear != 1980 || !c[0].Likely || c[1].Likely || c[2].Likely {
				t.Errorf("%+v", c)
			}
		}
		found, err := w.service.Search(ctx, boss, w.course.ID, "binh hoa_%")
		if err != nil || len(found) != 4 {
			t.Errorf("%+v %v", found, err)
		}
		if none, err := w.service.Search(ctx, w.stranger, w.course.ID, "binh"); err != nil || len(none) != 0 {
			t.Errorf("%+v %v", none, err)
		}
	}, testseed.Base)
}
