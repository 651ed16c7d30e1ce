package handlers

import (
	"net/http"
	"slices"
	"strconv"

	"taphuan/app/attendance"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/models"
)

type reopenData struct {
	*course.Touched
	Reason string
}

func (s *Server) reopenData(c *Ctx) (reopenData, error) {
	var d reopenData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	d.Touched, err = s.course.Touched(c.Ctx(), c.Actor, id)
	return d, err
}

// reopenPage says what opening a closed course again may change, and asks for the reason.
func (s *Server) reopenPage(c *Ctx) error {
	d, err := s.reopenData(c)
	if err != nil {
		return err
	}
	if d.Course.State != models.CourseClosed {
		c.Redirect(http.StatusSeeOther, coursePath(d.Course.ID))
		return nil
	}
	return c.Page("course/reopen", d)
}

// courseReopen opens a closed course again.
func (s *Server) courseReopen(c *Ctx) error {
	d, err := s.reopenData(c)
	if err != nil {
		return err
	}
	d.Reason = c.PostForm("reason")
	if err := s.course.Reopen(c.Ctx(), c.Actor, d.Course.ID, d.Reason); err != nil {
		return c.Invalid("course/reopen", d, err)
	}
	if d.Held > 0 {
		return c.Done(coursePath(d.Course.ID)+"/held-marks", "reopen.done")
	}
	return c.Done(coursePath(d.Course.ID), "reopen.done")
}

type heldData struct {
	*course.Detail
	Rows   []heldRow
	Total  int
	Most   int
	Chosen []uint64
}

type heldRow struct {
	attendance.HeldMark
	When string
}

// Open says whether held marks may be let count now.
func (d heldData) Open() bool { return d.State == models.CourseOpen || d.State == models.CourseRunning }

func (s *Server) heldData(c *Ctx) (heldData, error) {
	d := heldData{Most: attendance.MaxHeld}
	var err error
	if d.Detail, _, err = s.courseAndPlan(c); err != nil {
		return d, err
	}
	list, total, err := s.attendance.Held(c.Ctx(), c.Actor, d.ID)
	d.Total = total
	for _, x := range list {
		d.Rows = append(d.Rows, heldRow{x, i18n.HalfDay(c.Lang, x.Session.Day, x.Session.StartMinute)})
	}
	return d, err
}

// heldMarks are the marks of a course that arrived after it had closed.
func (s *Server) heldMarks(c *Ctx) error {
	d, err := s.heldData(c)
	if err != nil {
		return err
	}
	return c.Page("attendance/held", d)
}

// heldDecide lets ticked marks count, or leaves them aside.
func (s *Server) heldDecide(c *Ctx) error {
	d, err := s.heldData(c)
	if err != nil {
		return err
	}
	var f struct {
		Events []uint64 `form:"event" binding:"max=500"`
		Do     string   `form:"do" binding:"required,oneof=count dismiss"`
	}
	refusal := c.BindForm(&f)
	if refusal == nil {
		refusal = s.attendance.DecideHeld(c.Ctx(), c.Actor, d.ID, f.Events, f.Do == "count")
	}
	if refusal != nil {
		d.Chosen = f.Events
		return c.Invalid("attendance/held", d, refusal)
	}
	return c.Done(coursePath(d.ID)+"/held-marks", "held.done_"+f.Do, "n", len(f.Events))
}

type walkInData struct {
	*course.Detail
	Rows   []walkInRow
	Open   int // nobody has decided on
	Search uint64
	Text   string
}

type walkInRow struct {
	attendance.Present
	When       string // where they first came
	Candidates []attendance.Candidate
	Searched   bool
}

// Changeable says whether walk-ins may be decided on now.
func (d walkInData) Changeable() bool {
	return d.State == models.CourseOpen || d.State == models.CourseRunning
}

func (s *Server) walkInData(c *Ctx) (walkInData, error) {
	d := walkInData{Text: c.Query("q")}
	var err error
	if d.Detail, _, err = s.courseAndPlan(c); err != nil {
		return d, err
	}
	d.Search, _ = strconv.ParseUint(c.Query("for"), 10, 63)
	list, err := s.attendance.WalkIns(c.Ctx(), c.Actor, d.ID)
	if err != nil {
		return d, err
	}
	same, err := s.attendance.Candidates(c.Ctx(), c.Actor, d.ID, list)
	if err != nil {
		return d, err
	}
	for _, p := range list {
		r := walkInRow{Present: p, Candidates: same[p.ID]}
		for _, x := range d.Sessions {
			if x.ID == p.SessionID {
				r.When = i18n.HalfDay(c.Lang, x.Day, x.StartMinute)
			}
		}
		if p.State == models.WalkInOpen {
			d.Open++
		}
		if p.ID == d.Search && d.Text != "" {
			r.Searched = true
			if r.Candidates, err = s.attendance.Search(c.Ctx(), c.Actor, d.ID, d.Text); err != nil {
				return d, err
			}
		}
		d.Rows = append(d.Rows, r)
	}
	return d, nil
}

// walkIns are those who came to a course without being enrolled, with the cadres whom they may be.
func (s *Server) walkIns(c *Ctx) error {
	d, err := s.walkInData(c)
	if err != nil {
		return err
	}
	return c.Page("attendance/walk_ins", d)
}

// walkInDecide matches a walk-in to a cadre, takes that back, or keeps them as a guest or a mistake.
func (s *Server) walkInDecide(c *Ctx) error {
	d, err := s.walkInData(c)
	if err != nil {
		return err
	}
	id, err := c.ID("walkin")
	if err != nil {
		return err
	}
	name := ""
	for _, r := range d.Rows {
		if r.ID == id {
			name = r.Name
		}
	}
	if name == "" {
		return errs.NotFound("walk_in")
	}
	var f struct {
		Do    string `form:"do" binding:"required,oneof=match unmatch guest mistake open"`
		Cadre uint64 `form:"cadre"`
	}
	refusal := c.BindForm(&f)
	switch {
	case refusal != nil:
	case f.Do == "match":
		refusal = s.attendance.Match(c.Ctx(), c.Actor, id, f.Cadre)
	case f.Do == "unmatch":
		refusal = s.attendance.Unmatch(c.Ctx(), c.Actor, id)
	default:
		refusal = s.attendance.Keep(c.Ctx(), c.Actor, id, models.WalkInState(f.Do))
	}
	if refusal != nil {
		if errs.Is(refusal, "not_found") {
			return refusal
		}
		return c.Invalid("attendance/walk_ins", d, refusal)
	}
	return c.Done(coursePath(d.ID)+"/walk-ins", "walkin.done_"+f.Do, "name", name)
}

// IsChosen says whether a held mark was ticked in a form that was refused.
func (d heldData) IsChosen(id uint64) bool { return slices.Contains(d.Chosen, id) }
