package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"taphuan/app/errs"
	"taphuan/app/quiz"
)

func ownQuizPath(id uint64) string { return "/my/quizzes/" + strconv.FormatUint(id, 10) }

type paperData struct {
	*quiz.Paper
	Blank bool // handing in was asked for with answers missing
}

// Missing is how many questions have no answer.
func (d paperData) Missing() int { return d.Count - d.Answered }

// Out is the result in points out of ten.
func (d paperData) Out() *float64 { return points(&d.Try.Tenths) }

// Left is how many seconds are left, -1 for any number.
func (d paperData) Left() int {
	if d.Deadline == nil {
		return -1
	}
	return max(0, int(d.Deadline.Sub(d.Now)/time.Second))
}

// Was is what a question held when the page was made: a form that is sent leaves alone what was not touched on it, so that an older
// window takes nothing back.
func (d paperData) Was(x quiz.Shown) string {
	var out []string
	for i, c := range x.Choices {
		if c.Chosen {
			out = append(out, strconv.Itoa(i))
		}
	}
	return strings.Join(out, ",")
}

func (s *Server) paperData(c *Ctx) (paperData, error) {
	id, err := c.ID("id")
	if err != nil {
		return paperData{}, err
	}
	p, err := s.quiz.Paper(c.Ctx(), c.Actor, id)
	if err != nil {
		return paperData{}, err
	}
	return paperData{Paper: p, Blank: c.Query("blank") != ""}, nil
}

// ownQuiz is a quiz as the cadre sees it: before, while it is taken, and after.
func (s *Server) ownQuiz(c *Ctx) error {
	d, err := s.paperData(c)
	if err != nil {
		return err
	}
	return c.Page("quiz/take", d)
}

// ownQuizBegin starts the one go.
func (s *Server) ownQuizBegin(c *Ctx) error {
	d, err := s.paperData(c)
	if err != nil {
		return err
	}
	if err := s.quiz.Begin(c.Ctx(), c.Actor, d.ID); err != nil {
		return c.Invalid("quiz/take", d, err)
	}
	return c.Done(ownQuizPath(d.ID), "")
}

// ownQuizSave saves answers, or hands in; with answers missing it asks once more.
func (s *Server) ownQuizSave(c *Ctx) error {
	d, err := s.paperData(c)
	if err != nil {
		return err
	}
	then := quiz.GoOn
	if c.PostForm("do") == "hand_in" {
		then = quiz.HandInComplete
		if c.PostForm("sure") != "" {
			then = quiz.HandIn
		}
	}
	answers, err := answersOf(c)
	if err == nil {
		err = s.quiz.Answer(c.Ctx(), c.Actor, d.ID, answers, then)
	}
	again, failed := s.paperData(c)
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return c.Invalid("quiz/take", again, err)
	case then == quiz.GoOn:
		return c.Done(ownQuizPath(d.ID), "quiz.saved")
	case !again.Done():
		return c.Done(ownQuizPath(d.ID)+"?blank=1", "")
	}
	return c.Done(ownQuizPath(d.ID), "quiz.handed_in")
}

// ownQuizAnswers saves answers for the page's own script.
func (s *Server) ownQuizAnswers(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	answers, err := answersOf(c)
	if err != nil {
		return err
	}
	if err := s.quiz.Answer(c.Ctx(), c.Actor, id, answers, quiz.GoOn); err != nil {
		return err
	}
	p, err := s.quiz.Paper(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, map[string]int{"answered": p.Answered})
}

// answersOf reads the answers of a form: q names the questions on it, aID holds what is chosen, wID what was chosen when the page was
// made. It refuses what is no number ("quiz_question", "choice").
func answersOf(c *Ctx) (quiz.Answers, error) {
	out := quiz.Answers{}
	named := c.PostFormArray("q")
	if len(named) > quiz.MaxQuestions {
		return nil, errs.Invalid("quiz_question")
	}
	for _, text := range named {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id <= 0 {
			return nil, errs.Invalid("quiz_question")
		}
		field := quiz.Field(uint64(id))
		chosen := c.PostFormArray(field)
		if was, there := c.GetPostForm("w" + text); there && was == strings.Join(chosen, ",") {
			continue
		}
		places := []int{}
		for _, x := range chosen {
			n, err := strconv.Atoi(x)
			if err != nil {
				return nil, errs.OnField(field, "choice")
			}
			places = append(places, n)
		}
		out[uint64(id)] = places
	}
	return out, nil
}
