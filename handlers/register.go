package handlers

import (
	"bytes"
	"cmp"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/page"
	"taphuan/app/workbook"
	"taphuan/models"
)

var registerColumns = columns[certificate.RegisterRow]{
	"year":   func(a, b certificate.RegisterRow) int { return cmp.Compare(a.Year, b.Year) },
	"symbol": func(a, b certificate.RegisterRow) int { return cmp.Compare(a.Symbol, b.Symbol) },
	"issuer": func(a, b certificate.RegisterRow) int {
		return cmp.Compare(wordOrder(a.IssuerName), wordOrder(b.IssuerName))
	},
	"used": func(a, b certificate.RegisterRow) int { return cmp.Compare(a.Used(), b.Used()) },
}

func (s *Server) registerRows(c *Ctx) ([]certificate.RegisterRow, error) {
	var asked sorting
	if err := c.bindQuery(&asked); err != nil {
		return nil, err
	}
	rows, err := s.certificate.Registers(c.Ctx(), c.Actor)
	registerColumns.sort(rows, asked)
	return rows, err
}

// registers lists the registers of the issuers in the actor's scope, by year.
func (s *Server) registers(c *Ctx) error {
	rows, err := s.registerRows(c)
	if err != nil {
		return err
	}
	return c.Page("register/list", shortList[certificate.RegisterRow]{rows})
}

