package course_test

import (
	"context"
	"fmt"
	"slices"
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

func TestCodesCountByYearAndAreUniqueAmongConcurrentWriters(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if _, err := w.s.Create(context.Background(), access.System(), w.input(fmt.Sprintf("Lớp %d", i))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var codes []string
		w.must(db.Read(t.Context()).Model(&models.Course{}).Order("code").Pluck("code", &codes).Error)
		for i, c := range codes {
			if want := fmt.Sprintf("2026-%03d", i+1); c != want {
				t.Errorf("code %d is %s, not %s", i, c, want)
			}
		}
		if len(codes) != 20 {
			t.Errorf("%d courses", len(codes))
		}
		w.write(func(tx *store.Tx) error {
			return tx.Model(&models.Course{}).Where("code = ?", codes[0]).Update("code", "2026-999").Error
		})
		if d := w.get(w.course("Sau 999")); d.Code != "2026-1000" {
			t.Errorf("after 999 comes %s", d.Code)
		}
		if d := w.get(w.course("Sau 1000")); d.Code != "2026-1001" {
			t.Errorf("after 1000 comes %s", d.Code)
		}
		w.at("2027-01-01", 0)
		if d := w.get(w.course("Năm mới")); d.Code != "2027-001" {
			t.Errorf("the first of a year is %s", d.Code)
		}
	}, testseed.Base)
}

func TestAStaleFormAndFewerSeatsThanTakenAreRefusedAndMoreSeatsMoveTheWaitingListUp(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		id := w.course("Tập huấn", func(in *course.Input) { in.Capacity = 3 })
		w.enrol(id, 3, models.EnrolmentEnrolled)
		waiting := w.enrol(id, 3, models.EnrolmentWaiting)
		in := w.input("Tập huấn")
		in.Version, in.Capacity = 1, 2
		if err := w.s.Update(ctx, access.System(), id, in); !errs.Is(err, "course_capacity_taken") {
			t.Errorf("fewer seats: %v", err)
		}
		in.Capacity = 5
		w.must(w.s.Update(ctx, access.System(), id, in))
		if c := w.get(id).Counts; c.Enrolled != 5 || c.Waiting != 1 {
			t.Errorf("%+v", c)
		}
		var last models.Enrolment
		w.must(db.Read(ctx).Take(&last, waiting[2]).Error)
		if last.State != models.EnrolmentWaiting {
			t.Error("the last of the waiting list moved up before the first")
		}
		if err := w.s.Update(ctx, access.System(), id, in); !errs.Is(err, "course_changed") {
			t.Errorf("stale: %v", err)
		}
		// Of many who hold the same version, one is carried out.
		in.Version = 2
		var wg sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for range 8 {
			wg.Go(func() {
				err := w.s.Update(ctx, access.System(), id, in)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done++
				} else if !errs.Is(err, "course_changed") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done != 1 {
			t.Errorf("%d of 8 writers with one version were carried out", done)
		}
	}, testseed.Base)
}

func TestImpossibleFieldsAreRefusedByName(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		zero := 0
		long := string(make([]rune, 301))
		_, err := w.s.Create(context.Background(), access.System(), course.Input{Title: " ", Venue: "x" + long, Link: "javascript:alert(1)", Capacity: 2001, MinScoreTenths: &zero, TopicIDs: []uint64{9999}, GroupIDs: []uint64{9999}})
		var got []string
		for _, f := range errs.As(err).Fields {
			got = append(got, f.Name+" "+f.Code)
		}
		// Null characters are dropped, so the venue is short.
		want := []string{"title required", "link invalid_url", "course_type choice", "capacity number_most", "rule_percent number_least", "min_score number_least", "topics choice", "groups choice", "host required"}
		if !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	}, testseed.Base)
}

