package course_test

import (
	"context"
	"slices"
	"strings"
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

func TestWhichStepsMakeSenseFromWhichStateAtWhichTime(t *testing.T) {
	t.Parallel()
	session := func(day string, from, to int, cancelled bool) models.Session {
		return models.Session{Day: models.MustDay(day), StartMinute: from, EndMinute: to, Cancelled: cancelled}
	}
	twoDays := []models.Session{session("2026-11-24", 450, 690, false), session("2026-11-25", 450, 690, false)}
	cancelledLast := []models.Session{session("2026-11-24", 450, 690, false), session("2026-11-25", 450, 690, true)}
	onlyCancelled := []models.Session{session("2026-11-24", 450, 690, true)}
	untilMidnight := []models.Session{session("2026-11-24", 1380, 1440, false)}
	for _, x := range []struct {
		state    models.CourseState
		sessions []models.Session
		day      string
		minute   int
		want     string
		notYet   string
	}{
		{models.CourseDraft, nil, "2026-11-20", 0, "cancel", "course_no_session"},
		{models.CourseDraft, onlyCancelled, "2026-11-20", 0, "cancel", "course_no_session"},
		{models.CourseDraft, twoDays, "2026-11-20", 0, "open cancel", ""},
		{models.CourseDraft, twoDays, "2026-12-20", 0, "open cancel", ""}, // entered afterwards
		{models.CourseOpen, twoDays, "2026-11-23", 1439, "cancel", "course_not_begun"},
		{models.CourseOpen, twoDays, "2026-11-24", 0, "start cancel", ""},
		{models.CourseOpen, onlyCancelled, "2026-11-24", 0, "cancel", "course_no_session"},
		{models.CourseRunning, twoDays, "2026-11-25", 689, "cancel", "course_not_over"},
		{models.CourseRunning, twoDays, "2026-11-25", 690, "close cancel", ""},
		{models.CourseRunning, cancelledLast, "2026-11-24", 689, "cancel", "course_not_over"},
		{models.CourseRunning, cancelledLast, "2026-11-24", 690, "close cancel", ""},
		{models.CourseRunning, onlyCancelled, "2026-12-24", 0, "cancel", "course_no_session"},
		{models.CourseRunning, untilMidnight, "2026-11-24", 1439, "cancel", "course_not_over"},
		{models.CourseRunning, untilMidnight, "2026-11-25", 0, "close cancel", ""},
		{models.CourseClosed, twoDays, "2026-12-20", 0, "reopen", ""},
		{models.CourseCancelled, twoDays, "2026-12-20", 0, "", ""},
	} {
		now, tt := models.MustDay(x.day).At(x.minute), course.TimetableOf(x.sessions)
		var got []string
		for _, s := range course.Steps(x.state, tt, now) {
			got = append(got, string(s))
		}
		if strings.Join(got, " ") != x.want {
			t.Errorf("%s on %s at %d: %v, not %s", x.state, x.day, x.minute, got, x.want)
		}
		if next := course.Next(x.state); next != "" {
			err := course.May(x.state, next, tt, now)
			if x.notYet == "" && err != nil || x.notYet != "" && !errs.Is(err, x.notYet) {
				t.Errorf("%s on %s at %d: %s is refused by %v, not %q", x.state, x.day, x.minute, next, err, x.notYet)
			}
		}
	}
	err := errs.As(course.May(models.CourseRunning, course.StepClose, course.TimetableOf(untilMidnight), models.MustDay("2026-11-24").At(0)))
	if err.Params["day"] != models.MustDay("2026-11-24") || err.Params["clock"] != "24:00" {
		t.Errorf("a session until midnight ends at %v on %v", err.Params["clock"], err.Params["day"])
	}
}

func TestACourseGoesThroughItsLifeAndNothingElse(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		sys := access.System()
		id := w.course("Tập huấn")
		refused := func(err error, code string) {
			t.Helper()
			if !errs.Is(err, code) {
				t.Errorf("%v, not %s", err, code)
			}
		}
		refused(w.s.Open(ctx, sys, id), "course_no_session")
		w.session(id, "2026-11-25", 7, 11, "")
		refused(w.s.Start(ctx, sys, id), "course_step")
		w.must(w.s.Open(ctx, sys, id))
		refused(w.s.Open(ctx, sys, id), "course_step")
		refused(w.s.Start(ctx, sys, id), "course_not_begun")
		refused(w.s.Close(ctx, sys, id), "course_not_started")
		w.at("2026-11-25", 7*60)
		w.must(w.s.Start(ctx, sys, id))
		refused(w.s.Close(ctx, sys, id), "course_not_over")
		w.at("2026-11-25", 11*60)
		w.must(w.s.Close(ctx, sys, id))
		refused(w.s.Close(ctx, sys, id), "course_step")
		refused(w.s.Cancel(ctx, sys, id, "Sai"), "course_step")

		// What closing decided by does not change any more; what the course is called may be corrected.
		d := w.get(id)
		in := w.input("Tập huấn (đã sửa)")
		in.Version, in.RulePercent, in.Capacity = d.Version, 50, 11
		err := w.s.Update(ctx, sys, id, in)
		refused(err, "course_decided")
		if n := len(errs.As(err).Fields); n != 2 {
			t.Errorf("%d fields", n)
		}
		in.RulePercent, in.Capacity = 80, 10
		w.must(w.s.Update(ctx, sys, id, in))
		_, err = w.s.AddSession(ctx, sys, id, course.SessionInput{Day: models.MustDay("2026-11-26"), StartMinute: 1, EndMinute: 2})
		refused(err, "course_ended")
		refused(w.s.CancelSession(ctx, sys, d.Sessions[0].ID), "course_ended")
		refused(w.s.AddStaff(ctx, sys, id, 1, models.StaffTrainer), "course_ended")
	}, testseed.Base)
}

