// Package quiz holds the tests of a course, one before it and one at its end: questions with choices, taken once by each person on the
// phone, marked by the server. What is saved is marked at once, so that nothing is lost when somebody never hands in; what a quiz gives
// goes into the score of the course only when it is handed in or its time is over.
package quiz

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/models"
)

// Service keeps quizzes.
type Service struct {
	DB     *store.DB
	Roster *roster.Service // reads workbooks
}

// Bounds of a quiz.
const (
	MaxQuestions = 100
	MaxPoints    = 100 // of a question
	MaxMinutes   = 300
	maxText      = 1000
	maxChoice    = 300
	// Grace is how long answers are still taken after the time is over: they were on their way.
	Grace = time.Minute
)

// changeable says why the quizzes of the course cannot be changed: "quiz_course_closed", "quiz_course_cancelled". nil: they can.
func changeable(c models.Course) error {
	switch c.State {
	case models.CourseClosed:
		return errs.Conflict("quiz_course_closed")
	case models.CourseCancelled:
		return errs.Conflict("quiz_course_cancelled")
	}
	return nil
}

// Detail is a quiz with its course and questions, for those who write it.
type Detail struct {
	models.Quiz
	Course    models.Course
	Questions []models.QuizQuestion // in the order in which they were written
	Points    int                   // of all questions
	Tries     int                   // how many have begun
	HandedIn  int
	Refusal   *errs.Error // why nothing can be changed; nil: it can
	Now       time.Time
}

// Open says whether people can begin now.
func (d Detail) Open() bool { return d.OpenAt(d.Now) }

// Get reads a quiz that the actor reaches: four queries. Out of scope is not found.
func (s *Service) Get(ctx context.Context, actor access.Actor, id uint64) (*Detail, error) {
	db := s.DB.Read(ctx)
	d := &Detail{Now: s.DB.Time()}
	err := db.Joins("JOIN courses ON courses.id = quizzes.course_id").Scopes(access.Courses(actor, access.AttendanceWrite, d.Now)).Select("quizzes.*").Take(&d.Quiz, "quizzes.id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("quiz")
	}
	if err != nil {
		return nil, err
	}
	if err := db.Take(&d.Course, d.CourseID).Error; err != nil {
		return nil, err
	}
	d.Refusal = errs.As(changeable(d.Course))
	if d.Questions, err = questions(db, id); err != nil {
		return nil, err
	}
	for _, q := range d.Questions {
		d.Points += q.Points
	}
	return d, db.Model(&models.QuizTry{}).Where("quiz_id = ?", id).Select("COUNT(*) AS tries, COUNT(submitted_at) AS handed_in").Row().Scan(&d.Tries, &d.HandedIn)
}

func questions(db *gorm.DB, quizID uint64) (list []models.QuizQuestion, err error) {
	return list, db.Where("quiz_id = ?", quizID).Order("id").Find(&list).Error
}

// lock takes the lock of the quiz's course, then reads both. It refuses what Get and changeable refuse.
func lock(tx *store.Tx, actor access.Actor, id uint64) (q models.Quiz, c models.Course, err error) {
	err = tx.Select("course_id").Take(&q, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return q, c, errs.NotFound("quiz")
	}
	if err != nil {
		return q, c, err
	}
	if c, err = course.Lock(tx, actor, access.AttendanceWrite, q.CourseID); err != nil {
		if errs.Is(err, "not_found") {
			err = errs.NotFound("quiz")
		}
		return q, c, err
	}
	q = models.Quiz{}
	err = tx.Take(&q, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) { // it went away while the lock was awaited
		return q, c, errs.NotFound("quiz")
	}
	if err != nil {
		return q, c, err
	}
	return q, c, changeable(c)
}

// tries counts who has begun.
func tries(tx *store.Tx, id uint64) (n int64, err error) {
	return n, tx.Model(&models.QuizTry{}).Where("quiz_id = ?", id).Count(&n).Error
}

// Create gives the course a quiz of the kind, without questions, or finds the one there is. It refuses a course out of scope (not_found),
// one that is over ("quiz_course_closed", "…_cancelled") and a kind that there is not ("choice").
func (s *Service) Create(ctx context.Context, actor access.Actor, courseID uint64, kind models.QuizKind) (uint64, error) {
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := course.Lock(tx, actor, access.AttendanceWrite, courseID)
		if err != nil {
			return 0, err
		}
		if err := changeable(c); err != nil {
			return 0, err
		}
		if kind != models.QuizPre && kind != models.QuizPost {
			return 0, errs.OnField("kind", "choice")
		}
		q := models.Quiz{CourseID: courseID, Kind: kind, Shows: models.ShowsPoints, Version: 1}
		if q.Kind == models.QuizPre {
			q.Shows = models.ShowsNothing // what is to be learnt is not given away before
		}
		if err := tx.Where("course_id = ? AND kind = ?", courseID, kind).Take(&q).Error; err == nil || !errors.Is(err, gorm.ErrRecordNotFound) {
			return q.ID, err
		}
		if err := tx.Create(&q).Error; err != nil {
			return 0, err
		}
		return q.ID, tx.Audit("quiz.create", "course", courseID, map[string]any{"quiz": q.ID, "kind": kind})
	})
}

