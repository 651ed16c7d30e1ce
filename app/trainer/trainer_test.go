package trainer_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

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

func TestFeedbackIsGivenOnceByThoseWhoAttendedFromTheLastSessionOn(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		now := w.db.Time() // eight in the morning of the 24th
		w.db.Now = func() time.Time { return now }
		a, b := w.account("An", models.RoleTrainer), w.account("Bình", models.RoleTrainer)
		c := w.course("1", models.CourseClosed, "2026-11-20", 8, 11, a, b)
		running := w.course("2", models.CourseRunning, "2026-11-24", 8, 11, a)
		later := w.course("3", models.CourseRunning, "2026-11-24", 9, 11, a)
		draft := w.course("4", models.CourseCancelled, "2026-11-20", 8, 11, a)
		cadre := w.attended(c, "Nông Văn A", 180)
		good := trainer.FeedbackInput{Content: 5, Organisation: 4}
		for name, x := range map[string]struct {
			who    access.Actor
			course uint64
			in     trainer.FeedbackInput
			want   string
		}{
			"absent":            {w.attended(c, "Vắng", 0), c.ID, good, "not_found"},
			"elsewhere":         {w.attended(running, "Lớp khác", 60), c.ID, good, "not_found"},
			"the last session":  {w.attended(running, "Buổi cuối", 60), running.ID, good, ""},
			"not begun":         {w.attended(later, "Chưa đến buổi cuối", 60), later.ID, good, "not_found"},
			"cancelled":         {w.attended(draft, "Lớp hủy", 60), draft.ID, good, "not_found"},
			"no cadre":          {access.Actor{}, c.ID, good, "not_found"},
			"no rating":         {cadre, c.ID, trainer.FeedbackInput{Organisation: 1}, "content choice"},
			"six":               {cadre, c.ID, trainer.FeedbackInput{Content: 6, Organisation: 1}, "content choice"},
			"no organisation":   {cadre, c.ID, trainer.FeedbackInput{Content: 5}, "organisation choice"},
			"a trainer's six":   {cadre, c.ID, trainer.FeedbackInput{Content: 5, Organisation: 1, Trainers: map[uint64]int{a: 6}}, "trainers choice"},
			"a long comment":    {cadre, c.ID, trainer.FeedbackInput{Content: 5, Organisation: 1, Comment: strings.Repeat("a", 1001)}, "comment too_long"},
			"somebody's rating": {w.attended(c, "Ai đó", 60), c.ID, trainer.FeedbackInput{Content: 5, Organisation: 1, Trainers: map[uint64]int{987654321: 1}}, ""},
		} {
			if err := w.s.Say(ctx, x.who, x.course, x.in); code(err) != x.want {
				w.t.Errorf("%s: %s, want %s", name, code(err), x.want)
			}
		}
		late := w.attended(c, "Người nhận xét muộn", 180)
		if ids, err := w.s.ToRate(ctx, cadre); err != nil || !slices.Equal(ids, []uint64{c.ID}) {
			w.t.Errorf("%v %v", ids, err)
		}
		say := func(who access.Actor) string { return code(w.s.Say(ctx, who, c.ID, good)) }
		if got := say(cadre); got != "" {
			w.t.Fatal(got)
		}
		if got := say(cadre); got != "feedback_given" {
			w.t.Error(got)
		}
		if ids, err := w.s.ToRate(ctx, cadre); err != nil || len(ids) != 0 {
			w.t.Errorf("%v %v", ids, err)
		}
		if f, err := w.s.FormOf(ctx, cadre, c.ID); err != nil || !f.Given || len(f.Trainers) != 2 {
			w.t.Errorf("%+v %v", f, err)
		}
		now = now.AddDate(0, 0, 27)
		if got := say(late); got != "feedback_over" {
			w.t.Error(got)
		}
		if ids, err := w.s.ToRate(ctx, late); err != nil || len(ids) != 0 {
			w.t.Errorf("%v %v", ids, err)
		}
	})
}