func TestACancelledCourseChangesNothingAnyMore(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		sys := access.System()
		id := w.course("Tập huấn")
		x := w.session(id, "2026-11-25", 7, 11, "")
		if err := w.s.Cancel(ctx, sys, id, "  "); !errs.Is(err, "reason_missing") {
			t.Errorf("no reason: %v", err)
		}
		w.must(w.s.Cancel(ctx, sys, id, "Giảng viên  bận"))
		if d := w.get(id); d.State != models.CourseCancelled || d.CancelReason != "Giảng viên bận" || len(d.Steps) != 0 || d.NotYet != nil {
			t.Errorf("%+v", d)
		}
		in := w.input("Khác")
		in.Version = 2
		for what, err := range map[string]error{
			"update": w.s.Update(ctx, sys, id, in), "cancel a session": w.s.CancelSession(ctx, sys, x), "delete a session": w.s.DeleteSession(ctx, sys, x),
			"staff": w.s.RemoveStaff(ctx, sys, id, 1, models.StaffClerk),
		} {
			if !errs.Is(err, "course_ended") {
				t.Errorf("%s: %v", what, err)
			}
		}
	}, testseed.Base)
}

func TestTheFirstMarkBeginsAnOpenCourseAndNoOther(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		begin := func(id uint64) (err error) {
			_, err = db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
				c, err := course.Lock(tx, access.System(), access.AttendanceWrite, id)
				if err != nil {
					return 0, err
				}
				return id, course.Begin(tx, &c)
			})
			return err
		}
		id := w.course("Tập huấn")
		w.session(id, "2026-11-24", 7, 11, "")
		if err := begin(id); !errs.Is(err, "course_step") {
			t.Errorf("a draft: %v", err)
		}
		w.must(w.s.Open(context.Background(), access.System(), id))
		w.must(begin(id))
		d := w.get(id)
		w.must(begin(id))
		if again := w.get(id); again.State != models.CourseRunning || again.Version != d.Version {
			t.Errorf("%s, version %d then %d", again.State, d.Version, again.Version)
		}
	}, testseed.Base)
}

