package course_test

import (
	"context"
	"fmt"
	"testing"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestSessionsClashByRoomOrTrainerWhereTheyOverlap(t *testing.T) {
	t.Parallel()
	day := models.MustDay("2026-11-24")
	slot := func(id, courseID uint64, day models.Day, from, to int, room string, trainers ...uint64) course.Slot {
		s := course.Slot{Session: models.Session{ID: id, CourseID: courseID, Day: day, StartMinute: from, EndMinute: to, Room: room, RoomKey: room}}
		for _, a := range trainers {
			s.Trainers = append(s.Trainers, course.Trainer{AccountID: a, Name: fmt.Sprint("T", a)})
		}
		return s
	}
	for _, x := range []struct {
		name  string
		slots []course.Slot
		want  string // kinds of the clashes of session 1
	}{
		{"same room, overlapping", []course.Slot{slot(1, 1, day, 0, 60, "A"), slot(2, 2, day, 59, 90, "A")}, "room "},
		{"same room, touching", []course.Slot{slot(1, 1, day, 0, 60, "A"), slot(2, 2, day, 60, 90, "A")}, ""},
		{"same room, another day", []course.Slot{slot(1, 1, day, 0, 60, "A"), slot(2, 2, day+1, 0, 60, "A")}, ""},
		{"another room", []course.Slot{slot(1, 1, day, 0, 60, "A"), slot(2, 2, day, 0, 60, "B")}, ""},
		{"no room said", []course.Slot{slot(1, 1, day, 0, 60, ""), slot(2, 2, day, 0, 60, "")}, ""},
		{"the same course", []course.Slot{slot(1, 1, day, 0, 60, "A", 7), slot(2, 1, day, 0, 60, "A", 7)}, ""},
		{"one trainer in two places", []course.Slot{slot(1, 1, day, 0, 60, "A", 7), slot(2, 2, day, 30, 60, "B", 8, 7)}, "trainer "},
		{"room and trainer", []course.Slot{slot(1, 1, day, 0, 60, "A", 7), slot(2, 2, day, 30, 60, "A", 7)}, "room trainer "},
		{"one within another, a third between", []course.Slot{slot(2, 2, day, 0, 10, "A"), slot(1, 1, day, 0, 600, "A"), slot(3, 3, day, 20, 30, "A"), slot(4, 4, day, 40, 700, "A")}, "room room room "},
	} {
		got := ""
		for _, c := range course.ClashesOf(x.slots)[1] {
			got += string(c.Kind) + " "
		}
		if got != x.want {
			t.Errorf("%s: %q, not %q", x.name, got, x.want)
		}
	}
}

func TestClashesAreWarningsInCalendarCourseAndFormAndCancelledSessionsHaveNone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		sys := access.System()
		a, b, c := w.course("Lớp A"), w.course("Lớp B"), w.course("Lớp C")
		w.session(a, "2026-11-24", 7, 11, "Hội trường UBND tỉnh")
		bx := w.session(b, "2026-11-24", 10, 12, "hoi truong  ubnd Tỉnh") // spelled otherwise, the same hall
		w.session(c, "2026-11-24", 8, 9, "Phòng 2")
		trainer := w.account("Hoàng Thị Én", models.RoleTrainer)
		w.must(w.s.AddStaff(ctx, sys, a, trainer, models.StaffTrainer))
		w.must(w.s.AddStaff(ctx, sys, c, trainer, models.StaffTrainer))
		day := models.MustDay("2026-11-24")
		clashes := func() (n map[string]int) {
			n = map[string]int{}
			rows, err := w.s.Calendar(ctx, sys, day, day)
			w.must(err)
			for _, r := range rows {
				for _, x := range r.Clashes {
					n[r.Course+" "+string(x.Kind)+" "+x.What+" "+x.Course]++
				}
			}
			return n
		}
		want := map[string]int{"Lớp A room Hội trường UBND tỉnh Lớp B": 1, "Lớp B room hoi truong ubnd Tỉnh Lớp A": 1, "Lớp A trainer Hoàng Thị Én Lớp C": 1, "Lớp C trainer Hoàng Thị Én Lớp A": 1}
		if got := clashes(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v, not %v", got, want)
		}
		if d := w.get(a); len(d.Sessions[0].Clashes) != 2 {
			t.Errorf("on the course's page: %+v", d.Sessions[0].Clashes)
		}
		list, err := w.s.ClashesWith(ctx, sys, c, 0, course.SessionInput{Day: day, StartMinute: 630, EndMinute: 700, Room: "HỘI TRƯỜNG UBND TỈNH"})
		w.must(err)
		if len(list) != 3 { // the room with A and B, the trainer with A
			t.Errorf("in the form: %+v", list)
		}
		w.must(w.s.CancelSession(ctx, sys, bx))
		w.must(w.s.Cancel(ctx, sys, c, "Hoãn"))
		if got := clashes(); len(got) != 0 {
			t.Errorf("after cancelling: %v", got)
		}
		for _, r := range [][2]models.Day{{0, 5}, {day, day - 1}, {day, day + 92}} {
			if _, err := w.s.Calendar(ctx, sys, r[0], r[1]); !errs.Is(err, "calendar_range") {
				t.Errorf("%v: %v", r, err)
			}
		}
	}, testseed.Base)
}

func TestListCalendarAndCoursePageTakeABoundedNumberOfQueries(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		trainer := w.account("Hoàng Thị Én", models.RoleTrainer)
		big := uint64(0)
		grow := func(n int) {
			w.write(func(tx *store.Tx) error {
				for i := range n {
					c := models.Course{PlanID: w.typ.PlanID, Code: fmt.Sprintf("X%d-%d", n, i), Title: "Lớp", CourseTypeID: w.typ.ID, State: models.CourseOpen, HostID: w.host.ID, Capacity: 5, RulePercent: 80}
					if err := tx.Create(&c).Error; err != nil {
						return err
					}
					day := models.MustDay("2026-11-02").AddDays(i % 20)
					if err := tx.Create(&models.Session{CourseID: c.ID, Day: day, StartMinute: 450, EndMinute: 690, Room: "Hội trường"}).Error; err != nil {
						return err
					}
					if err := tx.Create(&models.CourseStaff{CourseID: c.ID, AccountID: trainer, Role: models.StaffTrainer}).Error; err != nil {
						return err
					}
					big = c.ID
				}
				return nil
			})
		}
		count := func() [3]int {
			return [3]int{
				testdb.CountQueries(db, func() { _, err := w.s.List(ctx, access.System(), course.Filter{}, page.Ask{}); w.must(err) }),
				testdb.CountQueries(db, func() {
					_, err := w.s.Calendar(ctx, access.System(), models.MustDay("2026-11-01"), models.MustDay("2026-11-30"))
					w.must(err)
				}),
				testdb.CountQueries(db, func() { w.get(big) }),
			}
		}
		grow(3)
		few := count()
		grow(300)
		w.write(func(tx *store.Tx) error {
			for i := range 100 {
				if err := tx.Create(&models.Session{CourseID: big, Day: models.MustDay("2026-11-02").AddDays(i), StartMinute: 700, EndMinute: 710}).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if many := count(); few != many {
			t.Errorf("list, calendar, course: %v queries for 3, %v for 300", few, many)
		}
		if few[0] != 3 || few[1] != 3 {
			t.Errorf("list and calendar take %v", few)
		}
	}, testseed.Base)
}
