package handlers

import (
	"slices"
	"strconv"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/template"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type certificateFilter struct {
	Text string `form:"q" binding:"max=200"`
	Year int    `form:"year" binding:"min=0,max=9999"`
	page.Ask
}

type certificateListData struct {
	*page.Page[certificate.Row]
	Form     certificateFilter
	MayIssue bool
}

// YearText is the year of the filter, "" for none.
func (d certificateListData) YearText() string {
	if d.Form.Year == 0 {
		return ""
	}
	return strconv.Itoa(d.Form.Year)
}

// certificateList is the register: certificates in the actor's scope, newest number first.
func (s *Server) certificateList(c *Ctx) error {
	var f certificateFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	l, err := s.certificate.List(c.Ctx(), c.Actor, access.CertificateRead, certificate.Filter{Text: f.Text, Year: f.Year}, f.Ask)
	if err != nil {
		return err
	}
	return c.Page("certificate/list", certificateListData{l, f, c.Actor.May(access.CertificateIssue)})
}

// chosenCertificates is what a file of the register is to hold: the ticked certificates, or all that the filter finds.
func (c *Ctx) chosenCertificates() (f certificate.Filter, sort string, err error) {
	var form struct {
		certificateFilter
		selection
	}
	if err := c.BindForm(&form); err != nil {
		return f, "", err
	}
	f = certificate.Filter{Text: form.Text, Year: form.Year}
	f.IDs, err = form.chosen()
	return f, form.Sort, err
}

