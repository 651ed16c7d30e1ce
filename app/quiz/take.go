package quiz

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Own is a quiz of a course in which the cadre has a place.
type Own struct {
	models.Quiz
	EnrolmentID uint64
	Code        string
	Title       string
	CourseState models.CourseState
	Try         *models.QuizTry `gorm:"-"`
	Now         time.Time       `gorm:"-"`
}

// CanBegin says whether the cadre may begin.
func (o Own) CanBegin() bool { return o.Try == nil && o.OpenAt(o.Now) && held(o.CourseState) }

// CanGoOn says whether the cadre has begun and may still answer.
func (o Own) CanGoOn() bool {
	return o.Try != nil && o.Try.SubmittedAt == nil && held(o.CourseState) && !late(o.Quiz, *o.Try, o.Now)
}

// Done says whether the cadre has handed in, or the time is over.
func (o Own) Done() bool { return o.Try != nil && !o.CanGoOn() }

// ShowsPoints says whether the cadre sees the points.
func (o Own) ShowsPoints() bool { return o.Done() && o.Shows != models.ShowsNothing }

// ShowsAnswers says whether the cadre sees what would have been right: when it helps nobody any more.
func (o Own) ShowsAnswers() bool {
	return o.Done() && o.Shows == models.ShowsAnswers && (o.ClosedAt(o.Now) || o.CourseState == models.CourseClosed)
}

// held says whether quizzes of a course in that state are taken: before it begins and while it runs.
func held(state models.CourseState) bool {
	return state == models.CourseOpen || state == models.CourseRunning
}

// late says whether answers come too late, with what they are allowed on the way.
func late(q models.Quiz, t models.QuizTry, now time.Time) bool {
	end := q.Deadline(t.StartedAt)
	return end != nil && now.After(end.Add(Grace))
}

