package quiz

import (
	"context"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Field is the name of a question in forms and in refusals.
func Field(questionID uint64) string { return "a" + strconv.FormatUint(questionID, 10) }

// Kinds are the kinds in the order in which they are taken.
var Kinds = []models.QuizKind{models.QuizPre, models.QuizPost}

// Overview is what a course has of quizzes, with how its people did.
type Overview struct {
	Course  models.Course
	Quizzes map[models.QuizKind]*Held
	Pairs   []Pair // questions, those of the quiz at the end first
	People  []Person
	Both    Change // of those who took both
	Refusal *errs.Error
	Now     time.Time
}

// Held is a quiz with how it went.
type Held struct {
	models.Quiz
	Questions []models.QuizQuestion
	Points    int
	Begun     int // not handed in yet
	HandedIn  int
	Average   float64 // points out of ten, of those who handed in

	sum int // tenths
}

// Pair is a question as it was answered before and after; -1 where it was not asked.
type Pair struct {
	Text      string
	Pre, Post Share
}

// Share is how many had it right.
type Share struct{ Asked, Right, Of int }

// Percent is the share of those who handed in, nil where nobody did or it was not asked.
func (x Share) Percent() *float64 {
	if x.Asked == 0 || x.Of == 0 {
		return nil
	}
	p := float64(x.Right*1000/x.Of) / 10
	return &p
}

// Change is what those who took both gained.
type Change struct {
	N         int
	Pre, Post float64 // averages in points out of ten
}

// Person is somebody enrolled with what they did.
type Person struct {
	EnrolmentID uint64
	Name        string
	Office      string
	BirthYear   int
	Score       *int // tenths of a point, in the course
	Tries       map[models.QuizKind]*models.QuizTry
	Answers     map[uint64]int // by question, only of tries handed in
}

// Overview reads the quizzes of a course with everybody's results: six queries, however many there are. Out of scope is not found.
func (s *Service) Overview(ctx context.Context, actor access.Actor, courseID uint64) (*Overview, error) {
	db := s.DB.Read(ctx)
	o := &Overview{Quizzes: map[models.QuizKind]*Held{}, Now: s.DB.Time()}
	err := db.Select("courses.*").Scopes(access.Courses(actor, access.AttendanceWrite, o.Now)).Take(&o.Course, "courses.id = ?", courseID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("course")
	}
	if err != nil {
		return nil, err
	}
	o.Refusal = errs.As(changeable(o.Course))
	var list []models.Quiz
	if err := db.Where("course_id = ?", courseID).Find(&list).Error; err != nil || len(list) == 0 {
		return o, err
	}
	of, ids := map[uint64]*Held{}, []uint64{}
	for _, q := range list {
		h := &Held{Quiz: q}
		o.Quizzes[q.Kind], of[q.ID] = h, h
		ids = append(ids, q.ID)
	}
	var all []models.QuizQuestion
	if err := db.Where("quiz_id IN ?", ids).Order("id").Find(&all).Error; err != nil {
		return nil, err
	}
	for _, x := range all {
		of[x.QuizID].Questions = append(of[x.QuizID].Questions, x)
		of[x.QuizID].Points += x.Points
	}
	if err := o.people(db, of, ids); err != nil {
		return nil, err
	}
	o.compare(all, of)
	return o, nil
}

// people reads who is enrolled with tries and answers.
func (o *Overview) people(db *gorm.DB, of map[uint64]*Held, ids []uint64) error {
	var rows []struct {
		ID               uint64
		FullName, Office string
		BirthYear        int
		ScoreTenths      *int
	}
	err := db.Table("enrolments e").Joins("JOIN cadres c ON c.id = e.cadre_id").Joins("LEFT JOIN organisations o ON o.id = e.organisation_id").
		Where("e.course_id = ? AND e.state = ?", o.Course.ID, models.EnrolmentEnrolled).
		Select("e.id, c.full_name, c.birth_year, COALESCE(NULLIF(o.short_name, ''), o.name, '') AS office, e.score_tenths").Order("c.sort_key, e.id").Scan(&rows).Error
	if err != nil {
		return err
	}
	at := map[uint64]int{}
	for i, r := range rows {
		at[r.ID] = i
		o.People = append(o.People, Person{EnrolmentID: r.ID, Name: r.FullName, Office: r.Office, BirthYear: r.BirthYear, Score: r.ScoreTenths, Tries: map[models.QuizKind]*models.QuizTry{}, Answers: map[uint64]int{}})
	}
	var list []models.QuizTry
	if err := db.Where("quiz_id IN ?", ids).Order("id").Find(&list).Error; err != nil {
		return err
	}
	who := map[uint64]int{}
	for i, t := range list {
		k, there := at[t.EnrolmentID]
		if !there {
			continue // somebody who withdrew since
		}
		h := of[t.QuizID]
		o.People[k].Tries[h.Kind] = &list[i]
		if t.SubmittedAt == nil {
			h.Begun++
			continue
		}
		who[t.ID] = k
		h.HandedIn++
		h.sum += t.Tenths
	}
	for _, h := range of {
		if h.HandedIn > 0 {
			h.Average = oneDecimal(h.sum, h.HandedIn)
		}
	}
	var answers []models.QuizAnswer
	err = db.Table("quiz_answers").Joins("JOIN quiz_tries ON quiz_tries.id = quiz_answers.try_id").Where("quiz_tries.quiz_id IN ? AND quiz_tries.submitted_at IS NOT NULL", ids).
		Select("quiz_answers.*").Scan(&answers).Error
	for _, a := range answers {
		if k, there := who[a.TryID]; there {
			o.People[k].Answers[a.QuestionID] = a.Chosen
		}
	}
	return err
}

// compare puts side by side what was asked before and after, by the words of the questions, and what those gained who took both.
func (o *Overview) compare(all []models.QuizQuestion, of map[uint64]*Held) {
	at := map[string]int{}
	for _, kind := range []models.QuizKind{models.QuizPost, models.QuizPre} {
		for _, q := range all {
			if of[q.QuizID].Kind != kind {
				continue
			}
			key := viet.Key(q.Text)
			i, there := at[key]
			if !there {
				i = len(o.Pairs)
				at[key] = i
				o.Pairs = append(o.Pairs, Pair{Text: q.Text})
			}
			x := &o.Pairs[i].Post
			if kind == models.QuizPre {
				x = &o.Pairs[i].Pre
			}
			x.Asked, x.Of = 1, of[q.QuizID].HandedIn
			for _, p := range o.People {
				if chosen, said := p.Answers[q.ID]; said && right(q, chosen) {
					x.Right++
				}
			}
		}
	}
	before, after := 0, 0 // tenths
	for _, p := range o.People {
		pre, post := p.Tries[models.QuizPre], p.Tries[models.QuizPost]
		if pre == nil || post == nil || pre.SubmittedAt == nil || post.SubmittedAt == nil {
			continue
		}
		o.Both.N++
		before += pre.Tenths
		after += post.Tenths
	}
	if n := o.Both.N; n > 0 {
		o.Both.Pre, o.Both.Post = oneDecimal(before, n), oneDecimal(after, n)
	}
}

// oneDecimal is the average of n results whose tenths add up to the sum, in points with one decimal, halves up.
func oneDecimal(sum, n int) float64 { return float64((2*sum+n)/(2*n)) / 10 }

// Scores brings the results of a quiz into the scores of the course, those that somebody typed only with overwrite. It gives how many
// changed, and refuses what Save refuses, and a quiz whose result is no score ("quiz_no_score").
func (s *Service) Scores(ctx context.Context, actor access.Actor, id uint64, overwrite bool) (n int, err error) {
	_, err = s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		q, _, err := lock(tx, actor, id)
		if err != nil {
			return 0, err
		}
		if !q.FeedsScore {
			return 0, errs.Conflict("quiz_no_score")
		}
		n, err = feed(tx, q, overwrite)
		return id, err
	})
	return n, err
}

// Going counts those of a course who have begun a quiz and not handed it in: closing the course now would leave their result out.
func (s *Service) Going(ctx context.Context, courseID uint64) (n int64, err error) {
	return n, s.DB.Read(ctx).Table("quiz_tries").Joins("JOIN quizzes ON quizzes.id = quiz_tries.quiz_id").Where("quizzes.course_id = ? AND quiz_tries.submitted_at IS NULL", courseID).Count(&n).Error
}
