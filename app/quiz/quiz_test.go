package quiz_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/quiz"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// world is a running course with a trainer, people with accounts, and a quiz at its end that feeds the score.
type world struct {
	t        *testing.T
	db       *store.DB
	s        *quiz.Service
	course   models.Course
	trainer  access.Actor
	stranger access.Actor // trains another course
	people   []access.Actor
	places   []uint64 // their enrolments
	quiz     uint64
	now      time.Time
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db *store.DB) { f(newWorld(t, db)) }, testseed.Base)
}

func newWorld(t *testing.T, db *store.DB) *world {
	w := &world{t: t, db: db, s: &quiz.Service{DB: db, Roster: &roster.Service{DB: db}}, now: db.Time()}
	db.Now = func() time.Time { return w.now }
	var p models.Plan
	var typ models.CourseType
	w.must(errors.Join(db.Read(t.Context()).Take(&p).Error, db.Read(t.Context()).Where("code = ?", "conference").Take(&typ).Error))
	day := models.DayOf(w.now)
	w.course = models.Course{PlanID: p.ID, Code: "L1", Title: "Tập huấn", CourseTypeID: typ.ID, State: models.CourseRunning, HostID: p.RootID, Capacity: 50, RulePercent: 80, FirstDay: day, LastDay: day, Version: 1}
	other := w.course
	other.Code = "L2"
	w.create(&w.course, &other)
	w.trainer, w.stranger = w.teaches(w.course.ID), w.teaches(other.ID)
	for i := range 3 {
		k := models.Cadre{FullName: fmt.Sprintf("Nông Văn %c", 'A'+i), BirthYear: 1980}
		w.create(&k)
		e := models.Enrolment{CourseID: w.course.ID, CadreID: k.ID, State: models.EnrolmentEnrolled, Source: "coordinator"}
		w.create(&e)
		a := models.Account{Name: k.FullName, CadreID: &k.ID}
		w.create(&a)
		w.people = append(w.people, access.Actor{By: store.By{AccountID: a.ID}, CadreID: k.ID, Grants: []access.Grant{{Role: models.RoleCadre}}})
		w.places = append(w.places, e.ID)
	}
	var err error
	w.quiz, err = w.s.Create(t.Context(), w.trainer, w.course.ID, models.QuizPost)
	w.must(err)
	w.must(w.s.Add(t.Context(), w.trainer, w.quiz, question("Thủ đô", 1, "*Hà Nội", "Huế", "Đà Nẵng"), question("Số chẵn", 2, "*2", "3", "*4", "5"), question("Màu cờ", 6, "*Đỏ", "Xanh")))
	return w
}

// question writes a question; right choices begin with a star.
func question(text string, points int, choices ...string) quiz.Question {
	q := quiz.Question{Text: text, Points: points}
	for _, c := range choices {
		right := c[0] == '*'
		if right {
			c = c[1:]
		}
		q.Choices = append(q.Choices, quiz.Choice{Text: c, Right: right})
	}
	return q
}

func (w *world) teaches(course uint64) access.Actor {
	a := models.Account{Name: "Lý Thị Dạy"}
	w.create(&a)
	w.create(&models.CourseStaff{CourseID: course, AccountID: a.ID, Role: models.StaffTrainer})
	return access.Actor{By: store.By{AccountID: a.ID}, Grants: []access.Grant{{Role: models.RoleTrainer}}}
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
	w.must(err)
}

func (w *world) set(model any, id uint64, column string, value any) {
	w.t.Helper()
	_, err := w.db.Write(w.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Model(model).Where("id = ?", id).Update(column, value).Error
	})
	w.must(err)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) refuses(err error, code string) {
	w.t.Helper()
	if !errs.Is(err, code) {
		w.t.Errorf("%v, want %s", err, code)
	}
}

// settings changes how the quiz is taken.
func (w *world) settings(f func(*quiz.Settings)) error {
	d, err := w.s.Get(w.t.Context(), w.trainer, w.quiz)
	w.must(err)
	in := quiz.Settings{Minutes: d.Minutes, OpensAt: d.OpensAt, ClosesAt: d.ClosesAt, Shows: d.Shows, FeedsScore: d.FeedsScore, Version: d.Version}
	f(&in)
	return w.s.Save(w.t.Context(), w.trainer, w.quiz, in)
}

func (w *world) open() {
	w.t.Helper()
	w.must(w.s.Open(w.t.Context(), w.trainer, w.quiz))
}

func (w *world) paper(who access.Actor) *quiz.Paper {
	w.t.Helper()
	p, err := w.s.Paper(w.t.Context(), who, w.quiz)
	w.must(err)
	return p
}

