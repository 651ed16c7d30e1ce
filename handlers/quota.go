package handlers

import (
	"strconv"
	"strings"

	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/models"
)

// quotaData is the page on which a coordinator says until when and how many heads may nominate for a course. Figures are as typed.
type quotaData struct {
	*enrolment.QuotaPlan
	Version  int
	Deadline any // a day, or what was typed for one
	Each     string
	Seats    map[string]string // by code of the organisation
	Proposed bool              // the figures are those of sharing out by gap, and not saved
	Open     bool              // nominations are still to come
}

// Field is the name of an organisation's field.
func (d quotaData) Field(code string) string { return enrolment.QuotaField(code) }

// Sum is how many seats the quotas of offices give in all; quotas of what is above them are bounds and no seats of their own.
func (d quotaData) Sum() (n int) {
	for _, r := range d.Rows {
		if r.Share != nil || r.Seats != nil {
			if x, err := strconv.Atoi(d.Seats[r.Code]); err == nil && !d.above(r.Code) {
				n += x
			}
		}
	}
	return n
}

// above says whether a row with a figure of its own stands below the one with the code.
func (d quotaData) above(code string) bool {
	depth := -1
	for _, r := range d.Rows {
		switch {
		case r.Code == code:
			depth = r.Depth
		case depth >= 0 && r.Depth <= depth:
			return false
		case depth >= 0 && d.Seats[r.Code] != "":
			return true
		}
	}
	return false
}

func (s *Server) quotaData(c *Ctx) (quotaData, error) {
	d := quotaData{Seats: map[string]string{}}
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if d.QuotaPlan, err = s.enrolment.Quotas(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	d.Version, d.Deadline = d.Course.Version, d.Course.NominationDeadline
	d.Open = d.Course.State == models.CourseDraft || d.Course.State == models.CourseOpen && (d.Course.FirstDay == 0 || c.Today() < d.Course.FirstDay)
	if d.Course.NominationQuota != nil {
		d.Each = strconv.Itoa(*d.Course.NominationQuota)
	}
	d.Proposed = c.Request.Method == "GET" && c.Query("by") == "gap"
	for _, r := range d.Rows {
		seats := r.Seats
		if d.Proposed {
			seats = r.Share
		}
		if seats != nil {
			d.Seats[r.Code] = strconv.Itoa(*seats)
		}
	}
	return d, nil
}

// quotaPage shows the quotas and the deadline of a course; by=gap fills in what sharing out by gap proposes.
func (s *Server) quotaPage(c *Ctx) error {
	d, err := s.quotaData(c)
	if err != nil {
		return err
	}
	return c.Page("course/quotas", d)
}

// quotaSave sets the quotas and the deadline of a course.
func (s *Server) quotaSave(c *Ctx) error {
	d, err := s.quotaData(c)
	if err != nil {
		return err
	}
	in, refusal := d.read(c)
	if refusal == nil {
		refusal = s.enrolment.SetQuotas(c.Ctx(), c.Actor, d.Course.ID, in)
	}
	if refusal != nil {
		return c.Invalid("course/quotas", d, refusal)
	}
	return c.Done(coursePath(d.Course.ID), "enrolment.quotas_saved")
}

// read takes what was typed into the page's data, and as far as it can be read as the service's input.
func (d *quotaData) read(c *Ctx) (in enrolment.QuotaInput, err error) {
	var wrong errs.Fields
	in.Seats = map[string]int{}
	d.Seats = map[string]string{}
	for name := range c.Request.PostForm {
		code, ok := strings.CutPrefix(name, enrolment.QuotaField(""))
		if text := strings.TrimSpace(c.PostForm(name)); ok && text != "" {
			d.Seats[code] = text
			in.Seats[code] = number(&wrong, name, text)
		}
	}
	if d.Each = strings.TrimSpace(c.PostForm("each")); d.Each != "" {
		in.Each = new(number(&wrong, "each", d.Each))
	}
	text := strings.TrimSpace(c.PostForm("deadline"))
	d.Deadline = text
	if err := in.Deadline.UnmarshalParam(text); err != nil {
		wrong.Add("deadline", "day")
	} else {
		d.Deadline = in.Deadline
	}
	in.Version = number(&wrong, "version", c.PostForm("version"))
	d.Version = in.Version
	return in, wrong.Err()
}