// own reads the quizzes that were opened once in courses in which the cadre behind the account is enrolled: two queries.
func (s *Service) own(db *gorm.DB, actor access.Actor, where string, args ...any) ([]Own, error) {
	now := s.DB.Time()
	var list []Own
	err := db.Table("quizzes").Joins("JOIN courses ON courses.id = quizzes.course_id").Joins("JOIN enrolments ON enrolments.course_id = courses.id").
		Scopes(access.Enrolments(actor, access.OwnRead, now)).Where("enrolments.state = ? AND courses.state IN ? AND quizzes.opens_at IS NOT NULL",
		models.EnrolmentEnrolled, []models.CourseState{models.CourseOpen, models.CourseRunning, models.CourseClosed}).Where(where, args...).
		Select("quizzes.*, enrolments.id AS enrolment_id, courses.code, courses.title, courses.state AS course_state").Order("courses.last_day DESC, quizzes.kind DESC").Limit(100).Scan(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var enrolments []uint64
	for _, o := range list {
		enrolments = append(enrolments, o.EnrolmentID)
	}
	var done []models.QuizTry
	if err := db.Where("enrolment_id IN ?", enrolments).Find(&done).Error; err != nil {
		return nil, err
	}
	for i := range list {
		o := &list[i]
		o.Now = now
		if k := slices.IndexFunc(done, func(t models.QuizTry) bool { return t.QuizID == o.ID && t.EnrolmentID == o.EnrolmentID }); k >= 0 {
			o.Try = &done[k]
		}
	}
	return list, nil
}

// OwnQuizzes lists the quizzes of the cadre behind the account that are or were open: of the latest courses first.
func (s *Service) OwnQuizzes(ctx context.Context, actor access.Actor) ([]Own, error) {
	list, err := s.own(s.DB.Read(ctx), actor, "1 = 1")
	return slices.DeleteFunc(list, func(o Own) bool { return !o.CanBegin() && o.Try == nil }), err
}

// ToTake lists the quizzes that the cadre behind the account can begin or go on with now.
func (s *Service) ToTake(ctx context.Context, actor access.Actor) ([]Own, error) {
	list, err := s.own(s.DB.Read(ctx), actor, "courses.state <> ?", models.CourseClosed)
	return slices.DeleteFunc(list, func(o Own) bool { return !o.CanBegin() && !o.CanGoOn() }), err
}

func (s *Service) one(db *gorm.DB, actor access.Actor, id uint64) (Own, error) {
	list, err := s.own(db, actor, "quizzes.id = ?", id)
	if err == nil && len(list) == 0 {
		err = errs.NotFound("quiz")
	}
	if err != nil {
		return Own{}, err
	}
	return list[0], nil
}

// Paper is a quiz as one person sees it. What is right stands in it only when it may be seen.
type Paper struct {
	Own
	Questions []Shown // in this person's order
	Count     int     // of questions, also where they are not shown
	Points    int     // of all questions
	Answered  int
	Deadline  *time.Time
}

// Shown is a question as one person sees it.
type Shown struct {
	ID      uint64
	Number  int
	Text    string
	Points  int
	Several bool
	Choices []ShownChoice // in this person's order
}

// Answered says whether anything was chosen.
func (x Shown) Answered() bool {
	return slices.ContainsFunc(x.Choices, func(c ShownChoice) bool { return c.Chosen })
}

// Right says whether exactly the right choices were made; of use only where what is right is shown.
func (x Shown) Right() bool {
	return !slices.ContainsFunc(x.Choices, func(c ShownChoice) bool { return c.Chosen != c.Right })
}

// ShownChoice is a choice as one person sees it.
type ShownChoice struct {
	Text   string
	Chosen bool
	Right  bool // false, too, where it may not be seen yet
}

// Paper reads a quiz for the cadre behind the account: its questions while it is taken and where the answers may be seen. A quiz that was
// never opened, or of a course without a place for the cadre, is not found.
func (s *Service) Paper(ctx context.Context, actor access.Actor, id uint64) (*Paper, error) {
	return s.paper(s.DB.Read(ctx), actor, id)
}

func (s *Service) paper(db *gorm.DB, actor access.Actor, id uint64) (*Paper, error) {
	o, err := s.one(db, actor, id)
	if err != nil {
		return nil, err
	}
	p := &Paper{Own: o}
	all, err := questions(db, id)
	if err != nil {
		return nil, err
	}
	p.Count = len(all)
	for _, q := range all {
		p.Points += q.Points
	}
	if o.Try == nil {
		return p, nil
	}
	p.Deadline = o.Deadline(o.Try.StartedAt)
	var said []models.QuizAnswer
	if err := db.Where("try_id = ?", o.Try.ID).Find(&said).Error; err != nil {
		return nil, err
	}
	chosen := map[uint64]int{}
	for _, a := range said {
		chosen[a.QuestionID] = a.Chosen
		if a.Chosen != 0 {
			p.Answered++
		}
	}
	if o.CanGoOn() || o.ShowsAnswers() {
		for i, k := range order(o.Try.ID, 0, len(all)) {
			p.Questions = append(p.Questions, show(o.Try.ID, all[k], chosen[all[k].ID], i+1, o.ShowsAnswers()))
		}
	}
	return p, nil
}

func show(try uint64, q models.QuizQuestion, chosen, number int, answers bool) Shown {
	x := Shown{ID: q.ID, Number: number, Text: q.Text, Points: q.Points, Several: q.Several()}
	for _, k := range order(try, q.ID, len(q.Choices)) {
		x.Choices = append(x.Choices, ShownChoice{Text: q.Choices[k], Chosen: chosen&(1<<k) != 0, Right: answers && q.Answer&(1<<k) != 0})
	}
	return x
}

// Begin starts the one go of the cadre behind the account; again, it goes on. It refuses what Paper refuses, a quiz that is not open
// ("quiz_not_open") and a course that is over ("quiz_course_closed").
func (s *Service) Begin(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		o, err := s.one(tx.DB, actor, id)
		if err != nil {
			return 0, err
		}
		var e models.Enrolment // its lock keeps a double click apart
		if err := tx.Lock().Select("id").Take(&e, o.EnrolmentID).Error; err != nil {
			return 0, err
		}
		if o, err = s.one(tx.DB, actor, id); err != nil {
			return 0, err
		}
		switch {
		case o.Try != nil:
			return id, nil
		case !held(o.CourseState):
			return 0, errs.Conflict("quiz_course_closed")
		case !o.OpenAt(tx.Now):
			return 0, errs.Conflict("quiz_not_open")
		}
		if err := tx.Create(&models.QuizTry{QuizID: id, EnrolmentID: o.EnrolmentID, StartedAt: tx.Now}).Error; err != nil {
			return 0, err
		}
		return id, tx.Audit("quiz.begin", "quiz", id, map[string]any{"enrolment": o.EnrolmentID})
	})
	return err
}

