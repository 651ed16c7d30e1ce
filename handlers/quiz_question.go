package handlers

import (
	"strconv"

	"taphuan/app/quiz"
	"taphuan/models"
)

// questionForm is a question as a page sends it.
type questionForm struct {
	Text   string   `form:"text" binding:"max=5000"`
	Points string   `form:"points" binding:"max=10"`
	Choice []string `form:"choice" binding:"max=6,dive,max=2000"`
	Right  []int    `form:"right" binding:"max=6"`
	Again  bool     `form:"again"`
}

func (f questionForm) input() quiz.Question {
	n, err := strconv.Atoi(f.Points)
	if err != nil {
		n = 0 // which the service refuses
	}
	q := quiz.Question{Text: f.Text, Points: n}
	for i, text := range f.Choice {
		q.Choices = append(q.Choices, quiz.Choice{Text: text, Right: f.right(i)})
	}
	return q
}

func (f questionForm) right(i int) bool {
	for _, k := range f.Right {
		if k == i {
			return true
		}
	}
	return false
}

// questionChoice is a choice on the form.
type questionChoice struct {
	Letter string
	Text   string
	Right  bool
}

type questionData struct {
	*quiz.Detail
	QuestionID uint64 // 0: a new one
	Form       questionForm
	Most       int
	Why        string
}

// Rows are the choices on the form, with empty ones to fill in; where people have begun, those there are.
func (d questionData) Rows() []questionChoice {
	n := quiz.MostChoices
	if d.QuestionID != 0 && d.Tries > 0 {
		n = min(n, max(len(d.Form.Choice), quiz.LeastChoices))
	}
	out := make([]questionChoice, n)
	for i := range out {
		out[i] = questionChoice{Letter: quiz.Letters[i], Right: d.Form.right(i)}
		if i < len(d.Form.Choice) {
			out[i].Text = d.Form.Choice[i]
		}
	}
	return out
}

func questionFormOf(q models.QuizQuestion) questionForm {
	f := questionForm{Text: q.Text, Points: strconv.Itoa(q.Points), Choice: q.Choices}
	for i := range q.Choices {
		if q.Answer&(1<<i) != 0 {
			f.Right = append(f.Right, i)
		}
	}
	return f
}

// questionNew shows the form of a new question.
func (s *Server) questionNew(c *Ctx) error {
	d, err := s.quizData(c)
	if err != nil {
		return err
	}
	return c.Page("quiz/question", questionData{Detail: d.Detail, Form: questionForm{Points: "1"}, Why: d.Why})
}

// questionCreate writes a new question; with again, the form of the next one follows.
func (s *Server) questionCreate(c *Ctx) error {
	d, err := s.quizData(c)
	if err != nil {
		return err
	}
	q := questionData{Detail: d.Detail, Why: d.Why}
	refusal := c.BindForm(&q.Form)
	if refusal == nil {
		refusal = s.quiz.Add(c.Ctx(), c.Actor, d.ID, q.Form.input())
	}
	if refusal != nil {
		return c.Invalid("quiz/question", q, refusal)
	}
	if q.Form.Again {
		return c.Done(quizPath(d.ID)+"/questions/new", "quiz.question_saved")
	}
	return c.Done(quizPath(d.ID), "quiz.question_saved")
}

func (s *Server) questionData(c *Ctx) (questionData, error) {
	id, err := c.ID("id")
	if err != nil {
		return questionData{}, err
	}
	d, q, err := s.quiz.QuestionOf(c.Ctx(), c.Actor, id)
	if err != nil {
		return questionData{}, err
	}
	return questionData{Detail: d, QuestionID: id, Form: questionFormOf(q), Why: c.why(d.Refusal)}, nil
}

// questionEdit shows the form of a question.
func (s *Server) questionEdit(c *Ctx) error {
	d, err := s.questionData(c)
	if err != nil {
		return err
	}
	return c.Page("quiz/question", d)
}

// questionSave rewrites a question.
func (s *Server) questionSave(c *Ctx) error {
	d, err := s.questionData(c)
	if err != nil {
		return err
	}
	d.Form = questionForm{}
	refusal := c.BindForm(&d.Form)
	if refusal == nil {
		refusal = s.quiz.Change(c.Ctx(), c.Actor, d.QuestionID, d.Form.input())
	}
	if refusal != nil {
		return c.Invalid("quiz/question", d, refusal)
	}
	return c.Done(quizPath(d.ID), "quiz.question_saved")
}

// questionDelete takes a question away.
func (s *Server) questionDelete(c *Ctx) error {
	d, err := s.questionData(c)
	if err != nil {
		return err
	}
	if err := s.quiz.Remove(c.Ctx(), c.Actor, d.QuestionID); err != nil {
		return c.Invalid("quiz/question", d, err)
	}
	return c.Done(quizPath(d.ID), "quiz.question_removed")
}