// certificateSheet gives the register as a workbook.
func (s *Server) certificateSheet(c *Ctx) error {
	f, sort, err := c.chosenCertificates()
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("certificate.title"), Title: c.T("certificate.register_sheet"), Columns: []workbook.Column{
		{Head: c.T("certificate.serial"), Kind: workbook.Code, Width: 22}, {Head: c.T("certificate.holder")}, {Head: c.T("certificate.holder_office"), Width: 40}, {Head: c.T("certificate.course"), Width: 44},
		{Head: c.T("certificate.issued_day"), Kind: workbook.Day}, {Head: c.T("certificate.state"), Width: 16}, {Head: c.T("certificate.ended_day"), Kind: workbook.Day}, {Head: c.T("certificate.reason")}}}
	return c.Sheet("so-cap-giay-chung-nhan", sheet, func(row workbook.Row) error {
		return s.certificate.Each(c.Ctx(), c.Actor, access.CertificateRead, f, sort, func(rows []certificate.Row) error {
			for _, r := range rows {
				if err := row(r.Serial, r.Name, r.Org, r.Course, r.IssuedDay, c.T("certificate.states."+string(r.State)), r.EndedDay, r.EndReason); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// certificatesZip gives the documents of the ticked certificates, or of all that the filter finds, as one archive.
func (s *Server) certificatesZip(c *Ctx) error {
	f, _, err := c.chosenCertificates()
	if err != nil {
		return err
	}
	a, err := s.certificate.Zip(c.Ctx(), c.Actor, f)
	if err != nil {
		return err
	}
	return c.Large("application/zip", "giay-chung-nhan.zip", a)
}

type certificateData struct {
	Paper        certificate.Paper
	HandoverForm handoverForm
	certificate.Row
	Signatories []views.Option
	MayIssue    bool
	Badge       bool // there is a digital badge to download
	Reason      string
	Signatory   uint64
}

// Grouped is the code as people read it out.
func (d certificateData) Grouped() string { return template.GroupCode(d.Code) }

func (s *Server) certificateData(c *Ctx) (certificateData, error) {
	var d certificateData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if d.Row, err = s.certificate.Get(c.Ctx(), c.Actor, access.CertificateRead, id); err != nil {
		return d, err
	}
	d.MayIssue = c.Actor.May(access.CertificateIssue)
	if d.Paper, err = s.certificate.Paper(c.Ctx(), c.Actor, access.CertificateRead, id); err != nil {
		return d, err
	}
	if d.Badge, err = s.credential.On(c.Ctx()); err != nil {
		return d, err
	}
	d.HandoverForm = handoverForm{Day: c.Today(), GivenBy: c.Actor.Name}
	d.Signatories, err = s.signatoryOptions(c)
	return d, err
}

// certificateShow shows one certificate with its state; those who may issue can revoke and replace it there.
func (s *Server) certificateShow(c *Ctx) error {
	d, err := s.certificateData(c)
	if err != nil {
		return err
	}
	return c.Page("certificate/show", d)
}

// certificatePDF gives the exact document that was issued.
func (s *Server) certificatePDF(c *Ctx) error { return s.pdf(c, access.CertificateRead) }

func (s *Server) pdf(c *Ctx, p access.Permission) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	b, name, err := s.certificate.PDF(c.Ctx(), c.Actor, p, id)
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", name, b)
}

type endForm struct {
	Reason    string `form:"reason" json:"reason" binding:"max=500"`
	Signatory uint64 `form:"signatory" json:"signatory"` // signs the corrected certificate
}

// certificateRevoke ends a certificate with a reason.
func (s *Server) certificateRevoke(c *Ctx) error {
	return s.certificateEnd(c, func(id uint64, f endForm) (uint64, string, error) {
		return id, "certificate.revoked", s.certificate.Revoke(c.Ctx(), c.Actor, id, f.Reason)
	})
}

// certificateReplace issues a corrected one in its place.
func (s *Server) certificateReplace(c *Ctx) error {
	return s.certificateEnd(c, func(id uint64, f endForm) (uint64, string, error) {
		fresh, err := s.certificate.Replace(c.Ctx(), c.Actor, id, f.Signatory, f.Reason)
		return fresh, "certificate.replaced", err
	})
}

func (s *Server) certificateEnd(c *Ctx, do func(uint64, endForm) (uint64, string, error)) error {
	d, err := s.certificateData(c)
	if err != nil {
		return err
	}
	var f endForm
	if err := c.BindForm(&f); err != nil {
		return c.Invalid("certificate/show", d, err)
	}
	id, message, err := do(d.ID, f)
	if err != nil {
		d.Reason, d.Signatory = f.Reason, f.Signatory
		return c.Invalid("certificate/show", d, err)
	}
	return c.Done("/certificates/"+strconv.FormatUint(id, 10), message)
}

// signatoryOptions lists who may sign today, by issuer.
func (s *Server) signatoryOptions(c *Ctx) ([]views.Option, error) {
	issuers, err := s.certificate.Issuers(c.Ctx())
	return signatoriesOf(issuers), err
}

func signatoriesOf(issuers []certificate.IssuerRow) []views.Option {
	var out []views.Option
	for _, i := range issuers {
		for _, x := range i.Signatories {
			out = append(out, views.Option{Value: strconv.FormatUint(x.ID, 10), Label: signatoryLabel(x), Group: i.Name})
		}
	}
	return out
}

func signatoryLabel(x models.Signatory) string {
	if x.Form == "" {
		return x.Name + ", " + x.Title
	}
	return x.Name + ", " + x.Form + " " + x.FormTitle + ", " + x.Title
}

type issueData struct {
	*certificate.Standing
	Signatories []views.Option
	Looks       []comingLook
	PublicURL   string // "" also where it is one that is not to be printed
	Inner       bool   // which is that it opens in an inner network only
	Settings    string // where the public address is set, "" for whoever may not
	Signatory   uint64
	List        *page.Page[certificate.Row]
	Issuing     uint64 // the job that issues, 0 for none
	Mails       certificate.Mails
}

// comingLook is the template that certificates will be issued with.
type comingLook struct {
	models.Template
	Issuer string // "" where all who may issue use it
}

// comingLooks are the templates that the course's certificates will be issued with: the course's, else that of each issuer somebody signs for.
func (s *Server) comingLooks(c *Ctx, course models.Course, issuers []certificate.IssuerRow) ([]comingLook, error) {
	all, err := s.template.Coming(c.Ctx())
	if err != nil {
		return nil, err
	}
	if course.TemplateID != nil {
		return []comingLook{{Template: all[*course.TemplateID]}}, nil
	}
	var out []comingLook
	for _, i := range issuers {
		if len(i.Signatories) == 0 {
			continue
		}
		var chosen uint64
		if i.TemplateID != nil {
			chosen = *i.TemplateID
		}
		out = append(out, comingLook{all[chosen], i.Name})
	}
	if len(out) > 0 && !slices.ContainsFunc(out, func(l comingLook) bool { return l.ID != out[0].ID }) {
		out = []comingLook{{Template: out[0].Template}}
	}
	return out, nil
}

// Without is how many of the holders have no address.
func (d issueData) Without() int { return len(d.Mails.Without) }

// Waiting is how many who completed are without a certificate.
func (d issueData) Waiting() int64 { return d.Completed - d.Issued }

// Outside says whether any of the certificates is signed outside of the system.
func (d issueData) Outside() bool {
	return slices.ContainsFunc(d.List.Rows, func(r certificate.Row) bool { return r.Signing == models.SigningExternal })
}

// LeftTotal is how many of them have to wait.
func (d issueData) LeftTotal() int { return len(d.Left) }

func (s *Server) issueData(c *Ctx) (issueData, error) {
	var d issueData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if d.Standing, err = s.certificate.Standing(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	issuers, err := s.certificate.Issuers(c.Ctx())
	if err != nil {
		return d, err
	}
	d.Signatories = signatoriesOf(issuers)
	if d.Looks, err = s.comingLooks(c, d.Course, issuers); err != nil {
		return d, err
	}
	set, err := s.settings.Get(c.Ctx())
	if err != nil {
		return d, err
	}
	d.PublicURL, err = set.ForPaper()
	d.Inner = err != nil
	if c.Actor.May(access.SettingsWrite) {
		d.Settings = "/settings"
	}
	if d.Issuing, err = s.certificate.Issuing(c.Ctx(), id); err != nil {
		return d, err
	}
	if d.Mails, err = s.certificate.Mails(c.Ctx(), id); err != nil {
		return d, err
	}
	d.List, err = s.certificate.List(c.Ctx(), c.Actor, access.CertificateRead, certificate.Filter{CourseID: id}, page.Ask{After: c.Query("after"), Before: c.Query("before")})
	return d, err
}

// issuePage shows how far a course's certificates are and issues the missing ones.
func (s *Server) issuePage(c *Ctx) error {
	d, err := s.issueData(c)
	if err != nil {
		return err
	}
	return c.Page("certificate/issue", d)
}

type issueForm struct {
	Signatory uint64 `form:"signatory" json:"signatory"`
}

// issue issues the missing certificates of a course: a few at once, many by a job.
func (s *Server) issue(c *Ctx) error {
	d, err := s.issueData(c)
	if err != nil {
		return err
	}
	var f issueForm
	n, job := 0, uint64(0)
	var in certificate.IssueInput
	if err = c.BindForm(&f); err == nil {
		in, err = s.issueInput(c, d.Course.ID, f.Signatory)
	}
	if err == nil && d.Ready > certificate.AtOnce {
		job, err = s.certificate.StartIssue(c.Ctx(), c.Actor, in)
	} else if err == nil {
		n, err = s.certificate.Issue(c.Ctx(), c.Actor, in)
	}
	if err != nil {
		d.Signatory = f.Signatory
		return c.Invalid("certificate/issue", d, err)
	}
	if job != 0 {
		return c.Done(jobPath(job), "")
	}
	return c.Done("/courses/"+strconv.FormatUint(d.Course.ID, 10)+"/certificates", "certificate.issued", "n", n)
}

// issueInput issues under the issuer to whom the signatory belongs.
func (s *Server) issueInput(c *Ctx, course, signatory uint64) (certificate.IssueInput, error) {
	in := certificate.IssueInput{CourseID: course, SignatoryID: signatory}
	issuers, err := s.certificate.Issuers(c.Ctx())
	if err != nil {
		return in, err
	}
	for _, i := range issuers {
		for _, x := range i.Signatories {
			if x.ID == signatory {
				in.IssuerID = i.OrganisationID
				return in, nil
			}
		}
	}
	return in, errs.OnField("signatory", "signatory_missing")
}

// certificateZip gives all standing certificates of a course in one archive.
func (s *Server) certificateZip(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	st, err := s.certificate.Standing(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	a, err := s.certificate.Zip(c.Ctx(), c.Actor, certificate.Filter{CourseID: id})
	if err != nil {
		return err
	}
	return c.Large("application/zip", "giay-chung-nhan-"+st.Course.Code+".zip", a)
}