func (w *world) begin(who access.Actor) *quiz.Paper {
	w.t.Helper()
	w.must(w.s.Begin(w.t.Context(), who, w.quiz))
	return w.paper(who)
}

// choose gives the answers that have these texts.
func choose(p *quiz.Paper, texts ...string) quiz.Answers {
	out := quiz.Answers{}
	for _, x := range p.Questions {
		for i, c := range x.Choices {
			if slices.Contains(texts, c.Text) {
				out[x.ID] = append(out[x.ID], i)
			}
		}
	}
	return out
}

func (w *world) answer(who access.Actor, a quiz.Answers, handIn bool) error {
	then := quiz.GoOn
	if handIn {
		then = quiz.HandIn
	}
	return w.s.Answer(w.t.Context(), who, w.quiz, a, then)
}

// score reads what somebody has in the course, -1 for nothing.
func (w *world) score(i int) int {
	w.t.Helper()
	var e models.Enrolment
	w.must(w.db.Read(w.t.Context()).Take(&e, w.places[i]).Error)
	if e.ScoreTenths == nil {
		return -1
	}
	return *e.ScoreTenths
}

func TestPointsBecomeTenthsToTheNearestHalvesUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ points, most, want int }{{0, 9, 0}, {7, 9, 78}, {9, 9, 100}, {1, 3, 33}, {2, 3, 67}, {1, 200, 1}, {1, 201, 0}, {5, 0, 0}, {33, 40, 83}} {
		if got := quiz.Tenths(c.points, c.most); got != c.want {
			t.Errorf("%d of %d: %d, want %d", c.points, c.most, got, c.want)
		}
	}
}

func TestAQuizIsTakenOnceMarkedAndBecomesTheScore(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		w.must(w.settings(func(in *quiz.Settings) { in.FeedsScore = true }))
		_, err := w.s.Paper(ctx, w.people[0], w.quiz)
		w.refuses(err, "not_found") // never opened
		w.open()
		p := w.paper(w.people[0])
		if !p.CanBegin() || len(p.Questions) != 0 || p.Count != 3 || p.Points != 9 {
			w.t.Errorf("before: %+v", p)
		}
		w.refuses(w.answer(w.people[0], nil, false), "quiz_not_begun")
		p = w.begin(w.people[0])
		if !p.CanGoOn() || len(p.Questions) != 3 || p.ShowsPoints() {
			w.t.Errorf("begun: %+v", p)
		}
		for _, x := range p.Questions {
			for _, c := range x.Choices {
				if c.Right {
					w.t.Error("what is right stands in the paper")
				}
			}
		}
		w.must(w.answer(w.people[0], choose(p, "Hà Nội", "2", "4"), false))
		if p = w.paper(w.people[0]); p.Answered != 2 || w.score(0) != -1 {
			w.t.Errorf("saved: %d answered, score %d", p.Answered, w.score(0))
		}
		w.must(w.s.Answer(ctx, w.people[0], w.quiz, choose(p, "Huế"), quiz.HandInComplete)) // the first answer changes, the second stays
		if p = w.paper(w.people[0]); p.Done() {
			w.t.Error("handed in with an answer missing")
		}
		w.must(w.s.Answer(ctx, w.people[0], w.quiz, choose(p, "Đỏ"), quiz.HandInComplete))
		if p = w.paper(w.people[0]); !p.ShowsPoints() || p.Try.Points != 8 || w.score(0) != 89 || len(p.Questions) != 0 {
			w.t.Errorf("handed in: %+v, score %d", p.Try, w.score(0))
		}
		w.must(w.answer(w.people[0], nil, true)) // a double click
		w.refuses(w.answer(w.people[0], choose(p, "Hà Nội"), false), "quiz_handed_in")
		w.must(w.s.Begin(ctx, w.people[0], w.quiz))
		if p = w.paper(w.people[0]); p.CanGoOn() || w.score(0) != 89 {
			w.t.Error("a second go")
		}

		// Somebody typed a score: it stays, unless told.
		w.set(&models.Enrolment{}, w.places[1], "score_tenths", 0)
		p = w.begin(w.people[1])
		w.must(w.answer(w.people[1], choose(p, "3"), true))
		w.set(&models.Enrolment{}, w.places[1], "score_tenths", 70)
		if n, err := w.s.Scores(ctx, w.trainer, w.quiz, false); n != 0 || err != nil || w.score(1) != 70 {
			w.t.Error(n, err, w.score(1))
		}
		if n, err := w.s.Scores(ctx, w.trainer, w.quiz, true); n != 1 || err != nil || w.score(1) != 0 {
			w.t.Error(n, err, w.score(1))
		}
		o, err := w.s.Overview(ctx, w.trainer, w.course.ID)
		w.must(err)
		if h := o.Quizzes[models.QuizPost]; h.HandedIn != 2 || h.Average != 4.5 || len(o.Pairs) != 3 || o.Pairs[1].Post != (quiz.Share{Asked: 1, Right: 1, Of: 2}) || o.Pairs[0].Pre.Asked != 0 {
			w.t.Errorf("%+v %+v", h, o.Pairs)
		}
	})
}

