package handlers

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/models"
	"taphuan/views"
)

// sessionForm is a session as a page or the API sends it.
type sessionForm struct {
	Day     string `form:"day" json:"day" binding:"max=20"`     // 2026-11-24 or 24/11/2026
	Start   string `form:"start" json:"start" binding:"max=10"` // 07:30
	End     string `form:"end" json:"end" binding:"max=10"`     // 11:30
	RoomID  uint64 `form:"room_id" json:"room_id"`              // of the course's venue; 0: none
	Room    string `form:"room" json:"room" binding:"max=1000"`
	Title   string `form:"title" json:"title" binding:"max=1000"`
	Version int64  `form:"version" json:"version"` // of the session that is changed; 0: not looked at
}

var clockForm = regexp.MustCompile(`^(\d{1,2})(?:[:.hHgG](\d{2})?(?::00)?)?$`)

// minutes reads a clock time as people write it: 07:30, 0730, 7h30, 7.30, 7h; -1 for what is none.
func minutes(typed string) int {
	typed = strings.TrimSpace(typed)
	if n := len(typed); (n == 3 || n == 4) && strings.Trim(typed, "0123456789") == "" { // 0730, from a keypad of figures
		typed = typed[:n-2] + ":" + typed[n-2:]
	}
	m := clockForm.FindStringSubmatch(typed)
	if m == nil {
		return -1
	}
	h, err := strconv.Atoi(m[1])
	if err != nil {
		return -1
	}
	n := 0
	if m[2] != "" {
		if n, err = strconv.Atoi(m[2]); err != nil || n > 59 {
			return -1
		}
	}
	if h*60+n > 24*60 {
		return -1
	}
	return h*60 + n
}

func (f sessionForm) input() (course.SessionInput, error) {
	var wrong errs.Fields
	in := course.SessionInput{StartMinute: minutes(f.Start), EndMinute: minutes(f.End), Room: f.Room, RoomID: f.RoomID, Title: f.Title, Version: f.Version}
	if err := in.Day.UnmarshalText([]byte(strings.TrimSpace(f.Day))); err != nil || in.Day == 0 {
		wrong.Add("day", "day")
	}
	if in.StartMinute < 0 {
		wrong.Add("start", "session_clock")
	}
	if in.EndMinute < 0 {
		wrong.Add("end", "session_clock")
	}
	return in, wrong.Err()
}

func sessionFormOf(x models.Session) sessionForm {
	f := sessionForm{Day: x.Day.String(), Start: i18n.Clock(x.StartMinute), End: i18n.Clock(x.EndMinute), Room: x.Room, Title: x.Title, Version: course.SessionVersion(x)}
	if x.RoomID != nil {
		f.RoomID = *x.RoomID
	}
	return f
}

// nextHalfDay guesses the session after the last: the afternoon after a morning, else the next morning.
func nextHalfDay(d *course.Detail, today models.Day) sessionForm {
	f := sessionForm{Day: today.AddDays(7).String(), Start: "07:30", End: "11:30"}
	if n := len(d.Sessions); n > 0 {
		last := d.Sessions[n-1]
		f.Room = last.Room
		if last.RoomID != nil {
			f.RoomID = *last.RoomID
		}
		if last.EndMinute <= 12*60 {
			f.Day, f.Start, f.End = last.Day.String(), "13:30", "17:00"
		} else {
			f.Day = last.Day.AddDays(1).String()
		}
	}
	return f
}

type sessionData struct {
	Course  models.Course
	ID      uint64 // 0 for a new one
	Marked  bool
	Form    sessionForm
	Rooms   []string
	Choices []views.Option // rooms of the course's venue
	Seats   int            // of the chosen room, if fewer than the course may have
	Clashes []course.Clash
	Checked bool // clashes were asked for
}

// sessionData reads the course with what the form needs; clashes are those of what the form says, as far as it can be read.
func (s *Server) sessionData(c *Ctx, d *course.Detail, id uint64, f sessionForm) (sessionData, error) {
	out := sessionData{Course: d.Course, ID: id, Form: f}
	for _, x := range d.Sessions {
		if x.ID == id {
			out.Marked = x.Marks > 0
		}
	}
	var err error
	if out.Rooms, err = s.course.Rooms(c.Ctx()); err != nil {
		return out, err
	}
	if d.VenueID != nil {
		rooms, err := s.venue.Rooms(c.Ctx(), *d.VenueID, f.RoomID)
		if err != nil {
			return out, err
		}
		for _, r := range rooms {
			out.Choices = append(out.Choices, views.Option{Value: r.ID, Label: c.T("course.room_seats", "name", r.Name, "n", r.Capacity)})
			if r.ID == f.RoomID && r.Capacity < d.Capacity {
				out.Seats = r.Capacity
			}
		}
	}
	if in, wrong := f.input(); wrong == nil {
		out.Clashes, err = s.course.ClashesWith(c.Ctx(), c.Actor, d.ID, id, in)
	}
	return out, err
}

