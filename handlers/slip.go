package handlers

import (
	"cmp"
	"encoding/base64"
	"html/template"
	"net/url"
	"strconv"

	"rsc.io/qr"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/settings"
	"taphuan/app/workbook"
)

func decimal(id uint64) string { return strconv.FormatUint(id, 10) }

func accountPath(id uint64) string { return "/accounts/" + decimal(id) }

type slipOfficeFilter struct {
	Text string `form:"q" binding:"max=200"`
	sorting
}

type slipOfficeData struct {
	shortList[access.SlipOffice]
	Without int
	Text    string
}

var slipOfficeColumns = columns[access.SlipOffice]{
	"name":    func(a, b access.SlipOffice) int { return cmp.Compare(wordOrder(a.Name), wordOrder(b.Name)) },
	"people":  func(a, b access.SlipOffice) int { return cmp.Compare(a.People, b.People) },
	"without": func(a, b access.SlipOffice) int { return cmp.Compare(a.Without, b.Without) },
}

func (s *Server) slipOfficeData(c *Ctx) (d slipOfficeData, err error) {
	var f slipOfficeFilter
	if err := c.BindForm(&f); err != nil {
		return d, err
	}
	list, err := s.access.SlipOffices(c.Ctx(), c.Actor)
	d.Text = f.Text
	for _, o := range list {
		if matches(o.Code+" "+o.Name, f.Text) {
			d.Rows = append(d.Rows, o)
			d.Without += o.Without
		}
	}
	slipOfficeColumns.sort(d.Rows, f.sorting)
	return d, err
}

// slipOffices lists the offices in scope with how many of their cadres cannot sign in yet; ?org= shows one office.
func (s *Server) slipOffices(c *Ctx) error {
	org, err := c.queryID("org")
	if err != nil {
		return err
	}
	if org != 0 {
		d, err := s.slipRows(c, org)
		if err != nil {
			return err
		}
		return c.Page("slip/office", d)
	}
	d, err := s.slipOfficeData(c)
	if err != nil {
		return err
	}
	return c.Page("slip/list", d)
}

// slipOfficeSheet gives the offices with how many cannot sign in yet as a workbook.
func (s *Server) slipOfficeSheet(c *Ctx) error {
	d, err := s.slipOfficeData(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("slip.title"), Title: c.T("slip.title"), Columns: []workbook.Column{{Head: c.T("slip.office"), Width: 44}, {Head: c.T("roster.code"), Kind: workbook.Code},
		{Head: c.T("slip.people"), Kind: workbook.Number}, {Head: c.T("slip.without"), Kind: workbook.Number}}}
	return c.Sheet("phieu-dang-nhap", sheet, func(row workbook.Row) error {
		for _, o := range d.Rows {
			if err := row(o.Name, o.Code, o.People, o.Without); err != nil {
				return err
			}
		}
		return nil
	})
}

type slipRowsData struct {
	Org    access.SlipOffice
	Rows   []access.SlipRow
	Needed int // who cannot sign in yet and has no slip
	Chosen map[uint64]bool
}

func (s *Server) slipRows(c *Ctx, org uint64) (slipRowsData, error) {
	o, rows, err := s.access.SlipRows(c.Ctx(), c.Actor, org)
	if err != nil {
		return slipRowsData{}, err
	}
	d := slipRowsData{Org: access.SlipOffice{ID: o.ID, Code: o.Code, Name: o.Name, People: len(rows)}, Rows: rows, Chosen: map[uint64]bool{}}
	for _, r := range rows {
		if r.State == access.SlipNoAccount || r.State == access.SlipNoPassword {
			d.Needed++
			d.Chosen[r.CadreID] = true
		}
	}
	return d, nil
}

type slipForm struct {
	Org uint64   `form:"org" binding:"required"`
	IDs []uint64 `form:"id"`
}

// slipMake makes slips for the chosen cadres of an office and shows them for printing, once.
func (s *Server) slipMake(c *Ctx) error {
	var f slipForm
	if err := c.BindForm(&f); err != nil {
		return err
	}
	slips, err := s.access.MakeSlips(c.Ctx(), c.Actor, f.Org, f.IDs)
	if err != nil {
		d, e := s.slipRows(c, f.Org)
		if e != nil {
			return e
		}
		d.Chosen = map[uint64]bool{}
		for _, id := range f.IDs {
			d.Chosen[id] = true
		}
		return c.Invalid("slip/office", d, err)
	}
	return s.slipPrint(c, slips, "/slips?org="+decimal(f.Org))
}

// accountSlip makes a slip for one account.
func (s *Server) accountSlip(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	slip, err := s.access.MakeAccountSlip(c.Ctx(), c.Actor, id)
	if err != nil {
		d, e := s.accountShowData(c)
		if e != nil {
			return e
		}
		return c.Invalid("account/show", d, err)
	}
	return s.slipPrint(c, []access.Slip{slip}, accountPath(id))
}

type slipPrintData struct {
	Slips    []printedSlip
	Settings settings.Settings
	Address  string // where codes are typed in
	Back     string
}

type printedSlip struct {
	access.Slip
	QR template.URL // a picture that opens the address with the code
}

func (s *Server) slipPrint(c *Ctx, slips []access.Slip, back string) error {
	set, err := s.settings.Get(c.Ctx())
	if err != nil {
		return err
	}
	d := slipPrintData{Settings: set, Back: back, Address: s.publicLink(c, set, "/slip")}
	for _, x := range slips {
		code, err := qr.Encode(d.Address+"?c="+url.QueryEscape(x.Code), qr.M)
		if err != nil {
			return errs.Internal("qr", err)
		}
		code.Scale = 4
		d.Slips = append(d.Slips, printedSlip{Slip: x, QR: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG()))})
	}
	return c.Page("slip/print", d)
}

// publicLink gives the address under which people reach a local path: the public address that is set, else the one of this request.
func (s *Server) publicLink(c *Ctx, set settings.Settings, path string) string {
	if set.PublicURL != "" {
		return set.Link(path)
	}
	scheme := "http"
	if c.Request.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.Request.Host + path
}

type slipUseForm struct {
	Code     string `form:"code" binding:"required,max=40"`
	Password string `form:"password" binding:"required,max=1000"`
	Again    string `form:"again" binding:"max=1000"`
	Shared   bool   `form:"shared"`
}

// slipUsePage asks for a code and a new password; a QR code brings the code along.
func (s *Server) slipUsePage(c *Ctx) error {
	code := c.Query("c")
	if len(code) > 40 {
		code = ""
	}
	return c.Page("slip/use", slipUseForm{Code: code})
}

// slipUse sets the password with a slip's code and signs in.
func (s *Server) slipUse(c *Ctx) error {
	var f slipUseForm
	if err := c.BindForm(&f); err != nil {
		return c.Invalid("slip/use", f, err)
	}
	if f.Again != f.Password {
		return c.Invalid("slip/use", f, errs.OnField("again", "password_differs"))
	}
	by := c.Actor.By
	by.AccountID = 0
	a, err := s.access.UseSlip(c.Ctx(), by, f.Code, f.Password)
	if err != nil {
		return c.Invalid("slip/use", f, err)
	}
	name, err := s.access.SignInNameOf(c.Ctx(), a.ID)
	if err != nil {
		return err
	}
	s.sessions.Put(c.Ctx(), sessionFlash, "done\x00"+c.T("slip.used", "name", a.Name, "sign_in", name))
	return c.begin(a, f.Shared, "/")
}
