package handlers

import (
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/invitation"
	"taphuan/app/namecheck"
	"taphuan/models"
	"taphuan/views"
)

type invitationFilter struct {
	Show string `form:"show" binding:"omitempty,oneof=confirmed declined silent uninvited paper"`
	Page int    `form:"page" binding:"min=0,max=1000000"`
}

type letterForm struct {
	Number    string `form:"number" binding:"max=1000"`
	Documents string `form:"documents" binding:"max=4000"`
	Contact   string `form:"contact" binding:"max=2000"`
	Signatory uint64 `form:"signatory"`
	Version   int    `form:"version"`
}

type invitationData struct {
	*invitation.List
	Form        invitationFilter
	Letter      letterForm
	Size        int
	May         bool // the actor invites, and the course takes people
	Writes      bool // the actor may change and print letters
	Signatories []views.Option
	Settings    string // where the mail server is set, "" for whoever may not
}

func (s *Server) invitationData(c *Ctx) (invitationData, error) {
	d := invitationData{Size: invitation.PageSize}
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if err := c.bindQuery(&d.Form); err != nil {
		return d, err
	}
	if d.List, err = s.invitation.List(c.Ctx(), c.Actor, id, invitation.Filter{Show: d.Form.Show, Page: d.Form.Page}); err != nil {
		return d, err
	}
	l := d.List.Letter
	d.Letter = letterForm{Number: l.Number, Documents: l.Documents, Contact: l.Contact, Version: l.Version}
	if l.SignatoryID != nil {
		d.Letter.Signatory = *l.SignatoryID
	}
	takes := d.Course.State == models.CourseOpen || d.Course.State == models.CourseRunning
	d.Writes = c.Actor.May(access.EnrolmentWrite)
	d.May = takes && d.Writes
	if c.Actor.May(access.SettingsWrite) {
		d.Settings = "/settings#mail"
	}
	if d.Writes {
		d.Signatories, err = s.signatoryOptions(c)
	}
	return d, err
}

// invitationList shows who of a course is invited and what they answered.
func (s *Server) invitationList(c *Ctx) error {
	d, err := s.invitationData(c)
	if err != nil {
		return err
	}
	return c.Page("invitation/list", d)
}

// invitationSend invites everybody who has a seat and is not invited yet.
func (s *Server) invitationSend(c *Ctx) error {
	d, err := s.invitationData(c)
	if err != nil {
		return err
	}
	r, err := s.invitation.Invite(c.Ctx(), c.Actor, d.Course.ID, nil)
	if err != nil {
		return c.Invalid("invitation/list", d, err)
	}
	return c.Done(invitationPath(d.Course.ID), "invitation.done", "text", c.invitedText(r))
}

// invitedText says what inviting did.
func (c *Ctx) invitedText(r invitation.Result) string {
	var said []string
	if r.Mailed > 0 {
		said = append(said, c.T("invitation.mailed", "n", r.Mailed))
	}
	if r.Paper > 0 {
		said = append(said, c.T("invitation.on_paper", "n", r.Paper))
	}
	if r.Already > 0 {
		said = append(said, c.T("invitation.already", "n", r.Already))
	}
	return strings.Join(said, " ")
}

func invitationPath(courseID uint64) string {
	return "/courses/" + strconv.FormatUint(courseID, 10) + "/invitations"
}

// letterSave sets what the letters say beside the course.
func (s *Server) letterSave(c *Ctx) error {
	d, err := s.invitationData(c)
	if err != nil {
		return err
	}
	var f letterForm
	if err = c.BindForm(&f); err == nil {
		err = s.invitation.SaveLetter(c.Ctx(), c.Actor, d.Course.ID, invitation.Letter{Number: f.Number, Documents: f.Documents, Contact: f.Contact, SignatoryID: f.Signatory, Version: f.Version})
	}
	if err != nil {
		d.Letter = f
		return c.Invalid("invitation/list", d, err)
	}
	return c.Done(invitationPath(d.Course.ID), "invitation.letter_saved")
}

// invitationResend sends once more what the mail server refused.
func (s *Server) invitationResend(c *Ctx) error {
	d, err := s.invitationData(c)
	if err != nil {
		return err
	}
	n, err := s.invitation.Resend(c.Ctx(), c.Actor, d.Course.ID)
	if err != nil {
		return c.Invalid("invitation/list", d, err)
	}
	return c.Done(invitationPath(d.Course.ID), "invitation.resent", "n", n)
}

// lettersPDF gives the letters of a course in one file for printing.
func (s *Server) lettersPDF(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	b, name, err := s.invitation.Letters(c.Ctx(), c.Actor, id, c.Query("via") == string(models.ViaPaper))
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", name, b)
}

