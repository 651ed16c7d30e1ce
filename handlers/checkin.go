package handlers

import (
	"encoding/base64"
	"html/template"
	"net"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"rsc.io/qr"

	"taphuan/app/attendance"
	"taphuan/app/badge"
	"taphuan/app/errs"
)

const (
	browserCookie = "device" // a browser's own id, by which check-ins from one phone are known as such
	ticketCookie  = "ticket" // what the screen's code was exchanged for
	checkInPath   = "/check-in"
)

// checkInData is what somebody sees who has scanned the code on a hall's screen.
type checkInData struct {
	*attendance.CheckIn        // nil: without a ticket
	Other               bool   // somebody else types the personal code on this phone
	Ask                 bool   // for the personal code
	Auto                bool   // the page's script may send the form by itself
	Why                 string // why nobody can check in any more
	Next                string // where to come back to after signing in
}

// Marked says whether the person of this phone is marked present by now.
func (d checkInData) Marked() *attendance.Guest {
	switch {
	case d.CheckIn == nil || d.Other:
	case d.Done != nil:
		return d.Done
	case d.Own != nil && d.Own.Mark.Attended():
		return d.Own
	}
	return nil
}

// browserID gives the id of the browser, a new one where it has none, and has it kept for a year.
func (c *Ctx) browserID() string {
	id, err := c.Cookie(browserCookie)
	if err != nil || len(id) != 36 || uuid.Validate(id) != nil {
		id = uuid.NewString()
	}
	http.SetCookie(c.Writer, &http.Cookie{Name: browserCookie, Value: id, Path: "/", MaxAge: cookieYear, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return id
}

// ticket reads the ticket that the browser holds.
func (c *Ctx) ticket() (attendance.Ticket, error) {
	sealed, _ := c.Cookie(ticketCookie) // without one there is none to read
	device, _ := c.Cookie(browserCookie)
	return c.s.attendance.OpenTicket(sealed, device)
}

func (c *Ctx) keepTicket(t attendance.Ticket) error {
	sealed, err := c.s.attendance.SealTicket(t)
	if err != nil {
		return err
	}
	http.SetCookie(c.Writer, &http.Cookie{Name: ticketCookie, Value: sealed, Path: "/", MaxAge: int(attendance.TicketLasts.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return nil
}

// checkInCode takes the code of a hall's screen, exchanges it for a ticket and leads away from its address. It marks nobody.
func (s *Server) checkInCode(c *Ctx) error {
	t, err := s.attendance.Arrive(c.Ctx(), c.Param("code"), c.browserID())
	if errs.Is(err, "check_in_code") { // as for every address that leads to nothing
		p := c.page(checkInData{})
		p.Error = c.message("check_in_code", nil)
		return c.render(http.StatusNotFound, "checkin/show", p)
	}
	if err != nil {
		return c.Invalid("checkin/show", checkInData{}, err)
	}
	if err := c.keepTicket(t); err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, checkInPath)
	return nil
}

func (s *Server) checkInData(c *Ctx, t attendance.Ticket) (d checkInData, err error) {
	d = checkInData{Other: c.Query("other") != "", Next: checkInPath}
	if d.CheckIn, err = s.attendance.CheckInOf(c.Ctx(), c.Actor, t); err != nil {
		return d, err
	}
	if d.Refusal != nil {
		d.Why = c.message(d.Refusal.Code, d.Refusal.Params)
	}
	d.Ask = d.Other || d.Own == nil
	d.Auto = !d.Ask && d.Marked() == nil && d.Refusal == nil
	return d, nil
}

// checkInPage asks whoever holds a ticket to confirm, to sign in or to type the personal code; afterwards it says that they are marked.
func (s *Server) checkInPage(c *Ctx) error {
	t, err := c.ticket()
	if err != nil { // the page says how to get one
		return c.Page("checkin/show", checkInData{})
	}
	d, err := s.checkInData(c, t)
	if err != nil {
		return err
	}
	return c.Page("checkin/show", d)
}

type checkInForm struct {
	Code string `form:"code" binding:"max=100"`
	By   string `form:"by" binding:"omitempty,oneof=code"` // the form asks for the personal code
}

// checkIn marks the holder of the ticket present.
func (s *Server) checkIn(c *Ctx) error {
	t, err := c.ticket()
	if err != nil {
		return c.Invalid("checkin/show", checkInData{}, err)
	}
	var f checkInForm
	if err = c.BindForm(&f); err == nil && f.By == "code" && strings.TrimSpace(f.Code) == "" {
		err = errs.OnField("code", "check_in_personal_missing")
	}
	if err == nil {
		t, err = s.attendance.CheckIn(c.Ctx(), c.Actor, t, f.Code, s.addressOf(c.Request))
	}
	if err != nil {
		d, e := s.checkInData(c, t)
		if e != nil {
			return e
		}
		d.Auto, d.Ask = false, d.Ask || f.By == "code"
		return c.Invalid("checkin/show", d, err)
	}
	if err := c.keepTicket(t); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, checkInPath)
	return nil
}

// addressOf is where a request came from, as far as a trusted proxy says.
func (s *Server) addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if list := strings.Split(r.Header.Get("X-Forwarded-For"), ","); s.trusts(r.RemoteAddr) && len(list) > 0 {
		if last := strings.TrimSpace(list[len(list)-1]); net.ParseIP(last) != nil {
			return last
		}
	}
	return host
}

// badgePage is where the QR code of a badge leads an ordinary camera: it says what the code is for, and nothing of whose it is.
func (s *Server) badgePage(c *Ctx) error {
	if !badge.Is(s.Keys, c.Param("code")) {
		return errs.NotFound("badge")
	}
	return c.Page("checkin/badge", nil)
}

// badgeData is a badge as its owner's phone shows it.
type badgeData struct {
	QR   template.URL
	Code string // the personal code
}

func (s *Server) badgeData(c *Ctx, enrolment uint64) (*badgeData, error) {
	base, err := s.publicBase(c)
	if err != nil {
		return nil, err
	}
	d := &badgeData{Code: badge.Code(s.Keys, enrolment)}
	d.QR, err = qrImage(base + badge.Path + badge.Token(s.Keys, enrolment))
	return d, err
}

// qrImage gives a QR code as an address for an image.
func qrImage(text string) (template.URL, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", errs.Internal("qr", err)
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())), nil
}
