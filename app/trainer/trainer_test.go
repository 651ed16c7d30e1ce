package trainer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/app/trainer"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// world is a database with base data and makers of what trainers need.
type world struct {
	t  *testing.T
	db *store.DB
	s  *trainer.Service
}

func (w *world) create(rows ...any) {
	w.t.Helper()
	_, err := w.db.Write(w.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		for _, r := range rows {
			if err := tx.Create(r).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) account(name string, role models.Role) uint64 {
	a := models.Account{Name: name, SortKey: name}
	w.create(&a)
	w.create(&models.Grant{AccountID: a.ID, Role: role})
	return a.ID
}

func (w *world) topic(code string) models.Topic {
	w.t.Helper()
	var t models.Topic
	if err := w.db.Read(w.t.Context()).Where("code = ?", code).Take(&t).Error; err != nil {
		w.t.Fatal(err)
	}
	return t
}

// course makes a course with a session on the day from hour to hour, taught by those accounts.
func (w *world) course(code string, state models.CourseState, day string, from, to int, trainers ...uint64) models.Course {
	w.t.Helper()
	var p models.Plan
	var typ models.CourseType
	db := w.db.Read(w.t.Context())
	if err := errors.Join(db.Take(&p).Error, db.Where("code = ?", "conference").Take(&typ).Error); err != nil {
		w.t.Fatal(err)
	}
	d := models.MustDay(day)
	c := models.Course{PlanID: p.ID, Code: code, Title: "Lớp " + code, CourseTypeID: typ.ID, State: state, HostID: p.RootID, Capacity: 50, RulePercent: 80, FirstDay: d, LastDay: d, Version: 1}
	w.create(&c)
	w.create(&models.Session{CourseID: c.ID, Day: d, StartMinute: from * 60, EndMinute: to * 60, Room: "Hội trường"})
	for _, a := range trainers {
		w.create(&models.CourseStaff{CourseID: c.ID, AccountID: a, Role: models.StaffTrainer})
	}
	return c
}

// attended makes a cadre with an account who attended so many minutes of a course.
func (w *world) attended(c models.Course, name string, minutes int) access.Actor {
	k := models.Cadre{FullName: name, BirthYear: 1980}
	w.create(&k)
	w.create(&models.Enrolment{CourseID: c.ID, CadreID: k.ID, State: models.EnrolmentEnrolled, Source: "coordinator", AttendedMinutes: &minutes, Outcome: models.OutcomeCompleted})
	return access.Actor{CadreID: k.ID, Grants: []access.Grant{{Role: models.RoleCadre}}}
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db *store.DB) { f(&world{t, db, &trainer.Service{DB: db}}) }, testseed.Base)
}

func code(err error) string {
	var e *errs.Error
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &e):
		return err.Error()
	case len(e.Fields) > 0:
		return e.Fields[0].Name + " " + e.Fields[0].Code
	}
	return e.Code
}

func TestTrainersAreFoundByTopicWithTheLoadOfTheYear(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx, who := w.t.Context(), access.System()
		a, b := w.account("An", models.RoleTrainer), w.account("Bình", models.RoleTrainer)
		clerk := w.account("Chi", models.RoleClerk)
		part := w.topic("1.5")
		if err := w.s.Save(ctx, who, a, trainer.Input{Bio: " Tiến sĩ ", TopicIDs: []uint64{part.ID, part.ID}}); err != nil {
			w.t.Fatal(err)
		}
		w.course("1", models.CourseClosed, "2026-03-01", 8, 11, a)
		w.course("2", models.CourseOpen, "2026-12-01", 8, 10, a, b)
		w.course("3", models.CourseCancelled, "2026-12-02", 8, 11, a)
		w.course("4", models.CourseClosed, "2025-03-01", 8, 11, a)
		all, err := w.s.List(ctx, trainer.Filter{})
		if err != nil || len(all) != 2 || all[0].Load != (trainer.Load{Held: 1, HeldMinutes: 180, Planned: 1, PlannedMinutes: 120}) || all[0].Bio != "Tiến sĩ" {
			w.t.Errorf("%+v, %v", all, err)
		}
		for topic, want := range map[string]int{"1.5": 1, "1": 1, "1.4": 0, "2": 0} { // the part, the area above, another part, another area
			got, err := w.s.List(ctx, trainer.Filter{TopicID: w.topic(topic).ID})
			if err != nil || len(got) != want {
				w.t.Errorf("topic %s: %d trainers, want %d, %v", topic, len(got), want, err)
			}
		}
		for _, c := range []struct {
			account uint64
			in      trainer.Input
			want    string
		}{
			{clerk, trainer.Input{}, "not_found"},
			{987654321, trainer.Input{}, "not_found"},
			{a, trainer.Input{Version: 0}, "trainer_changed"},
			{a, trainer.Input{Version: 1, TopicIDs: []uint64{987654321}}, "topics choice"},
			{a, trainer.Input{Version: 1, Bio: strings.Repeat("a", 501)}, "bio too_long"},
			{a, trainer.Input{Version: 1, Body: strings.Repeat("a", 301)}, "body too_long"},
			{a, trainer.Input{Version: 1, Body: "Học viện"}, ""},
		} {
			if err := w.s.Save(ctx, who, c.account, c.in); code(err) != c.want {
				w.t.Errorf("%+v: %s, want %s", c.in, code(err), c.want)
			}
		}
	})
}

