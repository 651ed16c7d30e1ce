package handlers

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/models"
	"taphuan/views"
)

// lateArrival is from when on it is said that a mark reached the server later than it was made.
const lateArrival = 2 * time.Minute

type sheetFilter struct {
	Text string `form:"q" binding:"max=200"`
	Show string `form:"show" binding:"omitempty,oneof=blank"`
}

type sheetData struct {
	*attendance.Sheet
	List   []views.AttendanceRow
	Filter sheetFilter
	Why    string       // why nothing can be marked now, "" when it can
	Halves []views.Link // the course's sessions
	Guests []views.GuestRow
	Extra  int            // of them, how many are present
	Add    walkInForm     // what was typed of somebody who is to be entered
	Twin   string         // who of the list bears the name that was typed
	Others []views.Option // in whose place somebody may have come
	Odd    attendance.Odd
	Signed int // sheets that came back signed
}

// May says whether marks can be changed now, or when the session's day has come: a list that a phone keeps for then has its buttons.
func (d sheetData) May() bool { return d.Refusal == nil || d.NotYet() }

// NotYet says whether the session's day is still to come.
func (d sheetData) NotYet() bool { return d.Refusal != nil && d.Refusal.Code == "session_not_yet" }

// Opens is when marks can be made, in milliseconds; 0: now, or never.
func (d sheetData) Opens() int64 {
	if !d.NotYet() {
		return 0
	}
	return d.Session.Day.At(0).UnixMilli()
}

// sheet is the list of a session, on which its trainer marks who is present.
func (s *Server) sheet(c *Ctx) error {
	d, err := s.sheetData(c)
	if err != nil {
		return err
	}
	c.keep = true
	return c.Page("attendance/sheet", d)
}

