package quiz

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// The number of choices of a question.
const (
	LeastChoices = 2
	MostChoices  = 6
)

// Choice is a choice as it is written.
type Choice struct {
	Text  string
	Right bool
}

// Question is a question as it is written; choices without a text are left out.
type Question struct {
	Text    string
	Points  int
	Choices []Choice
}

// row checks a question: fields "text", "points", "choices"; codes "required", "too_long", "quiz_points", "quiz_choices", "quiz_same_choice",
// "quiz_no_answer".
func (in Question) row(quizID uint64) (models.QuizQuestion, error) {
	q := models.QuizQuestion{QuizID: quizID, Text: tidy(in.Text), Points: in.Points}
	var wrong errs.Fields
	switch {
	case q.Text == "":
		wrong.Add("text", "required")
	case utf8.RuneCountInString(q.Text) > maxText:
		wrong.Add("text", "too_long", errs.Params{"n": maxText})
	}
	if in.Points < 1 || in.Points > MaxPoints {
		wrong.Add("points", "quiz_points", errs.Params{"n": MaxPoints})
	}
	code, params, seen := "", errs.Params(nil), map[string]bool{}
	for _, c := range in.Choices {
		text := tidy(c.Text)
		if text == "" {
			if c.Right {
				code = "quiz_no_answer"
			}
			continue
		}
		if utf8.RuneCountInString(text) > maxChoice {
			code, params = "too_long", errs.Params{"n": maxChoice}
		}
		if seen[text] {
			code = "quiz_same_choice"
		}
		seen[text] = true
		if c.Right && len(q.Choices) < MostChoices {
			q.Answer |= 1 << len(q.Choices)
		}
		q.Choices = append(q.Choices, text)
	}
	switch n := len(q.Choices); {
	case n < LeastChoices || n > MostChoices:
		code = "quiz_choices"
	case q.Answer == 0 && code == "":
		code = "quiz_no_answer"
	}
	if code != "" {
		wrong.Add("choices", code, params)
	}
	return q, wrong.Err()
}

func tidy(s string) string { return strings.TrimSpace(viet.NFC(s)) }

// Add writes a question at the end. It refuses what Get refuses, a course that is over, a quiz that somebody has begun ("quiz_taken"), more
// than MaxQuestions ("quiz_full"), and a question that is none (the codes of its fields).
func (s *Service) Add(ctx context.Context, actor access.Actor, quizID uint64, list ...Question) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		q, _, err := untouched(tx, actor, quizID)
		if err != nil {
			return 0, err
		}
		rows := make([]models.QuizQuestion, len(list))
		for i, x := range list {
			if rows[i], err = x.row(q.ID); err != nil {
				return 0, err
			}
		}
		return quizID, add(tx, q, rows)
	})
	return err
}

func add(tx *store.Tx, q models.Quiz, rows []models.QuizQuestion) error {
	var there int64
	if err := tx.Model(&models.QuizQuestion{}).Where("quiz_id = ?", q.ID).Count(&there).Error; err != nil {
		return err
	}
	if int(there)+len(rows) > MaxQuestions {
		return errs.Conflict("quiz_full", errs.Params{"n": MaxQuestions})
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.CreateInBatches(&rows, 50).Error; err != nil {
		return err
	}
	return tx.Audit("quiz.questions", "quiz", q.ID, map[string]any{"added": len(rows)})
}

// QuestionOf reads a question with its quiz. Out of scope is not found.
func (s *Service) QuestionOf(ctx context.Context, actor access.Actor, id uint64) (*Detail, models.QuizQuestion, error) {
	var q models.QuizQuestion
	err := s.DB.Read(ctx).Take(&q, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, q, errs.NotFound("question")
	}
	if err != nil {
		return nil, q, err
	}
	d, err := s.Get(ctx, actor, q.QuizID)
	if errs.Is(err, "not_found") {
		err = errs.NotFound("question")
	}
	return d, q, err
}

// Change rewrites a question. Where people have begun, words, points and which choices are right may be mended, and what was handed in is
// marked again; the number of choices stays ("quiz_taken"). It refuses what Add refuses.
func (s *Service) Change(ctx context.Context, actor access.Actor, id uint64, in Question) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		was, q, err := lockQuestion(tx, actor, id)
		if err != nil {
			return 0, err
		}
		row, err := in.row(q.ID)
		if err != nil {
			return 0, err
		}
		n, err := tries(tx, q.ID)
		if err != nil {
			return 0, err
		}
		if n > 0 && len(row.Choices) != len(was.Choices) {
			return 0, errs.OnField("choices", "quiz_taken")
		}
		row.ID = id
		if err := tx.Save(&row).Error; err != nil {
			return 0, err
		}
		if n > 0 {
			var all []models.QuizTry
			if err := tx.Lock().Where("quiz_id = ?", q.ID).Order("id").Find(&all).Error; err != nil {
				return 0, err
			}
			if _, err := remark(tx, q, all, false); err != nil {
				return 0, err
			}
		}
		return id, tx.Audit("quiz.question_change", "quiz", q.ID, map[string]any{"question": id, "answer_was": was.Answer, "answer": row.Answer, "points_was": was.Points, "points": row.Points, "tries": n})
	})
	return err
}

