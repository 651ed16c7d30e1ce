package handlers

import (
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"taphuan/app/attendance"
)

// screenData is what the screen of a hall shows. The key of its codes stands in the page and nowhere else.
type screenData struct {
	*attendance.Screen
	Base string       // the address before a code
	QR   template.URL // of the code of this moment, for browsers without scripts
	Step int64        // milliseconds that a code lasts on the screen
	Why  string       // why nobody can check in now
}

// screen is the page for the screen of the hall: a large code that changes every fifteen seconds.
func (s *Server) screen(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	d := screenData{Step: attendance.CodeStep.Milliseconds()}
	if d.Screen, err = s.attendance.Screen(c.Ctx(), c.Actor, id); err != nil {
		return err
	}
	if d.Refusal != nil {
		d.Why = c.message(d.Refusal.Code, d.Refusal.Params)
	}
	if d.Base, err = s.publicBase(c); err != nil {
		return err
	}
	d.Base += attendance.CodePath
	if d.QR, err = qrImage(d.Base + d.Code); err != nil {
		return err
	}
	return c.Page("checkin/screen", d)
}

// publicBase is the address under which phones reach the site: the one that administrators set, else the one that was asked for.
func (s *Server) publicBase(c *Ctx) (string, error) {
	set, err := s.settings.Get(c.Ctx())
	if err != nil {
		return "", err
	}
	switch {
	case set.PublicURL != "":
		return strings.TrimSuffix(set.PublicURL, "/"), nil
	case s.overTLS(c.Request):
		return "https://" + c.Request.Host, nil
	}
	return "http://" + c.Request.Host, nil
}

// screenState answers the screen's script: the server's clock, how many are there, and which key holds.
type screenState struct {
	Now      time.Time `json:"now"`
	Attended int       `json:"attended"`
	Total    int       `json:"total"`
	Turn     int       `json:"turn"`
	Why      string    `json:"why"` // why nobody can check in now; "" they can
}

func (s *Server) screenState(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	x, err := s.attendance.Screen(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	out := screenState{Now: s.DB.Time(), Attended: x.Attended, Total: x.Total, Turn: x.Session.ScreenTurn}
	if x.Refusal != nil {
		out.Why = c.message(x.Refusal.Code, x.Refusal.Params)
	}
	return c.OK(http.StatusOK, out)
}

func screenPath(session uint64) string {
	return "/sessions/" + strconv.FormatUint(session, 10) + "/screen"
}

// screenRenew gives the session another key, so that codes of before are worth nothing.
func (s *Server) screenRenew(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := s.attendance.RenewScreen(c.Ctx(), c.Actor, id); err != nil {
		return err
	}
	return c.Done(screenPath(id), "checkin.renewed")
}