func TestSessionsDoNotOverlapKeepTheCoursesDaysAndStayPutOnceMarked(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		id := w.course("Tập huấn")
		a := w.session(id, "2026-11-24", 7, 11, "Hội trường A")
		b := w.session(id, "2026-11-26", 7, 11, "")
		days := func(first, last string) {
			t.Helper()
			if d := w.get(id); d.FirstDay.String() != first || d.LastDay.String() != last {
				t.Errorf("the course is from %q to %q, not from %q to %q", d.FirstDay, d.LastDay, first, last)
			}
		}
		days("2026-11-24", "2026-11-26")
		if _, err := w.s.AddSession(ctx, access.System(), id, course.SessionInput{Day: models.MustDay("2026-11-24"), StartMinute: 10 * 60, EndMinute: 12 * 60}); !errs.Is(err, "session_overlap") {
			t.Errorf("overlap: %v", err)
		}
		w.session(id, "2026-11-24", 11, 12, "") // touching is not overlapping
		w.must(w.s.CancelSession(ctx, access.System(), b))
		w.must(w.s.CancelSession(ctx, access.System(), b))
		days("2026-11-24", "2026-11-24")
		over := w.session(id, "2026-11-26", 8, 9, "")
		if err := w.s.RestoreSession(ctx, access.System(), b); !errs.Is(err, "session_overlap") {
			t.Errorf("restoring into an overlap: %v", err)
		}
		w.must(w.s.DeleteSession(ctx, access.System(), over))
		w.must(w.s.RestoreSession(ctx, access.System(), b))
		days("2026-11-24", "2026-11-26")

		e := w.enrol(id, 1, models.EnrolmentEnrolled)
		w.mark(a, e[0], models.MarkPresent)
		move := course.SessionInput{Day: models.MustDay("2026-11-25"), StartMinute: 7 * 60, EndMinute: 11 * 60}
		if err := w.s.UpdateSession(ctx, access.System(), a, move); !errs.Is(err, "session_has_marks") {
			t.Errorf("moving: %v", err)
		}
		if err := w.s.DeleteSession(ctx, access.System(), a); !errs.Is(err, "session_has_marks") {
			t.Errorf("deleting: %v", err)
		}
		move.Day, move.StartMinute = models.MustDay("2026-11-24"), 8*60
		w.must(w.s.UpdateSession(ctx, access.System(), a, move))
		_, x, err := w.s.Session(ctx, access.System(), access.CourseRead, a)
		w.must(err)
		move.Version = course.SessionVersion(x) - 1
		if err := w.s.UpdateSession(ctx, access.System(), a, move); !errs.Is(err, "session_changed") {
			t.Errorf("stale: %v", err)
		}
		w.must(w.s.CancelSession(ctx, access.System(), a))
		for _, bad := range []course.SessionInput{{}, {Day: models.MustDay("2026-11-24"), StartMinute: 600, EndMinute: 600}, {Day: models.MustDay("2026-11-24"), StartMinute: -1, EndMinute: 5},
			{Day: models.MustDay("2026-11-24"), StartMinute: 1400, EndMinute: 1441}, {Day: models.MustDay("1900-01-01"), StartMinute: 1, EndMinute: 2}, {Day: models.Forever, StartMinute: 1, EndMinute: 2}} {
			if _, err := w.s.AddSession(ctx, access.System(), id, bad); errs.As(err) == nil || errs.As(err).Kind != errs.KindInvalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	}, testseed.Base)
}

func TestOverlappingSessionsOfConcurrentWritersAreRefusedButForOne(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		id := w.course("Tập huấn")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				_, err := w.s.AddSession(context.Background(), access.System(), id, course.SessionInput{Day: models.MustDay("2026-12-01"), StartMinute: 480 + i, EndMinute: 600})
				if err != nil && !errs.Is(err, "session_overlap") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if d := w.get(id); len(d.Sessions) != 1 {
			t.Errorf("%d sessions", len(d.Sessions))
		}
	}, testseed.Base)
}

func TestStaffAreAccountsWithTheGrantOfTheirRole(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		id := w.course("Tập huấn")
		trainer, clerk, other := w.account("Hoàng Thị Én", models.RoleTrainer), w.account("Lý Văn Bảo", models.RoleClerk), w.account("Ma Thị Cúc", models.RoleCoordinator)
		w.must(w.s.AddStaff(ctx, access.System(), id, trainer, models.StaffTrainer))
		w.must(w.s.AddStaff(ctx, access.System(), id, trainer, models.StaffTrainer))
		w.must(w.s.AddStaff(ctx, access.System(), id, clerk, models.StaffClerk))
		for _, x := range []struct {
			account uint64
			role    models.StaffRole
		}{{trainer, models.StaffClerk}, {clerk, models.StaffTrainer}, {other, models.StaffTrainer}, {other, "coordinator"}, {9999, models.StaffTrainer}} {
			if err := w.s.AddStaff(ctx, access.System(), id, x.account, x.role); !errs.Is(err, "staff_unknown") {
				t.Errorf("%+v: %v", x, err)
			}
		}
		choices, err := w.s.StaffChoices(ctx)
		w.must(err)
		if len(choices) != 2 || choices[0].Name != "Hoàng Thị Én" || choices[1].Role != models.StaffClerk {
			t.Errorf("%+v", choices)
		}
		if d := w.get(id); len(d.Staff) != 2 {
			t.Errorf("%+v", d.Staff)
		}
		w.must(w.s.RemoveStaff(ctx, access.System(), id, clerk, models.StaffClerk))
		if err := w.s.RemoveStaff(ctx, access.System(), id, clerk, models.StaffClerk); !errs.Is(err, "not_found") {
			t.Errorf("again: %v", err)
		}
	}, testseed.Base)
}
