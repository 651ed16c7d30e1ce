package handlers

import (
	"slices"
	"strings"

	"taphuan/app/enrolment"
	"taphuan/app/page"
	"taphuan/app/quiz"
	"taphuan/models"
	"taphuan/views"
)

// nominateNew finds own cadres to put forward for a course.
func (s *Server) nominateNew(c *Ctx) error {
	d, err := s.candidatesData(c, true)
	if err != nil {
		return err
	}
	return c.Page("nomination/new", d)
}

// nominate puts the chosen forward, or everybody found.
func (s *Server) nominate(c *Ctx) error {
	d, err := s.candidatesData(c, true)
	if err != nil {
		return err
	}
	var f chosenForm
	var r enrolment.Result
	if err = c.BindForm(&f); err == nil {
		if f.found() {
			r, err = s.enrolment.NominateFound(c.Ctx(), c.Actor, d.Course.ID, d.filter, f.First)
		} else {
			r, err = s.enrolment.Nominate(c.Ctx(), c.Actor, d.Course.ID, f.IDs)
		}
	}
	if err != nil {
		d.Chosen = f.IDs
		return c.Invalid("nomination/new", d, candidateGone(err))
	}
	return c.Done("/nominations", "enrolment.result", "text", c.resultText(r, "enrolment.result_nominated"))
}

type nominationFilter struct {
	Text         string                `form:"q" binding:"max=200"`
	State        models.EnrolmentState `form:"state" binding:"omitempty,oneof=enrolled waiting nominated refused withdrawn"`
	Course       uint64                `form:"course"`
	Organisation string                `form:"org" binding:"max=40"`
	page.Ask
}

type nominationListData struct {
	*enrolment.NominationList
	ticked
	Form          nominationFilter
	Today         models.Day
	Courses       []views.Option // for which somebody waits for a decision, or whom heads have nominated for
	Organisations []views.Option
	Papers        []enrolment.NominatedCourse // of heads: lists to sign
	Open          []enrolment.OpenCourse      // of heads: courses to nominate for
	Reason        string
	Despite       bool
	Invite        bool // invitations go out with approving
}

// Clashing says whether somebody on the page is in another course at the same time.
func (d nominationListData) Clashing() bool { return clashing(d.Rows) }

// Picks says whether the row can be chosen: nominations by those who decide, by heads while they may still take them back.
func (d nominationListData) Picks(r enrolment.Row) bool {
	if d.Decides {
		return true
	}
	stands := r.State == models.EnrolmentNominated || r.State == models.EnrolmentEnrolled || r.State == models.EnrolmentWaiting
	return stands && r.CourseState == models.CourseOpen && (r.FirstDay == 0 || d.Today < r.FirstDay)
}

// PicksAny says whether some row can be chosen.
func (d nominationListData) PicksAny() bool { return slices.ContainsFunc(d.Rows, d.Picks) }

func (s *Server) nominationListData(c *Ctx) (nominationListData, error) {
	d := nominationListData{Today: c.Today()}
	if err := c.bindQuery(&d.Form); err != nil {
		return d, err
	}
	var err error
	if d.NominationList, err = s.enrolment.Nominations(c.Ctx(), c.Actor, d.Form.filter()); err != nil {
		return d, err
	}
	courses, err := s.enrolment.NominatedFor(c.Ctx(), c.Actor)
	if err != nil {
		return d, err
	}
	for _, x := range courses {
		d.Courses = append(d.Courses, views.Option{Value: x.CourseID, Label: x.Code + " · " + x.Title})
		if !d.Decides && d.Form.Course == 0 && x.State == models.CourseOpen {
			d.Papers = append(d.Papers, x)
		}
	}
	if !d.Decides && d.Form == (nominationFilter{}) {
		if d.Open, err = s.enrolment.OpenCourses(c.Ctx(), c.Actor); err != nil {
			return d, err
		}
		d.Papers = slices.DeleteFunc(d.Papers, func(p enrolment.NominatedCourse) bool { // their lists stand beside them
			return slices.ContainsFunc(d.Open, func(o enrolment.OpenCourse) bool { return o.ID == p.CourseID })
		})
	}
	d.Organisations, err = s.organisationFilter(c)
	return d, err
}

func (f nominationFilter) filter() enrolment.NominationFilter {
	return enrolment.NominationFilter{Text: f.Text, State: f.State, CourseID: f.Course, Organisation: f.Organisation, Ask: f.Ask}
}

