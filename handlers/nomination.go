package handlers

import (
	"slices"

	"taphuan/app/enrolment"
	"taphuan/models"
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
	Text   string                `form:"q" binding:"max=200"`
	State  models.EnrolmentState `form:"state" binding:"omitempty,oneof=enrolled waiting nominated refused withdrawn"`
	Course uint64                `form:"course"`
	Page   int                   `form:"page" binding:"min=0,max=1000000"`
}

type nominationListData struct {
	*enrolment.NominationList
	Form   nominationFilter
	Size   int
	Today  models.Day
	Chosen []uint64
	Reason string
}

// IsChosen says whether the box of the row was ticked in the form that was refused.
func (d nominationListData) IsChosen(id uint64) bool { return slices.Contains(d.Chosen, id) }

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
	d := nominationListData{Size: enrolment.PageSize, Today: c.Today()}
	if err := c.bindQuery(&d.Form); err != nil {
		return d, err
	}
	var err error
	d.NominationList, err = s.enrolment.Nominations(c.Ctx(), c.Actor, enrolment.NominationFilter{Text: d.Form.Text, State: d.Form.State, CourseID: d.Form.Course, Page: d.Form.Page})
	return d, err
}

// nominationList shows what waits for a decision; heads their own nominations and what became of them.
func (s *Server) nominationList(c *Ctx) error {
	d, err := s.nominationListData(c)
	if err != nil {
		return err
	}
	return c.Page("nomination/list", d)
}

// nominationApprove gives the chosen places.
func (s *Server) nominationApprove(c *Ctx) error {
	return s.nominationAct(c, "enrolment.result_nominated", func(f chosenForm) (enrolment.Result, error) { return s.enrolment.Approve(c.Ctx(), c.Actor, f.IDs) })
}

// nominationRefuse turns the chosen down, with a reason.
func (s *Server) nominationRefuse(c *Ctx) error {
	return s.nominationAct(c, "enrolment.result_refused", func(f chosenForm) (enrolment.Result, error) {
		return s.enrolment.Refuse(c.Ctx(), c.Actor, f.IDs, f.Reason)
	})
}

// nominationWithdraw takes back own nominations, with a reason.
func (s *Server) nominationWithdraw(c *Ctx) error {
	return s.nominationAct(c, "enrolment.result_withdrawn", func(f chosenForm) (enrolment.Result, error) {
		return s.enrolment.WithdrawAll(c.Ctx(), c.Actor, f.IDs, f.Reason)
	})
}

// nominationAct runs what a list of nominations asks for and goes back to that list, or shows it again with what was refused.
func (s *Server) nominationAct(c *Ctx, changed string, do func(chosenForm) (enrolment.Result, error)) error {
	back := c.back("/nominations")
	var f chosenForm
	var r enrolment.Result
	err := c.BindForm(&f)
	if err == nil {
		r, err = do(f)
	}
	if err == nil {
		return c.Done(back, "enrolment.result", "text", c.resultText(r, changed))
	}
	// The list is at another address than its actions; links of the page that is shown again lead to the list.
	c.Request.URL.Path, c.Request.URL.RawQuery = "/nominations", ""
	d, dataErr := s.nominationListData(c)
	if dataErr != nil {
		return dataErr
	}
	d.Chosen, d.Reason = f.IDs, f.Reason
	return c.Invalid("nomination/list", d, err)
}

// ownCourses shows a cadre the own courses: the next class first, then what has been.
func (s *Server) ownCourses(c *Ctx) error {
	own, err := s.enrolment.OwnCourses(c.Ctx(), c.Actor)
	if err != nil {
		return err
	}
	return c.Page("enrolment/own", own)
}