// TestNothingLeadsFromAnAnswerToWhoGaveIt reads what the database holds afterwards, as somebody with a copy of it would.
func TestNothingLeadsFromAnAnswerToWhoGaveIt(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		a := w.account("An", models.RoleTrainer)
		c := w.course("1", models.CourseClosed, "2026-11-20", 8, 11, a)
		var given []string
		for i := range 12 {
			in := trainer.FeedbackInput{Content: 1 + i%5, Organisation: 3, Comment: fmt.Sprintf("ý %02d", i), Trainers: map[uint64]int{a: 1 + i%5}}
			given = append(given, in.Comment)
			if err := w.s.Say(ctx, w.attended(c, "Nông Văn A", 60), c.ID, in); err != nil {
				w.t.Fatal(err)
			}
		}
		db := w.db.Read(ctx)
		var kept []string
		var columns, ratings []gorm.ColumnType
		var words int64
		err := errors.Join(db.Table("feedback").Pluck("comment", &kept).Error, db.Table("audit_entries").Where("action LIKE 'feedback%'").Count(&words).Error)
		if err != nil {
			w.t.Fatal(err)
		}
		columns, err = db.Migrator().ColumnTypes("feedback")
		if err != nil {
			w.t.Fatal(err)
		}
		if ratings, err = db.Migrator().ColumnTypes("trainer_ratings"); err != nil {
			w.t.Fatal(err)
		}
		var names []string
		for _, x := range append(columns, ratings...) {
			names = append(names, x.Name())
		}
		if want := []string{"account_id", "comment", "content", "course_id", "feedback_id", "id", "organisation", "rating"}; !slices.Equal(slices.Sorted(slices.Values(names)), want) {
			w.t.Errorf("the tables hold %v, want %v", names, want)
		}
		if slices.Equal(kept, given) || words != 0 { // one chance in 479 million to be the order by lot
			w.t.Errorf("the rows lie in the order in which they came: %v; %d words in the audit", kept, words)
		}
	})
}

func TestNothingIsShownBeforeFiveHaveAnsweredAndNeverNames(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		a, b := w.account("An", models.RoleTrainer), w.account("Bình", models.RoleTrainer)
		c := w.course("1", models.CourseClosed, "2026-11-20", 8, 11, a, b)
		for i := range 5 {
			got, err := w.s.OfTrainer(ctx, a)
			if err != nil || i > 0 && (len(got) != 1 || !got[0].TooFewYet() || got[0].Answered != i || got[0].Content.N != 0 || len(got[0].Comments) > 0 || len(got[0].Trainers) > 0) {
				w.t.Errorf("after %d answers: %+v, %v", i, got, err)
			}
			if o, err := w.s.OfCourse(ctx, c.ID); err != nil || !o.TooFewYet() || o.Counts != ([5]trainer.Count{}) {
				w.t.Errorf("after %d answers: %+v, %v", i, o, err)
			}
			in := trainer.FeedbackInput{Content: 1 + i, Organisation: 2, Comment: fmt.Sprintf("ý %d", 9-i), Trainers: map[uint64]int{a: 5}}
			if i > 0 {
				in.Trainers[b] = 1
			}
			if err := w.s.Say(ctx, w.attended(c, "Nông Văn A", 60), c.ID, in); err != nil {
				w.t.Fatal(err)
			}
		}
		got, err := w.s.OfTrainer(ctx, a)
		if err != nil || got[0].TooFewYet() || got[0].Content != (trainer.Rating{N: 5, Average: 3}) || got[0].Organisation.Average != 2 || len(got[0].Trainers) != 1 || got[0].Trainers[0].Rating.Average != 5 {
			w.t.Errorf("%+v, %v", got, err)
		}
		if want := []string{"ý 5", "ý 6", "ý 7", "ý 8", "ý 9"}; !slices.Equal(got[0].Comments, want) {
			w.t.Errorf("%v", got[0].Comments)
		}
		o, err := w.s.OfCourse(ctx, c.ID)
		if err != nil || o.Counts[1] != (trainer.Count{Content: 1, Organisation: 5}) || o.Attended != 5 || o.Trainers[1].Name != "Bình" || o.Trainers[1].Rating.N != 0 {
			w.t.Errorf("four ratings of a trainer are shown: %+v, %v", o, err)
		}
	})
}