func TestATypedScoreThatHappensToEqualWhatWasSavedStays(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.must(w.settings(func(in *quiz.Settings) { in.FeedsScore = true }))
		w.open()
		p := w.begin(w.people[0])
		w.set(&models.Enrolment{}, w.places[0], "score_tenths", 0) // as the empty paper has
		w.must(w.answer(w.people[0], choose(p, "Hà Nội", "2", "4", "Đỏ"), true))
		if got := w.score(0); got != 0 {
			w.t.Errorf("score %d", got)
		}
	})
}

func TestEverybodySeesAnOrderOfTheirOwnThatStays(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.must(w.s.Add(w.t.Context(), w.trainer, w.quiz, question("Thêm 1", 1, "*a", "b", "c", "d", "e", "f"), question("Thêm 2", 1, "*a", "b", "c", "d", "e", "f")))
		w.open()
		orders := map[string]bool{}
		for _, who := range w.people {
			first := w.begin(who)
			if again := w.paper(who); fmt.Sprint(again.Questions) != fmt.Sprint(first.Questions) {
				w.t.Error("another order at the second look")
			}
			key := ""
			for _, x := range first.Questions {
				key += x.Text
				for _, c := range x.Choices {
					key += c.Text
				}
			}
			orders[key] = true
		}
		if len(orders) != len(w.people) {
			w.t.Errorf("%d orders for %d people", len(orders), len(w.people))
		}
	})
}

func TestAnswersThatCannotBeAreRefusedAndNothingIsSaved(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		w.open()
		p := w.begin(w.people[0])
		one, several := p.Questions[0].ID, p.Questions[0].ID
		for _, x := range p.Questions {
			if x.Several {
				several = x.ID
			} else {
				one = x.ID
			}
		}
		for name, c := range map[string]struct {
			a    quiz.Answers
			code string
		}{
			"another quiz's question": {quiz.Answers{one: {0}, 987654321: {0}}, "quiz_question"},
			"no such choice":          {quiz.Answers{several: {0}, one: {9}}, "choice"},
			"below the first":         {quiz.Answers{one: {-1}}, "choice"},
			"two of one":              {quiz.Answers{one: {0, 1}}, "choice"},
			"too many":                {quiz.Answers{several: {0, 1, 2, 3, 0}}, "choice"},
		} {
			if err := w.answer(w.people[0], c.a, false); !errs.Is(err, c.code) {
				w.t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		if p = w.paper(w.people[0]); p.Answered != 0 {
			w.t.Errorf("%d answers were saved", p.Answered)
		}
		w.refuses(w.s.Answer(ctx, access.Actor{CadreID: 987654321, Grants: []access.Grant{{Role: models.RoleCadre}}}, w.quiz, nil, quiz.HandIn), "not_found")
		w.refuses(w.s.Begin(ctx, access.Actor{}, w.quiz), "not_found")
		_, err := w.s.Get(ctx, w.stranger, w.quiz)
		w.refuses(err, "not_found")
		w.refuses(w.s.Open(ctx, w.stranger, w.quiz), "not_found")
		w.refuses(w.s.Change(ctx, w.stranger, one, question("x", 1, "*a", "b")), "not_found")
		_, err = w.s.Copy(ctx, w.stranger, w.quiz, w.quiz)
		w.refuses(err, "not_found")
		w.set(&models.Enrolment{}, w.places[0], "state", models.EnrolmentWithdrawn)
		w.refuses(w.answer(w.people[0], nil, true), "not_found")
		w.set(&models.Course{}, w.course.ID, "state", models.CourseClosed)
		w.must(w.answerClosed())
	})
}