// Answers are the choices that were made, by question, as places in the order that the person sees, from 0; none takes an answer back.
// Questions that are not named keep theirs.
type Answers map[uint64][]int

// Then is what follows when answers are saved.
type Then int

// What follows: nothing, handing in if every question has an answer, or handing in whatever is missing.
const (
	GoOn Then = iota
	HandInComplete
	HandIn
)

// Answer saves answers, and hands in where asked to: then the points count, and may become the score. What is handed in already stays:
// handing in again changes nothing.
//
// It refuses what Paper refuses, with nothing saved: a quiz that was not begun ("quiz_not_begun"), one that was handed in ("quiz_handed_in",
// unless no answers come), time that is over by more than Grace ("quiz_time_over"), questions that are another's ("quiz_question"), and
// choices that there are not or too many ("choice").
func (s *Service) Answer(ctx context.Context, actor access.Actor, id uint64, answers Answers, then Then) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		o, err := s.one(tx.DB, actor, id)
		if err != nil {
			return 0, err
		}
		if o.Try == nil {
			return 0, errs.Conflict("quiz_not_begun")
		}
		if then != GoOn { // the score is the course's
			var c models.Course
			if err := tx.Lock().Select("id").Take(&c, o.CourseID).Error; err != nil {
				return 0, err
			}
		}
		try := models.QuizTry{}
		if err := tx.Lock().Take(&try, o.Try.ID).Error; err != nil {
			return 0, err
		}
		if o, err = s.one(tx.DB, actor, id); err != nil {
			return 0, err
		}
		switch {
		case try.SubmittedAt != nil && then != GoOn && len(answers) == 0:
			return id, nil
		case try.SubmittedAt != nil:
			return 0, errs.Conflict("quiz_handed_in")
		case !held(o.CourseState):
			return 0, errs.Conflict("quiz_course_closed")
		case late(o.Quiz, try, tx.Now):
			return 0, errs.Conflict("quiz_time_over")
		}
		if err := save(tx, try, answers); err != nil {
			return 0, err
		}
		handIn, err := then.now(tx, try)
		if err != nil {
			return 0, err
		}
		return id, finish(tx, o.Quiz, try, handIn, tx.Now)
	})
	return err
}

// now says whether the try is handed in.
func (then Then) now(tx *store.Tx, try models.QuizTry) (bool, error) {
	if then != HandInComplete {
		return then == HandIn, nil
	}
	var missing int64
	err := tx.Model(&models.QuizQuestion{}).Where("quiz_id = ? AND NOT EXISTS (SELECT 1 FROM quiz_answers a WHERE a.question_id = quiz_questions.id AND a.try_id = ? AND a.chosen > 0)", try.QuizID, try.ID).Count(&missing).Error
	return missing == 0, err
}