// registersSheet gives the same as a workbook.
func (s *Server) registersSheet(c *Ctx) error {
	rows, err := s.registerRows(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("register.title"), Title: c.T("register.title"), Columns: []workbook.Column{{Head: c.T("certificate.symbol"), Kind: workbook.Code}, {Head: c.T("certificate.year"), Kind: workbook.Code},
		{Head: c.T("certificate.issuer"), Width: 40}, {Head: c.T("register.used"), Kind: workbook.Number}, {Head: c.T("register.standing"), Kind: workbook.Number}, {Head: c.T("certificate.states.replaced"), Kind: workbook.Number},
		{Head: c.T("certificate.states.revoked"), Kind: workbook.Number}, {Head: c.T("certificate.state"), Width: 16}, {Head: c.T("register.closed_day"), Kind: workbook.Day}, {Head: c.T("register.closed_by")}, {Head: "SHA-256", Width: 68}}}
	return c.Sheet("so-cap-giay-chung-nhan", sheet, func(row workbook.Row) error {
		for _, r := range rows {
			if err := row(r.Symbol, decimal(uint64(r.Year)), r.IssuerName, r.Used(), r.Standing(), r.Replaced, r.Revoked, c.registerState(r), closedDay(r), r.ClosedBy, r.ClosedSHA256); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Ctx) registerState(r certificate.RegisterRow) string {
	if r.ClosedAt != nil {
		return c.T("register.is_closed")
	}
	return c.T("register.is_open")
}

func closedDay(r certificate.RegisterRow) models.Day {
	if r.ClosedAt == nil {
		return 0
	}
	return models.DayOf(*r.ClosedAt)
}

type registerFilter struct {
	Text  string `form:"q" binding:"max=200"`
	State string `form:"state" binding:"omitempty,oneof=valid replaced revoked"`
	Check bool   `form:"check"` // whether what was signed off is still there
	page.Ask
}

type registerData struct {
	certificate.RegisterRow
	Entries  *page.Page[certificate.Entry]
	Form     registerFilter
	MayIssue bool
	Due      bool // its year has ended, and it has not been signed off
	Checked  bool
	Stands   bool // as far as it was checked
}

// registerRow is the register that the address names.
func (s *Server) registerRow(c *Ctx) (certificate.RegisterRow, error) {
	id, err := c.ID("id")
	if err != nil {
		return certificate.RegisterRow{}, err
	}
	return s.certificate.Register(c.Ctx(), c.Actor, id)
}

func (s *Server) registerData(c *Ctx) (registerData, error) {
	d := registerData{MayIssue: c.Actor.May(access.CertificateIssue)}
	var err error
	if err = c.bindQuery(&d.Form); err != nil {
		return d, err
	}
	if d.RegisterRow, err = s.registerRow(c); err != nil {
		return d, err
	}
	d.Due = d.ClosedAt == nil && d.Year < c.Today().Year()
	d.Entries, err = s.certificate.Entries(c.Ctx(), d.Register, certificate.EntryFilter{Text: d.Form.Text, State: models.CertificateState(d.Form.State)}, d.Form.Ask)
	return d, err
}

// registerShow shows a register in the order of its numbers; ?check=true takes the hash of one that was signed off again.
func (s *Server) registerShow(c *Ctx) error {
	d, err := s.registerData(c)
	if err != nil {
		return err
	}
	if d.Checked = d.Form.Check && d.ClosedAt != nil; d.Checked {
		if d.Stands, err = s.certificate.RegisterStands(c.Ctx(), d.Register); err != nil {
			return err
		}
	}
	return c.Page("register/show", d)
}

type registerCloseForm struct {
	Sure bool `form:"sure"`
}

// registerClose signs a register off, for good: it asks to be told that this is meant.
func (s *Server) registerClose(c *Ctx) error {
	d, err := s.registerData(c)
	if err != nil {
		return err
	}
	var f registerCloseForm
	if err = c.BindForm(&f); err == nil && !f.Sure {
		err = errs.OnField("sure", "register_unsure")
	}
	if err == nil {
		err = s.certificate.CloseRegister(c.Ctx(), c.Actor, d.ID)
	}
	if err != nil {
		return c.Invalid("register/show", d, err)
	}
	return c.Done("/registers/"+decimal(d.ID), "register.closed")
}

// registerPDF gives a register as a document to print.
func (s *Server) registerPDF(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	b, name, err := s.certificate.RegisterPDF(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", name, b)
}

// registerText gives what was signed off, to the byte whose SHA-256 is kept.
func (s *Server) registerText(c *Ctx) error {
	r, err := s.registerRow(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := s.certificate.SignedOff(c.Ctx(), r.Register, &b); err != nil {
		return err
	}
	return c.Bytes("application/jsonl", r.FileName()+".jsonl", b.Bytes())
}

// registerSheet gives a register as a workbook: the columns of the printed one in its order, and behind them those for whoever reckons.
func (s *Server) registerSheet(c *Ctx) error {
	r, err := s.registerRow(c)
	if err != nil {
		return err
	}
	title := c.T("certificate.register_sheet") + ": " + c.T("register.of", "symbol", r.Symbol, "year", r.Year) + ", " + r.IssuerName + ". "
	if r.ClosedAt == nil {
		title += c.T("register.is_open")
	} else {
		title += c.T("register.closed_title", "when", i18n.Day(c.Lang, closedDay(r)), "hash", r.ClosedSHA256)
	}
	sheet := workbook.Sheet{Name: r.Symbol, Title: title, Columns: []workbook.Column{{Head: c.T("register.number"), Kind: workbook.Number, Width: 8}, {Head: c.T("register.name"), Width: 28}, {Head: c.T("register.born"), Width: 14}, {Head: c.T("register.job"), Width: 28},
		{Head: c.T("certificate.organisation"), Width: 40}, {Head: c.T("certificate.course"), Width: 44}, {Head: c.T("register.from")}, {Head: c.T("register.to")}, {Head: c.T("certificate.serial"), Kind: workbook.Code, Width: 24}, {Head: c.T("certificate.issued_day"), Kind: workbook.Day},
		{Head: c.T("certificate.signatory"), Width: 28}, {Head: c.T("register.received_by"), Width: 28}, {Head: c.T("register.received_day"), Kind: workbook.Day}, {Head: c.T("certificate.state"), Width: 16}, {Head: c.T("certificate.ended_day"), Kind: workbook.Day},
		{Head: c.T("certificate.reason"), Width: 40}, {Head: c.T("certificate.ended_by"), Width: 28}, {Head: c.T("register.replaces"), Kind: workbook.Code, Width: 24}, {Head: c.T("register.replaced_by"), Kind: workbook.Code, Width: 24}, {Head: c.T("register.late"), Width: 16}, {Head: c.T("register.hash"), Width: 68}}}
	return c.Sheet(r.FileName(), sheet, func(row workbook.Row) error {
		return s.certificate.EachEntry(c.Ctx(), r.Register, func(list []certificate.Entry) error {
			for _, e := range list {
				x := e.Says
				late := ""
				if e.Late {
					late = c.T("ui.yes")
				}
				if err := row(e.Number, x.Name, x.Field("born"), x.Title, x.Organisation, x.CourseTitle, x.Field("from"), x.Field("to"), e.Serial, e.IssuedDay, x.SignName, e.ReceivedBy, e.ReceivedDay,
					c.T("certificate.states."+string(e.State)), e.EndedDay, e.EndReason, e.EndedBy, e.Replaces, e.ReplacedBy, late, e.SHA256); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