func TestWhoKnowsTheTopicStandsFirstThenWhoIsFreeThenWhoTeachesLeast(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		knows, busy, less, more := w.account("A biết", models.RoleTrainer), w.account("B bận", models.RoleTrainer), w.account("C ít", models.RoleTrainer), w.account("D nhiều", models.RoleTrainer)
		there := w.account("E", models.RoleTrainer)
		area := w.topic("1")
		if err := w.s.Save(ctx, access.System(), knows, trainer.Input{TopicIDs: []uint64{area.ID}}); err != nil {
			w.t.Fatal(err)
		}
		c := w.course("1", models.CourseOpen, "2026-12-01", 8, 11, there)
		w.create(&models.CourseTopic{CourseID: c.ID, TopicID: w.topic("1.2").ID})
		w.course("2", models.CourseOpen, "2026-12-01", 10, 12, busy, knows)
		w.course("3", models.CourseOpen, "2026-12-01", 11, 14, more) // begins as the other ends
		fit, err := w.s.Fit(ctx, c.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		var got []string
		for _, x := range fit {
			got = append(got, fmt.Sprintf("%s %d %d", x.Name, len(x.Matches), len(x.Busy)))
		}
		if s := strings.Join(got, ", "); s != "A biết 1 1, C ít 0 0, D nhiều 0 0, B bận 0 1" {
			w.t.Error(s)
		}
		if fit[0].Busy[0].Code != "2" || fit[0].AccountID != knows || fit[1].AccountID != less {
			w.t.Errorf("%+v", fit[0].Busy)
		}
	})
}

func TestATrainersCalendarHoldsWhatIsToCome(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		a := w.account("An", models.RoleTrainer)
		w.course("1", models.CourseClosed, "2026-03-01", 8, 11, a)
		w.course("2", models.CourseOpen, "2026-12-01", 8, 10, a)
		w.course("3", models.CourseOpen, "2026-12-01", 8, 10)
		b, err := w.s.Calendar(w.t.Context(), a)
		file := string(b)
		if err != nil || strings.Count(file, "BEGIN:VEVENT") != 1 || !strings.Contains(file, "DTSTART:20261201T010000Z\r\n") || !strings.Contains(file, "SUMMARY:Lớp 2\r\n") {
			w.t.Errorf("%s, %v", file, err)
		}
	})
}