// Settings are how a quiz is taken.
type Settings struct {
	Minutes    *int
	OpensAt    *time.Time
	ClosesAt   *time.Time
	Shows      models.QuizShows
	FeedsScore bool
	Version    int // of the quiz that the page showed
}

func (in Settings) check(q models.Quiz) error {
	var wrong errs.Fields
	if in.Minutes != nil && (*in.Minutes < 1 || *in.Minutes > MaxMinutes) {
		wrong.Add("minutes", "quiz_minutes", errs.Params{"n": MaxMinutes})
	}
	if in.ClosesAt != nil && (in.OpensAt == nil || !in.OpensAt.Before(*in.ClosesAt)) {
		wrong.Add("closes_day", "quiz_closes_first")
	}
	if in.Shows != models.ShowsNothing && in.Shows != models.ShowsPoints && in.Shows != models.ShowsAnswers {
		wrong.Add("shows", "choice")
	}
	if in.FeedsScore && q.Kind != models.QuizPost {
		wrong.Add("feeds_score", "quiz_pre_feeds")
	}
	return wrong.Err()
}

// Save changes the settings of a quiz; where its result now becomes the score, those who have handed in and have no score get theirs.
// It refuses an older version ("stale"), what Get refuses, a course that is over ("quiz_course_closed", "…_cancelled"), opening a quiz of
// a draft ("quiz_course_draft") or without questions ("quiz_without_questions"), and settings that cannot be ("quiz_minutes",
// "quiz_closes_first", "quiz_pre_feeds", "choice").
func (s *Service) Save(ctx context.Context, actor access.Actor, id uint64, in Settings) error {
	return s.change(ctx, actor, id, "quiz.save", func(tx *store.Tx, q *models.Quiz, _ models.Course) error {
		if in.Version != q.Version {
			return errs.Conflict("stale")
		}
		if err := in.check(*q); err != nil {
			return err
		}
		q.Minutes, q.OpensAt, q.ClosesAt, q.Shows, q.FeedsScore = in.Minutes, in.OpensAt, in.ClosesAt, in.Shows, in.FeedsScore
		return nil
	})
}

// Open opens the quiz at once, until somebody closes it. It refuses what Save refuses.
func (s *Service) Open(ctx context.Context, actor access.Actor, id uint64) error {
	return s.change(ctx, actor, id, "quiz.open", func(tx *store.Tx, q *models.Quiz, _ models.Course) error {
		if q.OpenAt(tx.Now) {
			return nil
		}
		q.OpensAt = &tx.Now
		if q.ClosedAt(tx.Now) {
			q.ClosesAt = nil
		}
		return nil
	})
}

// Close closes the quiz at once: what was saved until now counts. It refuses what Save refuses, and a quiz that is not open
// ("quiz_not_open").
func (s *Service) Close(ctx context.Context, actor access.Actor, id uint64) error {
	return s.change(ctx, actor, id, "quiz.close", func(tx *store.Tx, q *models.Quiz, _ models.Course) error {
		if !q.OpenAt(tx.Now) {
			return errs.Conflict("quiz_not_open")
		}
		q.ClosesAt = &tx.Now
		return nil
	})
}

// change locks a quiz, lets f change it, and writes it with a word in the audit.
func (s *Service) change(ctx context.Context, actor access.Actor, id uint64, action string, f func(*store.Tx, *models.Quiz, models.Course) error) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		q, c, err := lock(tx, actor, id)
		if err != nil {
			return 0, err
		}
		if err := f(tx, &q, c); err != nil {
			return 0, err
		}
		if q.OpensAt != nil {
			if err := openable(tx, q, c); err != nil {
				return 0, err
			}
		}
		q.Version++
		if err := tx.Select("*").Save(&q).Error; err != nil {
			return 0, err
		}
		if q.FeedsScore {
			if _, err := feed(tx, q, false); err != nil {
				return 0, err
			}
		}
		return id, tx.Audit(action, "quiz", id, map[string]any{"course": c.ID, "opens_at": q.OpensAt, "closes_at": q.ClosesAt, "minutes": q.Minutes, "shows": q.Shows, "feeds_score": q.FeedsScore})
	})
	return err
}

func openable(tx *store.Tx, q models.Quiz, c models.Course) error {
	if c.State == models.CourseDraft {
		return errs.Conflict("quiz_course_draft")
	}
	var n int64
	err := tx.Model(&models.QuizQuestion{}).Where("quiz_id = ?", q.ID).Count(&n).Error
	if err == nil && n == 0 {
		err = errs.Conflict("quiz_without_questions")
	}
	return err
}

// Delete takes a quiz away that nobody has begun ("quiz_taken").
func (s *Service) Delete(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		q, c, err := untouched(tx, actor, id)
		if err != nil {
			return 0, err
		}
		if err := tx.Delete(&q).Error; err != nil {
			return 0, err
		}
		return id, tx.Audit("quiz.delete", "course", c.ID, map[string]any{"quiz": id, "kind": q.Kind})
	})
	return err
}

// untouched is lock for changes that would take something from under those who have begun ("quiz_taken").
func untouched(tx *store.Tx, actor access.Actor, id uint64) (models.Quiz, models.Course, error) {
	q, c, err := lock(tx, actor, id)
	if err != nil {
		return q, c, err
	}
	n, err := tries(tx, id)
	if err == nil && n > 0 {
		err = errs.Conflict("quiz_taken")
	}
	return q, c, err
}
