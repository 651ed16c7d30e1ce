package handlers

import (
	"context"
	"strconv"
	"time"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/quiz"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

func quizPath(id uint64) string { return "/quizzes/" + strconv.FormatUint(id, 10) }

type quizOverviewData struct {
	*quiz.Overview
	Kinds []models.QuizKind
	Why   string // nothing can be changed any more
}

// Result writes what somebody has of a quiz, in points out of ten.
func (d quizOverviewData) Result(p quiz.Person, kind models.QuizKind) *float64 {
	if t := p.Tries[kind]; t != nil && t.SubmittedAt != nil {
		return points(&t.Tenths)
	}
	return nil
}

// Begun says whether somebody has begun a quiz and not handed it in.
func (d quizOverviewData) Begun(p quiz.Person, kind models.QuizKind) bool {
	t := p.Tries[kind]
	return t != nil && t.SubmittedAt == nil
}

// InCourse is the score in the course, in points.
func (d quizOverviewData) InCourse(p quiz.Person) *float64 { return points(p.Score) }

func (s *Server) quizOverviewData(c *Ctx) (quizOverviewData, error) {
	id, err := c.ID("id")
	if err != nil {
		return quizOverviewData{}, err
	}
	o, err := s.quiz.Overview(c.Ctx(), c.Actor, id)
	if err != nil {
		return quizOverviewData{}, err
	}
	return quizOverviewData{Overview: o, Kinds: quiz.Kinds, Why: c.why(o.Refusal)}, nil
}

// why is a refusal in words, "" for none.
func (c *Ctx) why(e *errs.Error) string {
	if e == nil {
		return ""
	}
	return c.message(e.Code, e.Params)
}

// quizOverview shows the quizzes of a course and how its people did.
func (s *Server) quizOverview(c *Ctx) error {
	d, err := s.quizOverviewData(c)
	if err != nil {
		return err
	}
	return c.Page("quiz/overview", d)
}

type quizCreateForm struct {
	Kind string `form:"kind"`
}

// quizCreate gives a course one of its quizzes.
func (s *Server) quizCreate(c *Ctx) error {
	d, err := s.quizOverviewData(c)
	if err != nil {
		return err
	}
	var f quizCreateForm
	var id uint64
	if err = c.BindForm(&f); err == nil {
		id, err = s.quiz.Create(c.Ctx(), c.Actor, d.Course.ID, models.QuizKind(f.Kind))
	}
	if err != nil {
		return c.Invalid("quiz/overview", d, err)
	}
	return c.Done(quizPath(id), "")
}

// quizForm is how a quiz is taken, as a page sends it.
type quizForm struct {
	Minutes     string `form:"minutes" binding:"max=10"`
	OpensDay    string `form:"opens_day" binding:"max=20"`
	OpensClock  string `form:"opens_clock" binding:"max=10"`
	ClosesDay   string `form:"closes_day" binding:"max=20"`
	ClosesClock string `form:"closes_clock" binding:"max=10"`
	Shows       string `form:"shows"`
	FeedsScore  bool   `form:"feeds_score"`
	Version     int    `form:"version"`
}

func (f quizForm) input() (quiz.Settings, error) {
	var wrong errs.Fields
	in := quiz.Settings{Shows: models.QuizShows(f.Shows), FeedsScore: f.FeedsScore, Version: f.Version}
	if f.Minutes != "" {
		n, err := strconv.Atoi(f.Minutes)
		if err != nil {
			wrong.Add("minutes", "number")
		}
		in.Minutes = &n
	}
	in.OpensAt = instant(&wrong, "opens", f.OpensDay, f.OpensClock, 0)
	in.ClosesAt = instant(&wrong, "closes", f.ClosesDay, f.ClosesClock, 24*60)
	return in, wrong.Err()
}

// instant reads a day and a clock of a form; without a clock it is the minute, without a day nothing.
func instant(wrong *errs.Fields, field, day, clock string, minute int) *time.Time {
	var d models.Day
	switch {
	case day == "" && clock == "":
		return nil
	case d.UnmarshalText([]byte(day)) != nil || d == 0:
		wrong.Add(field+"_day", "day")
		return nil
	case clock != "":
		minute = minutes(clock)
	}
	if minute < 0 {
		wrong.Add(field+"_clock", "session_clock")
		return nil
	}
	at := d.At(minute).UTC()
	return &at
}

func quizFormOf(q models.Quiz) quizForm {
	f := quizForm{Shows: string(q.Shows), FeedsScore: q.FeedsScore, Version: q.Version}
	if q.Minutes != nil {
		f.Minutes = strconv.Itoa(*q.Minutes)
	}
	write := func(t *time.Time, day, clock *string) {
		if t != nil {
			d := models.DayOf(*t)
			*day, *clock = d.String(), i18n.Clock(int(t.Sub(d.At(0)).Minutes()))
		}
	}
	write(q.OpensAt, &f.OpensDay, &f.OpensClock)
	write(q.ClosesAt, &f.ClosesDay, &f.ClosesClock)
	return f
}

type quizData struct {
	*quiz.Detail
	Form    quizForm
	Shows   []views.Option
	Sources []views.Option // quizzes whose questions can be copied
	From    uint64
	Why     string // nothing can be changed any more
	Left    []quiz.Left
	LeftWhy []string // in words
	Blocked string   // why it cannot be opened
}

// Marked writes the letters of the right choices.
func (d quizData) Marked(q models.QuizQuestion) string { return quiz.Marked(q) }

// RightAt says whether the choice is right.
func (d quizData) RightAt(q models.QuizQuestion, i int) bool { return q.Answer&(1<<i) != 0 }

func (s *Server) quizData(c *Ctx) (quizData, error) {
	id, err := c.ID("id")
	if err != nil {
		return quizData{}, err
	}
	x, err := s.quiz.Get(c.Ctx(), c.Actor, id)
	if err != nil {
		return quizData{}, err
	}
	d := quizData{Detail: x, Form: quizFormOf(x.Quiz), Why: c.why(x.Refusal)}
	for _, w := range []models.QuizShows{models.ShowsNothing, models.ShowsPoints, models.ShowsAnswers} {
		d.Shows = append(d.Shows, views.Option{Value: w, Label: c.T("quiz.shows." + string(w))})
	}
	switch {
	case x.Course.State == models.CourseDraft:
		d.Blocked = c.message("quiz_course_draft", nil)
	case len(x.Questions) == 0:
		d.Blocked = c.message("quiz_without_questions", nil)
	}
	if d.Why == "" && d.Tries == 0 {
		from, err := s.quiz.Sources(c.Ctx(), c.Actor, id)
		if err != nil {
			return d, err
		}
		for _, x := range from {
			d.Sources = append(d.Sources, views.Option{Value: x.ID, Label: c.T("quiz.source", "kind", c.T("quiz.kind."+string(x.Kind)), "code", x.Code, "title", x.Title, "n", x.Questions)})
		}
	}
	return d, nil
}

// quizShow is the page on which a quiz is written.
func (s *Server) quizShow(c *Ctx) error {
	d, err := s.quizData(c)
	if err != nil {
		return err
	}
	return c.Page("quiz/show", d)
}

// quizAct does one thing to a quiz and shows its page again with the refusal if there was one.
func (s *Server) quizAct(c *Ctx, message string, do func(*quizData) error) error {
	d, err := s.quizData(c)
	if err != nil {
		return err
	}
	if refusal := do(&d); refusal != nil {
		return c.Invalid("quiz/show", d, refusal)
	}
	return c.Done(quizPath(d.ID), message)
}

// quizSave changes how a quiz is taken.
func (s *Server) quizSave(c *Ctx) error {
	return s.quizAct(c, "quiz.saved_settings", func(d *quizData) error {
		d.Form = quizForm{}
		if err := c.BindForm(&d.Form); err != nil {
			return err
		}
		in, err := d.Form.input()
		if err != nil {
			return err
		}
		return s.quiz.Save(c.Ctx(), c.Actor, d.ID, in)
	})
}

// quizOpen and quizClose do it by hand, at once.
func (s *Server) quizOpen(c *Ctx) error {
	return s.quizAct(c, "quiz.opened", func(d *quizData) error { return s.quiz.Open(c.Ctx(), c.Actor, d.ID) })
}

func (s *Server) quizClose(c *Ctx) error {
	return s.quizAct(c, "quiz.closed", func(d *quizData) error { return s.quiz.Close(c.Ctx(), c.Actor, d.ID) })
}

// quizDelete takes a quiz away that nobody has begun.
func (s *Server) quizDelete(c *Ctx) error {
	d, err := s.quizData(c)
	if err != nil {
		return err
	}
	if err := s.quiz.Delete(c.Ctx(), c.Actor, d.ID); err != nil {
		return c.Invalid("quiz/show", d, err)
	}
	return c.Done(coursePath(d.CourseID)+"/quizzes", "quiz.deleted")
}

type quizCopyForm struct {
	From uint64 `form:"from"`
}

// quizCopy adds the questions of another quiz.
func (s *Server) quizCopy(c *Ctx) error {
	return s.quizAct(c, "quiz.copied", func(d *quizData) error {
		var f quizCopyForm
		if err := c.BindForm(&f); err != nil {
			return err
		}
		d.From = f.From
		_, err := s.quiz.Copy(c.Ctx(), c.Actor, d.ID, f.From)
		return err
	})
}

// quizUpload adds the questions of a workbook, all or none.
func (s *Server) quizUpload(c *Ctx) error {
	return s.quizAct(c, "quiz.imported", func(d *quizData) error {
		err := s.uploaded(c, func(ctx context.Context, actor access.Actor, _ string, b []byte) (err error) {
			_, d.Left, err = s.quiz.Import(ctx, actor, d.ID, b)
			return err
		})
		if err == nil && len(d.Left) > 0 {
			for _, l := range d.Left {
				key := "import.reason." + l.Reason
				if !s.Words.Has(key) {
					key = "error." + l.Reason
				}
				d.LeftWhy = append(d.LeftWhy, s.Words.Text(c.Lang, key, l.Params))
			}
			err = errs.OnField("file", "quiz_file_left", errs.Params{"n": len(d.Left)})
		}
		return err
	})
}

// quizSheet gives the questions as a workbook, which is the one to fill in too.
func (s *Server) quizSheet(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	d, err := s.quiz.Get(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	columns := []workbook.Column{{Head: c.T("quiz.column.text"), Width: 60}, {Head: c.T("quiz.column.points"), Kind: workbook.Number}}
	for _, l := range quiz.Letters {
		columns = append(columns, workbook.Column{Head: l, Width: 30})
	}
	columns = append(columns, workbook.Column{Head: c.T("quiz.column.answer"), Width: 16})
	return c.Sheet("cau-hoi-"+d.Course.Code, workbook.Sheet{Name: c.T("quiz.column.text"), Columns: columns}, func(row workbook.Row) error {
		for _, q := range d.Questions {
			cells := []any{q.Text, q.Points}
			for i := range quiz.Letters {
				text := ""
				if i < len(q.Choices) {
					text = q.Choices[i]
				}
				cells = append(cells, text)
			}
			if err := row(append(cells, quiz.Marked(q))...); err != nil {
				return err
			}
		}
		return nil
	})
}

type quizScoresForm struct {
	Overwrite bool `form:"overwrite"`
}

// quizScores brings results into the scores of the course.
func (s *Server) quizScores(c *Ctx) error {
	d, err := s.quizData(c)
	if err != nil {
		return err
	}
	var f quizScoresForm
	n := 0
	if err = c.BindForm(&f); err == nil {
		n, err = s.quiz.Scores(c.Ctx(), c.Actor, d.ID, f.Overwrite)
	}
	if err != nil {
		return c.Invalid("quiz/show", d, err)
	}
	return c.Done(coursePath(d.CourseID)+"/quizzes", "quiz.scores_taken", "n", n)
}

// quizResultSheet gives everybody's results as a workbook: points, and each question as 1 or 0.
func (s *Server) quizResultSheet(c *Ctx) error {
	d, err := s.quizOverviewData(c)
	if err != nil {
		return err
	}
	columns := []workbook.Column{{Head: c.T("score.column.number"), Kind: workbook.Number, Width: 6}, {Head: c.T("score.column.name")}, {Head: c.T("score.column.born"), Kind: workbook.Number}, {Head: c.T("score.column.office")}}
	for _, k := range d.Kinds {
		columns = append(columns, workbook.Column{Head: c.T("quiz.kind." + string(k)), Kind: workbook.Number, Width: 12})
	}
	columns = append(columns, workbook.Column{Head: c.T("quiz.course_score"), Kind: workbook.Number, Width: 12})
	for _, k := range d.Kinds {
		if h := d.Quizzes[k]; h != nil {
			for i, q := range h.Questions {
				columns = append(columns, workbook.Column{Head: c.T("quiz.short."+string(k)) + " " + strconv.Itoa(i+1) + ". " + q.Text, Kind: workbook.Number, Width: 18})
			}
		}
	}
	return c.Sheet("kiem-tra-"+d.Course.Code, workbook.Sheet{Name: c.T("quiz.title"), Title: d.Course.Code + " · " + d.Course.Title, Columns: columns}, func(row workbook.Row) error {
		for i, p := range d.People {
			if err := row(d.cells(i, p)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// cells are a person's row of the workbook of results.
func (d quizOverviewData) cells(i int, p quiz.Person) []any {
	var born *int
	if p.BirthYear != 0 {
		born = &p.BirthYear
	}
	cells := []any{i + 1, p.Name, born, p.Office}
	for _, k := range d.Kinds {
		cells = append(cells, d.Result(p, k))
	}
	cells = append(cells, d.InCourse(p))
	for _, k := range d.Kinds {
		h := d.Quizzes[k]
		if h == nil {
			continue
		}
		t := p.Tries[k]
		for _, q := range h.Questions {
			switch chosen := p.Answers[q.ID]; {
			case t == nil || t.SubmittedAt == nil:
				cells = append(cells, nil)
			case chosen == q.Answer:
				cells = append(cells, 1)
			default:
				cells = append(cells, 0)
			}
		}
	}
	return cells
}
