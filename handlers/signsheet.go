package handlers

import (
	"net/url"
	"strconv"

	"taphuan/app/attendance"
	"taphuan/app/file"
	"taphuan/models"
	"taphuan/views"
)

// signForm are the columns that somebody wants on sign-in sheets.
type signForm struct {
	Materials bool   `form:"materials"`
	Allowance bool   `form:"allowance"`
	Column1   string `form:"column1" binding:"max=1000"`
	Column2   string `form:"column2" binding:"max=1000"`
}

func (f signForm) columns() attendance.SignColumns {
	return attendance.SignColumns{Materials: f.Materials, Allowance: f.Allowance, Free: [2]string{f.Column1, f.Column2}}
}

// query gives the choice as the addresses of the sheets have it.
func (f signForm) query() string {
	q := url.Values{}
	for name, on := range map[string]bool{"materials": f.Materials, "allowance": f.Allowance} {
		if on {
			q.Set(name, "true")
		}
	}
	for name, text := range map[string]string{"column1": f.Column1, "column2": f.Column2} {
		if text != "" {
			q.Set(name, text)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

type signData struct {
	*attendance.SignPage
	Form   signForm
	Query  string // of the sheets with the chosen columns
	Tabs   []views.Link
	Why    string // why nothing can be handed in
	Closed bool
}

func (s *Server) signData(c *Ctx) (d signData, wrong, err error) {
	id, err := c.ID("id")
	if err != nil {
		return d, nil, err
	}
	if c.Request.Method == "GET" {
		wrong = c.BindForm(&d.Form)
	}
	if d.SignPage, err = s.attendance.SignPage(c.Ctx(), c.Actor, id, d.Form.columns()); err != nil {
		return d, nil, err
	}
	if wrong == nil {
		wrong = d.Wrong
	}
	d.Query, d.Closed = d.Form.query(), d.Course.State == models.CourseClosed
	if d.Refusal != nil {
		d.Why = c.message(d.Refusal.Code, d.Refusal.Params)
	}
	for _, x := range d.Sessions {
		d.Tabs = append(d.Tabs, views.Link{Href: signPath(x.ID) + d.Query, Label: c.halfDay(x), Current: x.ID == id})
	}
	return d, wrong, nil
}

func signPath(session uint64) string {
	return "/sessions/" + strconv.FormatUint(session, 10) + "/sheet"
}

// signPage offers the sign-in sheet of a session with the columns that are wanted, and takes back what was signed.
func (s *Server) signPage(c *Ctx) error {
	d, wrong, err := s.signData(c)
	if err != nil {
		return err
	}
	if wrong != nil {
		return c.Invalid("attendance/sign", d, wrong)
	}
	return c.Page("attendance/sign", d)
}

// signSheet gives the sign-in sheet of a session for printing.
func (s *Server) signSheet(c *Ctx) error {
	return s.signFile(c, func(id uint64, x attendance.SignColumns) ([]byte, string, error) {
		return s.attendance.SignSheet(c.Ctx(), c.Actor, id, x)
	})
}

// signSheets gives the sign-in sheets of all sessions of a course.
func (s *Server) signSheets(c *Ctx) error {
	return s.signFile(c, func(id uint64, x attendance.SignColumns) ([]byte, string, error) {
		return s.attendance.SignSheets(c.Ctx(), c.Actor, id, x)
	})
}

func (s *Server) signFile(c *Ctx, draw func(id uint64, x attendance.SignColumns) ([]byte, string, error)) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var f signForm
	if err := c.BindForm(&f); err != nil {
		return err
	}
	b, name, err := draw(id, f.columns())
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", name, b)
}

// signedAttach keeps a photograph or scan of a signed sheet.
func (s *Server) signedAttach(c *Ctx) error {
	d, _, err := s.signData(c)
	if err != nil {
		return err
	}
	scan, refusal := scanOf(c)
	if refusal == nil && scan == nil {
		scan = &file.Upload{}
	}
	if refusal == nil {
		refusal = s.attendance.Attach(c.Ctx(), c.Actor, d.Session.ID, *scan)
	}
	if refusal != nil {
		return c.Invalid("attendance/sign", d, refusal)
	}
	return c.Done(signPath(d.Session.ID)+"#signed", "sign.attached")
}

// signedShow gives a signed sheet.
func (s *Server) signedShow(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	f, err := s.attendance.SignedSheet(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.Bytes(f.ContentType, f.Name, f.Body)
}

// signedRemove takes a signed sheet away.
func (s *Server) signedRemove(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	session, err := s.attendance.Detach(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.Done(signPath(session)+"#signed", "sign.removed")
}