func (s *Server) sheetData(c *Ctx) (sheetData, error) {
	var d sheetData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	f := sheetFilter{Text: c.Query("q"), Show: c.Query("show")}
	if d.Sheet, err = s.attendance.Sheet(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	if d.Odd, err = s.attendance.Odd(c.Ctx(), id); err != nil {
		return d, err
	}
	d.Filter = f
	if d.Refusal != nil {
		d.Why = c.message(d.Refusal.Code, d.Refusal.Params)
	}
	signed, err := s.attendance.SignedSheets(c.Ctx(), c.Actor, d.Course.ID)
	if err != nil {
		return d, err
	}
	for _, x := range signed {
		if x.SessionID == id {
			d.Signed++
		}
	}
	rows := d.Find(f.Text)
	d.List = make([]views.AttendanceRow, 0, len(rows))
	for _, r := range rows {
		if f.Show == "" || r.Mark == models.MarkNone {
			d.List = append(d.List, views.AttendanceRow{ID: r.EnrolmentID, Name: r.Name, Sub: c.personSub(r, ""), Mark: string(r.Mark), Note: r.Note, At: written(r.MarkedAt), Odd: r.Disputed})
		}
	}
	for _, r := range d.Rows {
		d.Others = append(d.Others, views.Option{Value: strconv.FormatUint(r.EnrolmentID, 10), Label: r.Name})
	}
	for _, w := range d.WalkIns {
		d.Guests = append(d.Guests, views.GuestRow{UID: w.UID, Name: w.Name, Office: w.Office, Replaces: w.Replaces, Mark: string(w.Mark), Note: w.Note, At: written(w.MarkedAt)})
		if w.Mark.Attended() {
			d.Extra++
		}
	}
	for _, x := range d.Sessions {
		label := c.halfDay(x)
		if x.Cancelled {
			label = c.T("attendance.cancelled_tab", "session", label)
		}
		d.Halves = append(d.Halves, views.Link{Href: sheetPath(x.ID), Label: label, Current: x.ID == id})
	}
	return d, nil
}

// written is a time as scripts read it, to the last digit: a page says with it what it had seen.
func written(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// halfDay names a session by its day and half: sáng 24/11.
func (c *Ctx) halfDay(x models.Session) string { return i18n.HalfDay(c.Lang, x.Day, x.StartMinute) }

// personSub is the line under a name: birth year where names are the same, office, note.
func (c *Ctx) personSub(r attendance.Row, note string) string {
	sub := r.Office
	for i, x := range []string{c.born(r), note} {
		switch {
		case x == "":
		case sub == "":
			sub = x
		case i == 0:
			sub = x + " · " + sub // told apart first, since a long office is cut on a phone
		default:
			sub += " · " + x
		}
	}
	return sub
}

func (c *Ctx) born(r attendance.Row) string {
	if r.BirthYear == 0 {
		return ""
	}
	return c.T("attendance.born", "year", r.BirthYear)
}

func sheetPath(session uint64) string {
	return "/sessions/" + strconv.FormatUint(session, 10) + "/attendance"
}

// sheetTap marks one person, or all who have no mark, from a page without script: the button says whom and how
// (tap=ENROLMENT:MARK, tap=all:present). It goes back to where the person stands in the list.
func (s *Server) sheetTap(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	who, word, _ := strings.Cut(c.PostForm("tap"), ":")
	back := sheetPath(id)
	if q := c.Request.URL.RawQuery; q != "" {
		back += "?" + q
	}
	if who == "all" && word == string(models.MarkPresent) {
		r, err := s.attendance.AllPresent(c.Ctx(), c.Actor, id)
		if err != nil {
			return s.sheetRefused(c, err)
		}
		return c.Done(back, "attendance.all_done", "n", r.Attended)
	}
	if err := s.mark(c, id, who, word, ""); err != nil {
		return s.sheetRefused(c, err)
	}
	return c.Done(back+"#r"+url.PathEscape(who), "")
}

func (s *Server) sheetRefused(c *Ctx, err error) error {
	d, e := s.sheetData(c)
	if e != nil {
		return e
	}
	return c.Invalid("attendance/sheet", d, err)
}

// mark saves one mark of a form, about an enrolment or, by their uid, a walk-in. Its event's id follows from the form's request key, so that sending the form twice counts once
// while two buttons of one page are two events.
func (s *Server) mark(c *Ctx, session uint64, who, word, note string) error {
	m := attendance.MarkInput{Mark: models.MarkValue(word), Note: note}
	if id, err := strconv.ParseUint(who, 10, 63); err == nil {
		m.EnrolmentID = id
	} else if uuid.Validate(who) == nil {
		m.WalkInUID = who
	} else {
		return errs.Invalid("mark_unknown")
	}
	if word == "none" {
		m.Mark = models.MarkNone
	}
	if c.Actor.Key != "" {
		m.UID = uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join([]string{strconv.FormatUint(c.Actor.AccountID, 10), c.Actor.Key, strconv.FormatUint(session, 10),
			who, word, note}, "\x00"))).String()
	}
	_, err := s.attendance.Save(c.Ctx(), c.Actor, session, []attendance.MarkInput{m})
	return err
}

type markForm struct {
	Mark string `form:"mark" binding:"required,oneof=present late excused absent none"`
	Note string `form:"note" binding:"max=300"`
}

type markData struct {
	*attendance.History
	Why     string
	Born    string
	Choices []views.Option
	Form    markForm
	Events  []views.Event
	Odd     bool // two sources disagree
}

// circumstances says of a change where it came from, and what is to be known of its time.
func (c *Ctx) circumstances(x attendance.Change) string {
	said := []string{c.T("attendance.source." + x.Source)}
	if x.ReceivedAt.Sub(x.MarkedAt) > lateArrival {
		said = append(said, c.T("attendance.arrived", "when", i18n.Moment(c.Lang, x.ReceivedAt)))
	}
	if x.DeviceAt != nil && x.OffsetMS != nil && (*x.OffsetMS > wrongClock || *x.OffsetMS < -wrongClock) {
		said = append(said, c.T("attendance.device_clock", "when", i18n.Moment(c.Lang, *x.DeviceAt), "seconds", i18n.Num(c.Lang, *x.OffsetMS/1000)))
	}
	if x.Flag != "" {
		said = append(said, c.T("attendance.flag."+x.Flag))
	}
	return strings.Join(said, " ")
}

// wrongClock is from what difference on, in milliseconds, it is said that a phone's clock was wrong.
const wrongClock = 60_000