// sessionNew shows the form of a new session.
func (s *Server) sessionNew(c *Ctx) error {
	d, _, err := s.courseAndPlan(c)
	if err != nil {
		return err
	}
	if !d.Changeable() {
		return errs.Conflict("course_ended")
	}
	data, err := s.sessionData(c, d, 0, nextHalfDay(d, c.Today()))
	if err != nil {
		return err
	}
	return c.Page("course/session", data)
}

// sessionCreate adds a session, or only says what it would clash with.
func (s *Server) sessionCreate(c *Ctx) error {
	d, _, err := s.courseAndPlan(c)
	if err != nil {
		return err
	}
	return s.sessionSave(c, d, 0, func(in course.SessionInput) error {
		_, err := s.course.AddSession(c.Ctx(), c.Actor, d.ID, in)
		return err
	})
}

// sessionAndCourse reads the session of the path with its course, for those who may change it.
func (s *Server) sessionAndCourse(c *Ctx) (*course.Detail, models.Session, error) {
	id, err := c.ID("id")
	if err != nil {
		return nil, models.Session{}, err
	}
	_, x, err := s.course.Session(c.Ctx(), c.Actor, access.CourseWrite, id)
	if err != nil {
		return nil, x, err
	}
	d, err := s.course.Get(c.Ctx(), c.Actor, access.CourseWrite, x.CourseID)
	return d, x, err
}

// sessionEdit shows the form of a session with what it clashes with.
func (s *Server) sessionEdit(c *Ctx) error {
	d, x, err := s.sessionAndCourse(c)
	if err != nil {
		return err
	}
	if !d.Changeable() {
		return errs.Conflict("course_ended")
	}
	data, err := s.sessionData(c, d, x.ID, sessionFormOf(x))
	if err != nil {
		return err
	}
	return c.Page("course/session", data)
}

// sessionUpdate changes a session, or only says what it would clash with.
func (s *Server) sessionUpdate(c *Ctx) error {
	d, x, err := s.sessionAndCourse(c)
	if err != nil {
		return err
	}
	return s.sessionSave(c, d, x.ID, func(in course.SessionInput) error { return s.course.UpdateSession(c.Ctx(), c.Actor, x.ID, in) })
}

func (s *Server) sessionSave(c *Ctx, d *course.Detail, id uint64, save func(course.SessionInput) error) error {
	var f sessionForm
	var in course.SessionInput
	refusal := c.BindForm(&f)
	if refusal == nil {
		in, refusal = f.input()
	}
	check := c.PostForm("check") != ""
	if refusal == nil && !check {
		refusal = save(in)
	}
	if refusal != nil || check {
		data, err := s.sessionData(c, d, id, f)
		if err != nil {
			return err
		}
		if refusal != nil {
			return c.Invalid("course/session", data, refusal)
		}
		data.Checked = true
		return c.Page("course/session", data)
	}
	if c.PostForm("again") != "" {
		return c.Done(coursePath(d.ID)+"/sessions/new", "course.session_saved")
	}
	return c.Done(coursePath(d.ID)+"#sessions", "course.session_saved")
}

func (s *Server) sessionCancel(c *Ctx) error {
	return s.sessionAct(c, "course.session_was_cancelled", s.course.CancelSession)
}

func (s *Server) sessionRestore(c *Ctx) error {
	return s.sessionAct(c, "course.session_restored", s.course.RestoreSession)
}

func (s *Server) sessionDelete(c *Ctx) error {
	return s.sessionAct(c, "course.session_deleted", s.course.DeleteSession)
}

// sessionAct does one thing to a session and shows its form again with the refusal if there was one.
func (s *Server) sessionAct(c *Ctx, message string, do func(context.Context, access.Actor, uint64) error) error {
	d, x, err := s.sessionAndCourse(c)
	if err != nil {
		return err
	}
	if refusal := do(c.Ctx(), c.Actor, x.ID); refusal != nil {
		data, err := s.sessionData(c, d, x.ID, sessionFormOf(x))
		if err != nil {
			return err
		}
		return c.Invalid("course/session", data, refusal)
	}
	return c.Done(coursePath(d.ID)+"#sessions", message)
}