// nominationList shows what waits for a decision; heads their own nominations and what became of them.
func (s *Server) nominationList(c *Ctx) error {
	d, err := s.nominationListData(c)
	if err != nil {
		return err
	}
	d.Invite = true
	return c.Page("nomination/list", d)
}

// nominationApprove gives the chosen places.
func (s *Server) nominationApprove(c *Ctx) error {
	return s.nominationAct(c, "enrolment.result_nominated", func(f chosenForm, all enrolment.NominationFilter) (enrolment.Result, error) {
		how, err := s.placing(c, f)
		if err != nil {
			return enrolment.Result{}, err
		}
		if f.All {
			return s.enrolment.ApproveFound(c.Ctx(), c.Actor, all, how...)
		}
		return s.enrolment.Approve(c.Ctx(), c.Actor, f.IDs, how...)
	})
}

// nominationRefuse turns the chosen down, with a reason.
func (s *Server) nominationRefuse(c *Ctx) error {
	return s.nominationAct(c, "enrolment.result_refused", func(f chosenForm, all enrolment.NominationFilter) (enrolment.Result, error) {
		if f.All {
			return s.enrolment.RefuseFound(c.Ctx(), c.Actor, all, f.Reason)
		}
		return s.enrolment.Refuse(c.Ctx(), c.Actor, f.IDs, f.Reason)
	})
}

// nominationWithdraw takes back own nominations, with a reason.
func (s *Server) nominationWithdraw(c *Ctx) error {
	return s.nominationAct(c, "enrolment.result_withdrawn", func(f chosenForm, all enrolment.NominationFilter) (enrolment.Result, error) {
		if f.All {
			return s.enrolment.WithdrawFound(c.Ctx(), c.Actor, all, f.Reason)
		}
		return s.enrolment.WithdrawAll(c.Ctx(), c.Actor, f.IDs, f.Reason)
	})
}

// nominationAct runs what a list of nominations asks for and goes back to that list, or shows it again with what was refused.
func (s *Server) nominationAct(c *Ctx, changed string, do func(chosenForm, enrolment.NominationFilter) (enrolment.Result, error)) error {
	back := c.back("/nominations")
	var f chosenForm
	var all nominationFilter
	var r enrolment.Result
	err := c.BindForm(&f)
	if err == nil {
		err = c.BindForm(&all)
	}
	if err == nil {
		r, err = do(f, all.filter())
	}
	if err == nil {
		return c.Done(back, "enrolment.result", "text", c.resultText(r, changed))
	}
	c.asList("/nominations")
	if c.Request.URL.RawQuery == "" { // it came from the list of a course
		c.Request.URL.RawQuery = strings.TrimPrefix(coverageHref("", "course", c.PostForm("course"), "q", c.PostForm("q"), "org", c.PostForm("org")), "?")
	}
	d, dataErr := s.nominationListData(c)
	if dataErr != nil {
		return dataErr
	}
	d.ticked, d.Reason, d.Despite, d.Invite = ticked{IDs: f.IDs, All: f.All}, f.Reason, f.Clash, f.Invite
	return c.Invalid("nomination/list", d, err)
}

// nominationPaper is the list of those nominated for a course, to be signed.
func (s *Server) nominationPaper(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	p, err := s.enrolment.NominationPaper(c.Ctx(), c.Actor, id, c.Query("org"))
	if err != nil {
		return err
	}
	pdf, err := p.PDF()
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", "danh-sach-cu-"+p.Course.Code+".pdf", pdf)
}

type ownCoursesData struct {
	*enrolment.OwnCourses
	ToRate []uint64 // courses of which the cadre may say something
	Own    []quiz.Own
}

// Quizzes are those of the course that can be taken or were.
func (d ownCoursesData) Quizzes(courseID uint64) (list []quiz.Own) {
	for _, q := range d.Own {
		if q.CourseID == courseID {
			list = append(list, q)
		}
	}
	return list
}

// MayRate says whether the cadre may say something of the course.
func (d ownCoursesData) MayRate(courseID uint64) bool { return slices.Contains(d.ToRate, courseID) }

// ownCourses shows a cadre the own courses: the next class first, then what has been.
func (s *Server) ownCourses(c *Ctx) error {
	own, err := s.enrolment.OwnCourses(c.Ctx(), c.Actor)
	if err != nil {
		return err
	}
	d := ownCoursesData{OwnCourses: own}
	if d.ToRate, err = s.trainer.ToRate(c.Ctx(), c.Actor); err != nil {
		return err
	}
	if d.Own, err = s.quiz.OwnQuizzes(c.Ctx(), c.Actor); err != nil {
		return err
	}
	return c.Page("enrolment/own", d)
}