// Remove takes a question away. It refuses what Add refuses, and the last question of a quiz that is open or will be
// ("quiz_without_questions").
func (s *Service) Remove(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		_, q, err := lockQuestion(tx, actor, id)
		if err != nil {
			return 0, err
		}
		n, err := tries(tx, q.ID)
		if err != nil {
			return 0, err
		}
		if n > 0 {
			return 0, errs.Conflict("quiz_taken")
		}
		if err := tx.Delete(&models.QuizQuestion{}, id).Error; err != nil {
			return 0, err
		}
		var left int64
		if err := tx.Model(&models.QuizQuestion{}).Where("quiz_id = ?", q.ID).Count(&left).Error; err != nil {
			return 0, err
		}
		if left == 0 && q.OpensAt != nil {
			return 0, errs.Conflict("quiz_without_questions")
		}
		return id, tx.Audit("quiz.questions", "quiz", q.ID, map[string]any{"removed": id})
	})
	return err
}

func lockQuestion(tx *store.Tx, actor access.Actor, id uint64) (x models.QuizQuestion, q models.Quiz, err error) {
	err = tx.Take(&x, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return x, q, errs.NotFound("question")
	}
	if err != nil {
		return x, q, err
	}
	q, _, err = lock(tx, actor, x.QuizID)
	if errs.Is(err, "not_found") {
		err = errs.NotFound("question")
	}
	if err != nil {
		return x, q, err
	}
	x = models.QuizQuestion{}
	if err = tx.Take(&x, id).Error; errors.Is(err, gorm.ErrRecordNotFound) { // it went away while the lock was awaited
		err = errs.NotFound("question")
	}
	return x, q, err
}

// Source is a quiz whose questions can be copied.
type Source struct {
	ID        uint64
	Kind      models.QuizKind
	Code      string
	Title     string
	Questions int
}

// Sources lists the quizzes with questions that the actor reaches, other than the one, of the latest courses first.
func (s *Service) Sources(ctx context.Context, actor access.Actor, but uint64) (list []Source, err error) {
	err = s.DB.Read(ctx).Table("quizzes").Joins("JOIN courses ON courses.id = quizzes.course_id").Scopes(access.Courses(actor, access.AttendanceWrite, s.DB.Time())).
		Where("quizzes.id <> ? AND EXISTS (SELECT 1 FROM quiz_questions x WHERE x.quiz_id = quizzes.id)", but).
		Select("quizzes.id, quizzes.kind, courses.code, courses.title, (SELECT COUNT(*) FROM quiz_questions x WHERE x.quiz_id = quizzes.id) AS questions").
		Order("courses.last_day DESC, courses.id DESC, quizzes.kind").Limit(200).Scan(&list).Error
	return list, err
}

// Copy adds the questions of another quiz that the actor reaches ("choice" if not). It refuses what Add refuses.
func (s *Service) Copy(ctx context.Context, actor access.Actor, id, from uint64) (n int, err error) {
	_, err = s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		q, _, err := untouched(tx, actor, id)
		if err != nil {
			return 0, err
		}
		var found []uint64
		err = tx.Table("quizzes").Joins("JOIN courses ON courses.id = quizzes.course_id").Scopes(access.Courses(actor, access.AttendanceWrite, tx.Now)).
			Where("quizzes.id = ? AND quizzes.id <> ?", from, id).Pluck("quizzes.id", &found).Error
		if err != nil {
			return 0, err
		}
		if len(found) == 0 {
			return 0, errs.OnField("from", "choice")
		}
		rows, err := questions(tx.DB, from)
		for i := range rows {
			rows[i].ID, rows[i].QuizID = 0, q.ID
		}
		if err != nil {
			return 0, err
		}
		n = len(rows)
		return id, add(tx, q, rows)
	})
	return n, err
}