// letterPDF gives one person's letter.
func (s *Server) letterPDF(c *Ctx) error { return s.letter(c, access.NominationRead) }

// ownLetterPDF gives a cadre the own letter.
func (s *Server) ownLetterPDF(c *Ctx) error { return s.letter(c, access.OwnRead) }

func (s *Server) letter(c *Ctx, p access.Permission) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	b, name, err := s.invitation.Letter(c.Ctx(), c.Actor, p, id)
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", name, b)
}

const calendarType = "text/calendar; charset=utf-8"

// calendarFile gives the calendar file of a course.
func (s *Server) calendarFile(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	b, name, err := s.invitation.Calendar(c.Ctx(), c.Actor, access.CourseRead, id)
	if err != nil {
		return err
	}
	return c.Bytes(calendarType, name, b)
}

// ownCalendarFile gives a cadre the calendar file of an own course.
func (s *Server) ownCalendarFile(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	b, name, err := s.invitation.OwnCalendar(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.Bytes(calendarType, name, b)
}

type declineForm struct {
	Reason     string `form:"reason" binding:"max=2000"`
	Substitute uint64 `form:"substitute"`
	Name       string `form:"substitute_name" binding:"max=1000"`
}

type ownInvitationData struct {
	*invitation.Own
	Form       declineForm
	Substitute []views.Option    // colleagues
	Named      string            // who was named
	Badge      *badgeData        // to be scanned at the door; nil: without a seat, or over
	Name       *namecheck.Person // the own name as a certificate will print it; nil where there is nothing to check
	NameFrom   models.Day        // from when on silence counts as consent
	NameForm   *nameForm         // that was refused
}

// Enrolled says whether the reader has a seat.
func (d ownInvitationData) Enrolled() bool { return d.Enrolment.State == models.EnrolmentEnrolled }

func (s *Server) ownInvitationData(c *Ctx) (ownInvitationData, error) {
	var d ownInvitationData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if d.Own, err = s.invitation.Own(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	d.Named = d.Own.Substitute
	for _, x := range d.Colleagues {
		label := x.Name
		if x.Title != "" {
			label += ", " + x.Title
		}
		if x.Busy != 0 {
			label += " (" + c.T("invitation.substitute_busy", "day", x.Busy) + ")"
		}
		d.Substitute = append(d.Substitute, views.Option{Value: strconv.FormatUint(x.ID, 10), Label: label})
	}
	if d.Enrolled() && (d.Course.State == models.CourseOpen || d.Course.State == models.CourseRunning) {
		if d.Badge, err = s.badgeData(c, id); err != nil {
			return d, err
		}
	}
	if d.Name, err = s.names.OwnOf(c.Ctx(), c.Actor, id); err == nil && d.Name != nil {
		d.NameFrom = d.Name.Standing().From()
	}
	return d, err
}

// ownInvitation shows a cadre the invitation to an own course, where it can be answered.
func (s *Server) ownInvitation(c *Ctx) error {
	d, err := s.ownInvitationData(c)
	if err != nil {
		return err
	}
	return c.Page("invitation/own", d)
}

// invitationConfirm says that the cadre will come.
func (s *Server) invitationConfirm(c *Ctx) error {
	return s.ownReply(c, "invitation.confirmed", func(id uint64, _ declineForm) error { return s.invitation.Confirm(c.Ctx(), c.Actor, id) })
}

// invitationDecline says that the cadre cannot come, and perhaps who could.
func (s *Server) invitationDecline(c *Ctx) error {
	return s.ownReply(c, "invitation.declined", func(id uint64, f declineForm) error {
		return s.invitation.Decline(c.Ctx(), c.Actor, id, invitation.Decline{Reason: f.Reason, SubstituteID: f.Substitute, SubstituteName: f.Name})
	})
}

func (s *Server) ownReply(c *Ctx, message string, do func(uint64, declineForm) error) error {
	d, err := s.ownInvitationData(c)
	if err != nil {
		return err
	}
	var f declineForm
	if err = c.BindForm(&f); err == nil {
		err = do(d.Enrolment.ID, f)
	}
	if errs.Is(err, "reply_late") || errs.Is(err, "reply_no_seat") {
		if d, err2 := s.ownInvitationData(c); err2 == nil { // as it is now
			return c.Invalid("invitation/own", d, err)
		}
	}
	if err != nil {
		d.Form = f
		return c.Invalid("invitation/own", d, err)
	}
	return c.Done("/my/enrolments/"+strconv.FormatUint(d.Enrolment.ID, 10), message)
}
