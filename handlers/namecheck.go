package handlers

import (
	"context"
	"slices"
	"strconv"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/namecheck"
	"taphuan/models"
)

type nameForm struct {
	Name  string `form:"name" binding:"max=1000"`
	Title string `form:"title" binding:"max=1000"`
	Note  string `form:"note" binding:"max=2000"`
}

// nameConfirm says that the name and title shown are right.
func (s *Server) nameConfirm(c *Ctx) error {
	return s.nameAnswer(c, "namecheck.confirmed", s.names.Confirm)
}

// namePropose asks for a correction of the own name or title.
func (s *Server) namePropose(c *Ctx) error {
	return s.nameAnswer(c, "namecheck.proposed", s.names.Propose)
}

func (s *Server) nameAnswer(c *Ctx, message string, do func(context.Context, access.Actor, uint64, namecheck.Answer) error) error {
	d, err := s.ownInvitationData(c)
	if err != nil {
		return err
	}
	var f nameForm
	if err = c.BindForm(&f); err == nil {
		err = do(c.Ctx(), c.Actor, d.Enrolment.ID, namecheck.Answer{Name: f.Name, Title: f.Title, Note: f.Note})
	}
	if err != nil {
		d.NameForm = &f
		return c.Invalid("invitation/own", d, err)
	}
	return c.Done("/my/enrolments/"+strconv.FormatUint(d.Enrolment.ID, 10)+"#name", message)
}

type nameCourseData struct {
	Course models.Course
	People []nameRow
	Open   int // who has not answered
	Chosen []uint64
}

// nameRow is somebody in the list of a course.
type nameRow struct {
	namecheck.Person
	Ready bool
	From  models.Day
}

// IsChosen says whether the box of the row was ticked in the form that was refused.
func (d nameCourseData) IsChosen(id uint64) bool { return slices.Contains(d.Chosen, id) }

func (s *Server) nameCourseData(c *Ctx) (nameCourseData, error) {
	var d nameCourseData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	course, people, err := s.names.OfCourse(c.Ctx(), c.Actor, access.AttendanceWrite, id)
	d.Course = course
	for _, p := range people {
		at := p.Standing()
		if p.State == models.NameCheckNone && !p.Printed {
			d.Open++
		}
		d.People = append(d.People, nameRow{Person: p, Ready: at.Ready(c.Today()), From: at.From()})
	}
	return d, err
}

// nameCourse lists whose name was checked in a course, where what stands on the sign-in sheet is recorded.
func (s *Server) nameCourse(c *Ctx) error {
	d, err := s.nameCourseData(c)
	if err != nil {
		return err
	}
	return c.Page("namecheck/course", d)
}

// nameOnPaper records that the chosen were checked on the sign-in sheet.
func (s *Server) nameOnPaper(c *Ctx) error {
	d, err := s.nameCourseData(c)
	if err != nil {
		return err
	}
	var f chosenForm
	n := 0
	if err = c.BindForm(&f); err == nil {
		n, err = s.names.OnPaper(c.Ctx(), c.Actor, d.Course.ID, f.IDs)
	}
	if err != nil {
		d.Chosen = f.IDs
		return c.Invalid("namecheck/course", d, err)
	}
	return c.Done("/courses/"+strconv.FormatUint(d.Course.ID, 10)+"/name-checks", "namecheck.recorded", "n", n)
}

type nameListData struct {
	People []namecheck.Person
	Reason string
	At     uint64 // whose form was refused
}

// nameList shows the corrections that wait for a decision.
func (s *Server) nameList(c *Ctx) error {
	people, err := s.names.Proposals(c.Ctx(), c.Actor)
	if err != nil {
		return err
	}
	return c.Page("namecheck/list", nameListData{People: people})
}

// nameAccept writes a correction into the roster.
func (s *Server) nameAccept(c *Ctx) error {
	return s.nameDecide(c, "namecheck.accepted", func(id uint64, seen int64, _ string) error { return s.names.Accept(c.Ctx(), c.Actor, id, seen) })
}

// nameRefuse leaves the roster as it is, with a reason.
func (s *Server) nameRefuse(c *Ctx) error {
	return s.nameDecide(c, "namecheck.refused", func(id uint64, seen int64, reason string) error {
		return s.names.Refuse(c.Ctx(), c.Actor, id, seen, reason)
	})
}

func (s *Server) nameDecide(c *Ctx, message string, do func(uint64, int64, string) error) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var f struct {
		Reason string `form:"reason" binding:"max=2000"`
		Seen   int64  `form:"seen"` // which answer of the cadre the form showed
	}
	if err = c.BindForm(&f); err == nil {
		err = do(id, f.Seen, f.Reason)
	}
	if err == nil {
		return c.Done("/name-checks", message)
	}
	if errs.Is(err, "not_found") {
		return err
	}
	people, listErr := s.names.Proposals(c.Ctx(), c.Actor)
	if listErr != nil {
		return listErr
	}
	return c.Invalid("namecheck/list", nameListData{People: people, Reason: f.Reason, At: id}, err)
}