func (s *Server) markData(c *Ctx) (markData, error) {
	var d markData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	enrolment, err := c.ID("enrolment")
	if err != nil {
		return d, err
	}
	if d.History, err = s.attendance.History(c.Ctx(), c.Actor, id, enrolment); err != nil {
		return d, err
	}
	d.Born = c.born(d.Row)
	if d.Refusal != nil {
		d.Why = c.message(d.Refusal.Code, d.Refusal.Params)
	}
	d.Form = markForm{Mark: string(d.Row.Mark), Note: d.Row.Note}
	for _, m := range attendance.Marks {
		d.Choices = append(d.Choices, views.Option{Value: string(m), Label: c.T("mark." + string(m))})
	}
	d.Choices = append(d.Choices, views.Option{Value: "none", Label: c.T("mark.none")})
	if d.Form.Mark == "" {
		d.Form.Mark = "none"
	}
	for _, x := range d.Changes {
		e := views.Event{When: i18n.Moment(c.Lang, x.MarkedAt), Title: c.T("attendance.taken_back"), Body: x.Note, Who: x.Account}
		switch {
		case x.Mark.Attended():
			e.Title, e.Kind = c.T("mark."+string(x.Mark)), "good"
		case x.Mark != models.MarkNone:
			e.Title, e.Kind = c.T("mark."+string(x.Mark)), "warn"
		}
		switch x.Source {
		case attendance.SourceAll:
			e.Title += " " + c.T("attendance.by_all")
		case attendance.SourceScreen:
			e.Title += " " + c.T("checkin.by_own")
		case attendance.SourceBadge:
			e.Title += " " + c.T("checkin.by_badge")
		}
		switch {
		case x.Instead != nil:
			e.Title += ", " + c.T("makeup.at", "session", c.elsewhere(*x.Instead))
		case x.Source == attendance.SourceMakeUp:
			e.Title = c.T("makeup.taken_back_event")
		}
		switch {
		case x.Holds:
			e.Title += " " + c.T("attendance.holds")
		case x.Disputes:
			e.Title, e.Kind, d.Odd = e.Title+" "+c.T("attendance.disputes"), "warn", true
		case x.State == models.EventHeld:
			e.Title += " " + c.T("attendance.held_short")
		}
		e.Body = strings.TrimSpace(e.Body + " " + c.circumstances(x))
		d.Events = append(d.Events, e)
	}
	return d, nil
}

// markHistory shows a person's mark in a session, with every change, who made it and when; a note is written here.
func (s *Server) markHistory(c *Ctx) error {
	d, err := s.markData(c)
	if err != nil {
		return err
	}
	return c.Page("attendance/history", d)
}

// markSave saves a mark with its note.
func (s *Server) markSave(c *Ctx) error {
	d, err := s.markData(c)
	if err != nil {
		return err
	}
	if err := c.BindForm(&d.Form); err != nil {
		return c.Invalid("attendance/history", d, err)
	}
	if err := s.mark(c, d.Session.ID, strconv.FormatUint(d.Row.EnrolmentID, 10), d.Form.Mark, d.Form.Note); err != nil {
		return c.Invalid("attendance/history", d, err)
	}
	return c.Done(sheetPath(d.Session.ID)+"#r"+strconv.FormatUint(d.Row.EnrolmentID, 10), "attendance.saved_one", "name", d.Row.Name)
}

type reportData struct {
	*attendance.Report
	Heads  []views.Link // a column's session, as the language says it
	Subs   []string     // for each row, the line under the name
	Scores []string     // for each row, as the language writes it
}

// attendanceReport is who attended what of a course, with minutes and percent against the rule; it prints as a sheet.
func (s *Server) attendanceReport(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	r, err := s.attendance.Report(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	d := reportData{Report: r}
	for _, x := range r.Sessions {
		d.Heads = append(d.Heads, views.Link{Href: sheetPath(x.ID), Label: c.halfDay(x)})
	}
	for _, row := range r.Rows {
		d.Subs = append(d.Subs, c.personSub(row.Row, row.Row.Note))
		score := i18n.None
		if row.Score != nil {
			score = writtenPoints(c.Lang, *row.Score)
		}
		d.Scores = append(d.Scores, score)
	}
	return c.Page("attendance/report", d)
}