func TestTrainersSeeOwnCoursesAndHeadsNoDrafts(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		sys := access.System()
		draft, mine := w.course("Bản thảo"), w.course("Lớp của tôi")
		w.session(draft, "2026-11-25", 7, 11, "Hội trường A")
		w.session(mine, "2026-11-25", 8, 10, "Hội trường A")
		w.must(w.s.Open(ctx, sys, mine))
		account := w.account("Hoàng Thị Én", models.RoleTrainer)
		w.must(w.s.AddStaff(ctx, sys, mine, account, models.StaffTrainer))
		trainer := access.Actor{By: store.By{AccountID: account}, Grants: []access.Grant{{Role: models.RoleTrainer}}}
		head := access.Actor{By: store.By{AccountID: 9}, Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: w.host.ID, Path: w.host.Path}}}
		cadre := access.Actor{By: store.By{AccountID: 10}, CadreID: 1, Grants: []access.Grant{{Role: models.RoleCadre}}}
		from, to := models.MustDay("2026-11-01"), models.MustDay("2026-11-30")
		for name, x := range map[string]struct {
			actor access.Actor
			want  []uint64
		}{"trainer": {trainer, []uint64{mine}}, "head": {head, []uint64{mine}}, "cadre": {cadre, nil}, "system": {sys, []uint64{draft, mine}}} {
			l, err := w.s.List(ctx, x.actor, course.Filter{}, page.Ask{Sort: "code"})
			w.must(err)
			var got []uint64
			for _, r := range l.Rows {
				got = append(got, r.ID)
			}
			if !slices.Equal(got, x.want) || l.Total.N != int64(len(x.want)) {
				t.Errorf("%s sees %v in the list, not %v", name, got, x.want)
			}
			rows, err := w.s.Calendar(ctx, x.actor, from, to)
			w.must(err)
			got = nil
			for _, r := range rows {
				got = append(got, r.CourseID)
				if name != "system" && (len(r.Clashes) != 1 || r.Clashes[0].Course != "" || r.Clashes[0].CourseID != 0 || r.Clashes[0].What != "Hội trường A") {
					t.Errorf("%s is told of a draft: %+v", name, r.Clashes)
				}
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("%s sees %v in the calendar, not %v", name, got, x.want)
			}
			_, err = w.s.Get(ctx, x.actor, access.CourseRead, draft)
			if seen := err == nil; seen != slices.Contains(x.want, draft) {
				t.Errorf("%s and the draft: %v", name, err)
			}
			// Whatever changes a course asks for another permission, which reaches nothing here.
			if name != "system" {
				if err := w.s.Cancel(ctx, x.actor, mine, "x"); !errs.Is(err, "not_found") {
					t.Errorf("%s cancels: %v", name, err)
				}
				if _, err := w.s.Preview(ctx, x.actor, mine); !errs.Is(err, "not_found") {
					t.Errorf("%s previews: %v", name, err)
				}
			}
		}
		l, err := w.s.List(ctx, trainer, course.Filter{Mine: true}, page.Ask{})
		w.must(err)
		if l.Total.N != 1 {
			t.Errorf("%d own courses", l.Total.N)
		}
	}, testseed.Base)
}

func TestListsFindWithoutTonesAndFilterAndSort(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		w := newWorld(t, db)
		a, b := w.course("Tập huấn Đối ngoại"), w.course("Công ước 100%")
		c := w.course("Năm trước")
		w.session(a, "2026-11-25", 7, 11, "")
		w.session(c, "2025-11-25", 7, 11, "")
		w.enrol(a, 2, models.EnrolmentEnrolled)
		w.enrol(a, 1, models.EnrolmentWaiting)
		for name, x := range map[string]struct {
			f    course.Filter
			sort string
			want []uint64
		}{
			"newest first, without a day on top": {course.Filter{}, "", []uint64{b, a, c}},
			"by day":                             {course.Filter{}, "day", []uint64{c, a, b}},
			"by code":                            {course.Filter{}, "-code", []uint64{c, b, a}},
			"by seats":                           {course.Filter{}, "-enrolled", []uint64{a, c, b}},
			"an unknown order":                   {course.Filter{}, "1; DROP TABLE courses", []uint64{b, a, c}},
			"words in any order":                 {course.Filter{Text: "ngoai TAP"}, "", []uint64{a}},
			"a code":                             {course.Filter{Text: "2026-002"}, "", []uint64{b}},
			"a percent sign":                     {course.Filter{Text: "100%"}, "", []uint64{b}},
			"an underscore":                      {course.Filter{Text: "_"}, "", nil},
			"a year":                             {course.Filter{Year: 2026}, "", []uint64{b, a}},
			"the year before":                    {course.Filter{Year: 2025}, "", []uint64{c}},
			"a state":                            {course.Filter{State: models.CourseOpen}, "", nil},
		} {
			l, err := w.s.List(ctx, access.System(), x.f, page.Ask{Sort: x.sort})
			w.must(err)
			var got []uint64
			for _, r := range l.Rows {
				got = append(got, r.ID)
				if r.ID == a && (r.Counts.Enrolled != 2 || r.Counts.Waiting != 1 || r.Sessions != 1 || r.TypeName("vi") != "Hội nghị tập huấn" || r.Host != w.host.Name) {
					t.Errorf("%+v", r)
				}
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("%s: %v, not %v", name, got, x.want)
			}
		}
	}, testseed.Base)
}
