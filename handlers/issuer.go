package handlers

import (
	"cmp"
	"strconv"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type issuerForm struct {
	Organisation string `form:"organisation" binding:"required,max=40"`
	Superior     string `form:"superior"`
	Name         string `form:"name"`
	Place        string `form:"place"`
	Symbol       string `form:"symbol"`
	Template     string `form:"template_id"`
}

type signatoryForm struct {
	Issuer    uint64 `form:"issuer" binding:"required"`
	Name      string `form:"sign_name"`
	Title     string `form:"sign_title"`
	Form      string `form:"form"`
	FormTitle string `form:"form_title"`
}

type issuerData struct {
	Issuers       shortList[certificate.IssuerRow]
	Organisations []views.Option
	Options       []views.Option // issuers
	Issuer        issuerForm
	Changed, Code string         // name and organisation of the issuer that is being changed, "" for a new one
	Templates     []views.Option // that it may choose
	Coming        map[uint64]models.Template
	Signatory     signatoryForm
	For           *certificate.Standing // the course whose certificates wait for this, nil for none
}

// Look is the template of an issuer's certificates.
func (d issuerData) Look(i certificate.IssuerRow) models.Template {
	if i.TemplateID == nil {
		return d.Coming[0]
	}
	return d.Coming[*i.TemplateID]
}

var issuerColumns = columns[certificate.IssuerRow]{
	"name":        func(a, b certificate.IssuerRow) int { return cmp.Compare(wordOrder(a.Name), wordOrder(b.Name)) },
	"place":       func(a, b certificate.IssuerRow) int { return cmp.Compare(wordOrder(a.Place), wordOrder(b.Place)) },
	"symbol":      func(a, b certificate.IssuerRow) int { return cmp.Compare(a.Symbol, b.Symbol) },
	"signatories": func(a, b certificate.IssuerRow) int { return cmp.Compare(len(a.Signatories), len(b.Signatories)) },
}

func (s *Server) issuerRows(c *Ctx) ([]certificate.IssuerRow, error) {
	var asked sorting
	if err := c.bindQuery(&asked); err != nil {
		return nil, err
	}
	rows, err := s.certificate.Issuers(c.Ctx())
	issuerColumns.sort(rows, asked)
	return rows, err
}

func (s *Server) issuerData(c *Ctx) (issuerData, error) {
	var d issuerData
	var err error
	if d.Issuers.Rows, err = s.issuerRows(c); err != nil {
		return d, err
	}
	var chosen *uint64
	for _, i := range d.Issuers.Rows {
		if i.Code == c.Query("organisation") {
			d.Changed, d.Code, chosen = i.Name, i.Code, i.TemplateID
			d.Issuer = issuerForm{Organisation: i.Code, Superior: i.Superior, Name: i.Name, Place: i.Place, Symbol: i.Symbol}
			if chosen != nil {
				d.Issuer.Template = decimal(*chosen)
			}
		}
		d.Options = append(d.Options, views.Option{Value: strconv.FormatUint(i.OrganisationID, 10), Label: i.Name})
	}
	if len(d.Issuers.Rows) == 0 { // the first is most likely the one that the settings name
		set, err := s.settings.Get(c.Ctx())
		if err != nil {
			return d, err
		}
		d.Issuer.Superior, d.Issuer.Name = set.IssuerParent, set.IssuerName
	}
	id, err := c.queryID("course")
	if err != nil {
		return d, err
	}
	if id != 0 {
		if d.For, err = s.certificate.Standing(c.Ctx(), c.Actor, id); err != nil {
			return d, err
		}
	}
	if d.Templates, err = s.templateOptions(c, chosen); err != nil {
		return d, err
	}
	if d.Coming, err = s.template.Coming(c.Ctx()); err != nil {
		return d, err
	}
	orgs, err := s.roster.Organisations(c.Ctx(), c.Actor, access.RosterRead, c.Today())
	for _, o := range orgs {
		d.Organisations = append(d.Organisations, views.Option{Value: o.Code, Label: o.Name, Depth: o.Depth, Disabled: o.Kind.IsTotal()})
	}
	return d, err
}

// issuersPath is the page of issuers; whoever came from a course's certificates keeps the way back to them.
func issuersPath(c *Ctx) string {
	if id, err := c.queryID("course"); err == nil && id != 0 {
		return "/issuers?course=" + decimal(id)
	}
	return "/issuers"
}

// issuers shows who issues certificates and who signs them; ?course= says for which course they are needed.
func (s *Server) issuers(c *Ctx) error {
	d, err := s.issuerData(c)
	if err != nil {
		return err
	}
	return c.Page("certificate/issuers", d)
}

// issuerSheet gives issuers and who signs for them as a workbook, a row for each who signs.
func (s *Server) issuerSheet(c *Ctx) error {
	rows, err := s.issuerRows(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("certificate.issuers"), Title: c.T("certificate.issuers"), Columns: []workbook.Column{{Head: c.T("certificate.issuer_name"), Width: 40}, {Head: c.T("certificate.superior"), Width: 40}, {Head: c.T("certificate.place")},
		{Head: c.T("certificate.symbol"), Kind: workbook.Code}, {Head: c.T("certificate.signatory")}, {Head: c.T("certificate.sign_as"), Width: 40}, {Head: c.T("certificate.since"), Kind: workbook.Day}}}
	return c.Sheet("co-quan-cap", sheet, func(row workbook.Row) error {
		for _, i := range rows {
			signs := i.Signatories
			if len(signs) == 0 {
				signs = []models.Signatory{{}}
			}
			for _, x := range signs {
				if err := row(i.Name, i.Superior, i.Place, i.Symbol, x.Name, signsAs(x), x.FromDay); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// issuerSave sets how an organisation stands on certificates.
func (s *Server) issuerSave(c *Ctx) error {
	var f issuerForm
	err := c.BindForm(&f)
	if err == nil {
		err = s.saveIssuer(c, f)
	}
	if err != nil {
		return s.issuersAgain(c, f, signatoryForm{}, err)
	}
	return c.Done(issuersPath(c), "certificate.issuer_saved")
}

func (s *Server) saveIssuer(c *Ctx, f issuerForm) error {
	o, err := s.roster.OrganisationByCode(c.Ctx(), f.Organisation)
	if err != nil {
		return err
	}
	var wrong errs.Fields
	in := models.Issuer{OrganisationID: o.ID, Superior: f.Superior, Name: f.Name, Place: f.Place, Symbol: f.Symbol}
	if id := choice(&wrong, "template_id", f.Template); id != 0 {
		in.TemplateID = &id
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	return s.certificate.SaveIssuer(c.Ctx(), c.Actor, in)
}

// signatoryAdd adds a signatory of an issuer.
func (s *Server) signatoryAdd(c *Ctx) error {
	var f signatoryForm
	err := c.BindForm(&f)
	if err == nil {
		err = s.certificate.SaveSignatory(c.Ctx(), c.Actor, models.Signatory{OrganisationID: f.Issuer, Name: f.Name, Title: f.Title, Form: f.Form, FormTitle: f.FormTitle})
	}
	if err != nil {
		return s.issuersAgain(c, issuerForm{}, f, err)
	}
	return c.Done(issuersPath(c), "certificate.signatory_saved")
}

func (s *Server) issuersAgain(c *Ctx, i issuerForm, g signatoryForm, refusal error) error {
	d, err := s.issuerData(c)
	if err != nil {
		return err
	}
	if d.Signatory = g; i != (issuerForm{}) {
		d.Issuer = i
	}
	return c.Invalid("certificate/issuers", d, refusal)
}

// signatoryEnd lets a signatory sign no more.
func (s *Server) signatoryEnd(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := s.certificate.EndSignatory(c.Ctx(), c.Actor, id); err != nil {
		return err
	}
	return c.Done(issuersPath(c), "certificate.signatory_ended")
}

// signsAs is with what form and title somebody signs.
func signsAs(x models.Signatory) string {
	if x.Form == "" {
		return x.Title
	}
	return x.Form + " " + x.FormTitle + ", " + x.Title
}