func TestFeedbackIsGivenOnceByThoseWhoAttendedAndChangesForFourteenDays(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		now := w.db.Time()
		w.db.Now = func() time.Time { return now }
		a, b := w.account("An", models.RoleTrainer), w.account("Bình", models.RoleTrainer)
		c := w.course("1", models.CourseClosed, "2026-11-20", 8, 11, a, b)
		open := w.course("2", models.CourseRunning, "2026-11-24", 8, 11, a)
		cadre := w.attended(c, "Nông Văn A", 180)
		for name, x := range map[string]struct {
			who    access.Actor
			course uint64
			in     trainer.FeedbackInput
			want   string
		}{
			"absent":            {w.attended(c, "Vắng", 0), c.ID, trainer.FeedbackInput{Rating: 5}, "not_found"},
			"elsewhere":         {w.attended(open, "Lớp khác", 60), c.ID, trainer.FeedbackInput{Rating: 5}, "not_found"},
			"not closed":        {w.attended(open, "Chưa xong", 60), open.ID, trainer.FeedbackInput{Rating: 5}, "not_found"},
			"no cadre":          {access.Actor{}, c.ID, trainer.FeedbackInput{Rating: 5}, "not_found"},
			"no rating":         {cadre, c.ID, trainer.FeedbackInput{}, "rating choice"},
			"six":               {cadre, c.ID, trainer.FeedbackInput{Rating: 6}, "rating choice"},
			"a trainer's six":   {cadre, c.ID, trainer.FeedbackInput{Rating: 5, Trainers: map[uint64]int{a: 6}}, "trainers choice"},
			"a long comment":    {cadre, c.ID, trainer.FeedbackInput{Rating: 5, Comment: strings.Repeat("a", 1001)}, "comment too_long"},
			"somebody's rating": {w.attended(c, "Ai đó", 60), c.ID, trainer.FeedbackInput{Rating: 5, Trainers: map[uint64]int{987654321: 1}}, ""},
		} {
			if err := w.s.Say(ctx, x.who, x.course, x.in); code(err) != x.want {
				w.t.Errorf("%s: %s, want %s", name, code(err), x.want)
			}
		}
		say := func(in trainer.FeedbackInput) string { return code(w.s.Say(ctx, cadre, c.ID, in)) }
		if got := say(trainer.FeedbackInput{Rating: 2, Comment: "hơi ồn", Trainers: map[uint64]int{a: 3, b: 4}}); got != "" {
			w.t.Fatal(got)
		}
		now = now.Add(14*24*time.Hour - time.Minute)
		if got := say(trainer.FeedbackInput{Rating: 4, Trainers: map[uint64]int{a: 5}}); got != "" {
			w.t.Error(got)
		}
		f, err := w.s.FormOf(ctx, cadre, c.ID)
		if err != nil || f.Rating != 4 || f.Comment != "" || f.Trainers[0].Rating != 5 || f.Trainers[1].Rating != 0 || !f.Open {
			w.t.Errorf("%+v, %v", f, err)
		}
		now = now.Add(time.Minute)
		if got := say(trainer.FeedbackInput{Rating: 1}); got != "feedback_closed" {
			w.t.Error(got)
		}
		o, err := w.s.OfCourse(ctx, c.ID)
		if err != nil || o.Rating.N != 2 || o.Rating.Points() != 4.5 || o.Attended != 2 || o.Trainers[0].Rating != (trainer.Rating{N: 1, Average: 5}) {
			w.t.Errorf("%+v, %v", o, err)
		}
	})
}

func TestATrainerSeesNothingBeforeFiveHaveAnsweredAndNeverNames(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		a, b := w.account("An", models.RoleTrainer), w.account("Bình", models.RoleTrainer)
		c := w.course("1", models.CourseClosed, "2026-11-20", 8, 11, a, b)
		for i := range 5 {
			got, err := w.s.OfTrainer(ctx, a, true)
			if err != nil || i > 0 && (len(got) != 1 || !got[0].TooFewYet || got[0].Rating.N != 0 || len(got[0].Comments) > 0 || len(got[0].Trainers) > 0) {
				w.t.Errorf("after %d answers: %+v, %v", i, got, err)
			}
			in := trainer.FeedbackInput{Rating: 1 + i, Comment: fmt.Sprintf("ý %d", 9-i), Trainers: map[uint64]int{a: 5, b: 1}}
			if err := w.s.Say(ctx, w.attended(c, "Nông Văn A", 60), c.ID, in); err != nil {
				w.t.Fatal(err)
			}
		}
		got, err := w.s.OfTrainer(ctx, a, true)
		if err != nil || got[0].TooFewYet || got[0].Rating != (trainer.Rating{N: 5, Average: 3}) || len(got[0].Trainers) != 1 || got[0].Trainers[0].Rating.Average != 5 || len(got[0].Comments) != 5 {
			w.t.Errorf("%+v, %v", got, err)
		}
		all, err := w.s.OfTrainer(ctx, b, false)
		if err != nil || len(all) != 1 || all[0].Trainers[0].Name != "Bình" {
			w.t.Errorf("%+v, %v", all, err)
		}
	})
}
