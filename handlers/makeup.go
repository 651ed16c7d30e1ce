package handlers

import (
	"strconv"

	"taphuan/app/attendance"
	"taphuan/app/i18n"
	"taphuan/views"
)

type makeUpForm struct {
	Session   uint64 `form:"session"`
	Enrolment uint64 `form:"enrolment"`
	Attended  uint64 `form:"attended"`
}

type absentee struct {
	attendance.Absentee
	Sub     string
	Choices []views.Option // sessions elsewhere that they attended
	Chosen  uint64
}

type missedSession struct {
	attendance.MissedSession
	People []absentee
	Able   int // how many of them attended something that counts
	Others []views.Link
}

type madeUp struct {
	attendance.MadeUp
	Sub, At string
}

type makeUpData struct {
	*attendance.MakeUps
	Missed []missedSession
	MadeUp []madeUp
	Why    string
}

// elsewhere names a session of another course: sáng 24/11, TH-2026-07.
func (c *Ctx) elsewhere(e attendance.Elsewhere) string {
	return c.halfDay(e.Session) + ", " + e.CourseCode + " · " + e.CourseTitle
}

func (s *Server) makeUpData(c *Ctx, f makeUpForm) (d makeUpData, err error) {
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if d.MakeUps, err = s.attendance.MakeUps(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	if d.Refusal != nil {
		d.Why = c.message(d.Refusal.Code, d.Refusal.Params)
	}
	for _, m := range d.MakeUps.Missed {
		out := missedSession{MissedSession: m}
		for _, a := range m.People {
			x := absentee{Absentee: a, Sub: c.personSub(a.Row, "")}
			for _, e := range a.Attended {
				x.Choices = append(x.Choices, views.Option{Value: e.ID, Label: c.elsewhere(e)})
			}
			if f.Enrolment == a.EnrolmentID && f.Session == m.ID {
				x.Chosen = f.Attended
			}
			if len(x.Choices) > 0 {
				out.Able++
			}
			out.People = append(out.People, x)
		}
		for _, e := range m.Others {
			label := i18n.LongDay(c.Lang, e.Day) + ", " + i18n.Clock(e.StartMinute) + "–" + i18n.Clock(e.EndMinute) + ": " + e.CourseCode + " · " + e.CourseTitle
			if e.Venue != "" {
				label += ", " + e.Venue
			}
			out.Others = append(out.Others, views.Link{Href: coursePath(e.CourseID), Label: label})
		}
		d.Missed = append(d.Missed, out)
	}
	for _, m := range d.MakeUps.MadeUp {
		d.MadeUp = append(d.MadeUp, madeUp{MadeUp: m, Sub: c.personSub(m.Row, ""), At: c.elsewhere(m.By)})
	}
	return d, nil
}

// makeUps is who of a course missed what, with what they attended elsewhere in its place.
func (s *Server) makeUps(c *Ctx) error {
	d, err := s.makeUpData(c, makeUpForm{})
	if err != nil {
		return err
	}
	return c.Page("attendance/makeups", d)
}

// makeUpAdd records that somebody made up a missed session.
func (s *Server) makeUpAdd(c *Ctx) error {
	return s.makeUpAct(c, "makeup.added", func(f makeUpForm) error {
		return s.attendance.MakeUp(c.Ctx(), c.Actor, attendance.MakeUpInput{EnrolmentID: f.Enrolment, SessionID: f.Session, RefSessionID: f.Attended})
	})
}

// makeUpTakeBack lets hold again what held without the make-up.
func (s *Server) makeUpTakeBack(c *Ctx) error {
	return s.makeUpAct(c, "makeup.taken_back", func(f makeUpForm) error {
		return s.attendance.TakeBackMakeUp(c.Ctx(), c.Actor, f.Session, f.Enrolment)
	})
}

func (s *Server) makeUpAct(c *Ctx, message string, do func(makeUpForm) error) error {
	var f makeUpForm
	refusal := c.BindForm(&f)
	d, err := s.makeUpData(c, f)
	if err != nil {
		return err
	}
	if refusal == nil {
		refusal = do(f)
	}
	if refusal != nil {
		return c.Invalid("attendance/makeups", d, refusal)
	}
	return c.Done("/courses/"+strconv.FormatUint(d.Course.ID, 10)+"/make-ups", message)
}