// answerClosed says whether everything is refused once the course is closed.
func (w *world) answerClosed() error {
	ctx := w.t.Context()
	w.refuses(w.s.Begin(ctx, w.people[1], w.quiz), "quiz_course_closed")
	w.refuses(w.s.Open(ctx, w.trainer, w.quiz), "quiz_course_closed")
	w.refuses(w.s.Add(ctx, w.trainer, w.quiz, question("x", 1, "*a", "b")), "quiz_course_closed")
	_, err := w.s.Create(ctx, w.trainer, w.course.ID, models.QuizPre)
	w.refuses(err, "quiz_course_closed")
	return nil
}

func TestTheServersClockEndsAQuizAndWhatWasSavedCounts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		ten := 10
		w.must(w.settings(func(in *quiz.Settings) { in.Minutes, in.FeedsScore, in.Shows = &ten, true, models.ShowsAnswers }))
		w.open()
		p := w.begin(w.people[0])
		w.must(w.answer(w.people[0], choose(p, "Đỏ"), false))
		w.now = w.now.Add(10*time.Minute + quiz.Grace)
		w.must(w.answer(w.people[0], choose(p, "Hà Nội"), false)) // on its way when the time was over
		w.must(w.s.Sweep(ctx))
		if w.score(0) != -1 {
			w.t.Error("swept too early")
		}
		w.now = w.now.Add(time.Second)
		w.refuses(w.answer(w.people[0], choose(p, "2", "4"), false), "quiz_time_over")
		w.refuses(w.answer(w.people[0], nil, true), "quiz_time_over")
		w.must(w.s.Sweep(ctx))
		w.must(w.s.Sweep(ctx))
		if got := w.score(0); got != 78 {
			w.t.Errorf("score %d", got)
		}
		if p = w.paper(w.people[0]); !p.Done() || p.ShowsAnswers() || len(p.Questions) != 0 || !p.Try.SubmittedAt.Equal(p.Try.StartedAt.Add(10*time.Minute)) {
			w.t.Errorf("%+v", p)
		}
		// Closed by hand, in the middle of somebody's go.
		p = w.begin(w.people[1])
		w.must(w.answer(w.people[1], choose(p, "Hà Nội", "2", "4", "Đỏ"), false))
		if list, err := w.s.ToTake(ctx, w.people[1]); err != nil || len(list) != 1 || !list[0].CanGoOn() {
			w.t.Errorf("%+v %v", list, err)
		}
		if n, err := w.s.Going(ctx, w.course.ID); n != 1 || err != nil {
			w.t.Error(n, err)
		}
		w.must(w.s.Close(ctx, w.trainer, w.quiz))
		w.refuses(w.s.Begin(ctx, w.people[2], w.quiz), "quiz_not_open")
		w.refuses(w.s.Close(ctx, w.trainer, w.quiz), "quiz_not_open")
		w.now = w.now.Add(quiz.Grace + time.Second)
		w.must(w.s.Sweep(ctx))
		if p = w.paper(w.people[1]); w.score(1) != 100 || !p.ShowsAnswers() || !p.Questions[0].Right() {
			w.t.Errorf("score %d, %+v", w.score(1), p)
		}
		if list, err := w.s.ToTake(ctx, w.people[1]); err != nil || len(list) != 0 {
			w.t.Errorf("%+v %v", list, err)
		}
		if list, err := w.s.OwnQuizzes(ctx, w.people[2]); err != nil || len(list) != 0 {
			w.t.Errorf("%+v %v", list, err)
		}
	})
}

func TestAMendedAnswerMarksWhatWasHandedInAgain(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		w.must(w.settings(func(in *quiz.Settings) { in.FeedsScore = true }))
		w.open()
		for i, text := range []string{"Xanh", "Đỏ"} {
			p := w.begin(w.people[i])
			w.must(w.answer(w.people[i], choose(p, text), true))
		}
		w.set(&models.Enrolment{}, w.places[1], "score_tenths", 90) // typed since
		d, err := w.s.Get(ctx, w.trainer, w.quiz)
		w.must(err)
		w.refuses(w.s.Add(ctx, w.trainer, w.quiz, question("x", 1, "*a", "b")), "quiz_taken")
		w.refuses(w.s.Remove(ctx, w.trainer, d.Questions[0].ID), "quiz_taken")
		w.refuses(w.s.Delete(ctx, w.trainer, w.quiz), "quiz_taken")
		w.refuses(w.s.Change(ctx, w.trainer, d.Questions[2].ID, question("Màu cờ", 6, "Đỏ", "*Xanh", "Vàng")), "quiz_taken")
		w.must(w.s.Change(ctx, w.trainer, d.Questions[2].ID, question("Màu cờ", 6, "Đỏ", "*Xanh")))
		if a, b := w.score(0), w.score(1); a != 67 || b != 90 {
			w.t.Errorf("scores %d and %d", a, b)
		}
	})
}

func TestSettingsAndQuestionsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		zero, now, before := 0, w.now, w.now.Add(-time.Hour)
		for code, f := range map[string]func(*quiz.Settings){
			"stale":             func(in *quiz.Settings) { in.Version = 99 },
			"quiz_minutes":      func(in *quiz.Settings) { in.Minutes = &zero },
			"quiz_closes_first": func(in *quiz.Settings) { in.OpensAt, in.ClosesAt = &now, &before },
			"choice":            func(in *quiz.Settings) { in.Shows = "everything" },
		} {
			w.refuses(w.settings(f), code)
		}
		for code, q := range map[string]quiz.Question{
			"required":         question(" ", 1, "*a", "b"),
			"quiz_points":      question("x", 101, "*a", "b"),
			"quiz_choices":     question("x", 1, "*a"),
			"quiz_no_answer":   question("x", 1, "a", "b"),
			"quiz_same_choice": question("x", 1, "*a", "b", "b "),
		} {
			w.refuses(w.s.Add(ctx, w.trainer, w.quiz, q), code)
		}
		many := make([]quiz.Question, quiz.MaxQuestions)
		for i := range many {
			many[i] = question(fmt.Sprint("Câu ", i), 1, "*a", "b")
		}
		w.refuses(w.s.Add(ctx, w.trainer, w.quiz, many...), "quiz_full")
		pre, err := w.s.Create(ctx, w.trainer, w.course.ID, models.QuizPre)
		w.must(err)
		w.refuses(w.s.Open(ctx, w.trainer, pre), "quiz_without_questions")
		w.refuses(w.s.Save(ctx, w.trainer, pre, quiz.Settings{Shows: models.ShowsNothing, FeedsScore: true, Version: 1}), "quiz_pre_feeds")
		if again, err := w.s.Create(ctx, w.trainer, w.course.ID, models.QuizPre); err != nil || again != pre {
			w.t.Error("a second quiz of the kind", again, err)
		}
		_, err = w.s.Create(ctx, w.trainer, w.course.ID, "middle")
		w.refuses(err, "choice")
		if n, err := w.s.Copy(ctx, w.trainer, pre, w.quiz); n != 3 || err != nil {
			w.t.Error(n, err)
		}
		_, err = w.s.Copy(ctx, w.trainer, pre, 987654321)
		w.refuses(err, "choice")
		_, err = w.s.Scores(ctx, w.trainer, pre, true)
		w.refuses(err, "quiz_no_score")
		w.set(&models.Course{}, w.course.ID, "state", models.CourseDraft)
		w.refuses(w.s.Open(ctx, w.trainer, pre), "quiz_course_draft")
	})
}

func TestBeforeAndAfterAreComparedQuestionByQuestion(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		pre, err := w.s.Create(ctx, w.trainer, w.course.ID, models.QuizPre)
		w.must(err)
		w.must(w.s.Add(ctx, w.trainer, pre, question("thủ đô", 1, "Huế", "*Hà Nội", "Đà Nẵng"), question("Chỉ hỏi trước", 1, "*a", "b")))
		post := w.quiz
		for _, id := range []uint64{pre, post} {
			w.quiz = id
			w.open()
			text := map[uint64]string{pre: "Huế", post: "Hà Nội"}[id]
			for _, who := range w.people[:2] {
				w.must(w.answer(who, choose(w.begin(who), text), true))
			}
		}
		o, err := w.s.Overview(ctx, w.trainer, w.course.ID)
		w.must(err)
		if p := o.Pairs[0]; len(o.Pairs) != 4 || p.Text != "Thủ đô" || p.Pre != (quiz.Share{Asked: 1, Of: 2}) || p.Post != (quiz.Share{Asked: 1, Right: 2, Of: 2}) || *p.Post.Percent() != 100 {
			w.t.Errorf("%+v", o.Pairs)
		}
		if o.Both != (quiz.Change{N: 2, Pre: 0, Post: 1.1}) {
			w.t.Errorf("%+v", o.Both)
		}
	})
}

func TestTwoWindowsBeginOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.open()
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				if err := w.s.Begin(w.t.Context(), w.people[0], w.quiz); err != nil {
					w.t.Error(err)
				}
			})
		}
		group.Wait()
		var n int64
		w.must(w.db.Read(w.t.Context()).Model(&models.QuizTry{}).Count(&n).Error)
		if n != 1 {
			w.t.Errorf("%d goes", n)
		}
	})
}