// save writes the answers of a try, in the order in which the choices were written.
func save(tx *store.Tx, try models.QuizTry, answers Answers) error {
	all, err := questions(tx.DB, try.QuizID)
	if err != nil {
		return err
	}
	var rows []models.QuizAnswer
	for _, q := range all {
		shown, there := answers[q.ID]
		if !there {
			continue
		}
		perm, chosen := order(try.ID, q.ID, len(q.Choices)), 0
		if len(shown) > len(perm) || len(shown) > 1 && !q.Several() {
			return errs.OnField(Field(q.ID), "choice")
		}
		for _, k := range shown {
			if k < 0 || k >= len(perm) {
				return errs.OnField(Field(q.ID), "choice")
			}
			chosen |= 1 << perm[k]
		}
		rows = append(rows, models.QuizAnswer{TryID: try.ID, QuestionID: q.ID, Chosen: chosen})
	}
	if len(rows) != len(answers) {
		return errs.Invalid("quiz_question")
	}
	if len(rows) == 0 {
		return nil
	}
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		ids[i] = r.QuestionID
	}
	if err := tx.Where("try_id = ? AND question_id IN ?", try.ID, ids).Delete(&models.QuizAnswer{}).Error; err != nil {
		return err
	}
	return tx.Create(&rows).Error
}

// finish marks a try, and hands it in where asked to.
func finish(tx *store.Tx, q models.Quiz, try models.QuizTry, handIn bool, at time.Time) error {
	if handIn {
		try.SubmittedAt, try.Tenths = &at, -1 // nothing of it was a score before
		if err := tx.Model(&models.QuizTry{}).Where("id = ?", try.ID).Update("submitted_at", at).Error; err != nil {
			return err
		}
	}
	one := []models.QuizTry{try}
	if _, err := remark(tx, q, one, false); err != nil || !handIn {
		return err
	}
	return tx.Audit("quiz.hand_in", "quiz", q.ID, map[string]any{"enrolment": try.EnrolmentID, "points": one[0].Points, "tenths": one[0].Tenths})
}

// mostSettled is how many tries one sweep hands in.
const mostSettled = 500

// Sweep hands in what nobody handed in before the time was over: what was saved counts.
func (s *Service) Sweep(ctx context.Context) error {
	var open []struct {
		models.QuizTry
		CourseID uint64
		Minutes  *int
		ClosesAt *time.Time
	}
	err := s.DB.Read(ctx).Table("quiz_tries").Joins("JOIN quizzes ON quizzes.id = quiz_tries.quiz_id").Joins("JOIN courses ON courses.id = quizzes.course_id").
		Where("quiz_tries.submitted_at IS NULL AND courses.state IN ? AND (quizzes.minutes IS NOT NULL OR quizzes.closes_at IS NOT NULL)", []models.CourseState{models.CourseOpen, models.CourseRunning}).
		Select("quiz_tries.*, quizzes.course_id, quizzes.minutes, quizzes.closes_at").Order("quiz_tries.id").Limit(mostSettled).Scan(&open).Error
	if err != nil {
		return err
	}
	now := s.DB.Time()
	for _, x := range open {
		if late(models.Quiz{Minutes: x.Minutes, ClosesAt: x.ClosesAt}, x.QuizTry, now) {
			err = errors.Join(err, s.settle(ctx, x.CourseID, x.ID))
		}
	}
	return err
}

// settle hands in one try whose time is over, if that is still so under the locks.
func (s *Service) settle(ctx context.Context, courseID, tryID uint64) error {
	_, err := s.DB.Write(ctx, store.By{Action: "sweep"}, func(tx *store.Tx) (uint64, error) {
		var c models.Course
		if err := tx.Lock().Take(&c, courseID).Error; err != nil {
			return 0, err
		}
		var try models.QuizTry
		if err := tx.Lock().Take(&try, tryID).Error; err != nil {
			return 0, err
		}
		var q models.Quiz
		if err := tx.Take(&q, try.QuizID).Error; err != nil {
			return 0, err
		}
		if try.SubmittedAt != nil || !held(c.State) || !late(q, try, tx.Now) {
			return 0, nil
		}
		return 0, finish(tx, q, try, true, *q.Deadline(try.StartedAt))
	})
	return err
}
