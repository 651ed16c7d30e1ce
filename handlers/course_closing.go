package handlers

import (
	"net/http"
	"strings"

	"taphuan/app/attendance"
	"taphuan/app/course"
	"taphuan/app/plan"
	"taphuan/models"
)

type closingData struct {
	*course.Closing
	Waits   attendance.Waits
	Blocked string
	Brings  string
	Score   *float64   // least, in points
	Short   []shortRow // who does not complete, by reason
	Done    []course.Decision
	Going   int64 // who is taking a quiz
}

type shortRow struct {
	Reason string
	Rows   []course.Decision
}

func (s *Server) closingData(c *Ctx) (closingData, error) {
	var d closingData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if d.Closing, err = s.course.Preview(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	if d.Waits, err = s.attendance.Waits(c.Ctx(), id); err != nil {
		return d, err
	}
	p, err := plan.OfID(c.Ctx(), s.DB.Read(c.Ctx()), d.Course.PlanID)
	if err != nil {
		return d, err
	}
	var brings []string
	for _, k := range p.Components {
		for _, x := range d.Components {
			if x == k.Component {
				brings = append(brings, k.Name(c.Lang))
			}
		}
	}
	d.Brings = strings.Join(brings, " · ")
	d.Score = points(d.Course.MinScoreTenths)
	if d.Going, err = s.quiz.Going(c.Ctx(), id); err != nil {
		return d, err
	}
	if b := d.Closing.Blocked; b != nil {
		d.Blocked = c.message(b.Code, b.Params)
	}
	for _, reason := range course.Reasons {
		row := shortRow{Reason: reason}
		for _, x := range d.Decisions {
			if x.Reason == reason {
				row.Rows = append(row.Rows, x)
			}
		}
		if len(row.Rows) > 0 {
			d.Short = append(d.Short, row)
		}
	}
	for _, x := range d.Decisions {
		if x.Outcome == models.OutcomeCompleted {
			d.Done = append(d.Done, x)
		}
	}
	return d, nil
}

// closingPage shows what closing will decide before it does.
func (s *Server) closingPage(c *Ctx) error {
	d, err := s.closingData(c)
	if err != nil {
		return err
	}
	if d.Course.State == models.CourseClosed {
		c.Redirect(http.StatusSeeOther, coursePath(d.Course.ID))
		return nil
	}
	return c.Page("course/closing", d)
}

// courseClose closes a course.
func (s *Server) courseClose(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if refusal := s.course.Close(c.Ctx(), c.Actor, id); refusal != nil {
		d, err := s.closingData(c)
		if err != nil {
			return err
		}
		return c.Invalid("course/closing", d, refusal)
	}
	return c.Done(coursePath(id), "course.was_closed")
}
