package handlers

import (
	"net/http"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/page"
	"taphuan/models"
)

// apiCertificate is a certificate as the API gives it.
type apiCertificate struct {
	ID           uint64                  `json:"id"`
	Serial       string                  `json:"serial"`
	Code         string                  `json:"code"`
	State        models.CertificateState `json:"state"`
	IssuedDay    models.Day              `json:"issued_day"`
	Name         string                  `json:"name"`
	Organisation string                  `json:"organisation_name"` // as the certificate says
	Course       string                  `json:"course"`
	CourseID     uint64                  `json:"course_id"`
	CadreID      uint64                  `json:"cadre_id"`
	EndedDay     models.Day              `json:"ended_day"`
	EndReason    string                  `json:"end_reason"`
}

func toAPICertificate(r certificate.Row) apiCertificate {
	return apiCertificate{ID: r.ID, Serial: r.Serial, Code: r.Code, State: r.State, IssuedDay: r.IssuedDay, Name: r.Name, Organisation: r.Org, Course: r.Course,
		CourseID: r.CourseID, CadreID: r.CadreID, EndedDay: r.EndedDay, EndReason: r.EndReason}
}

type apiCertificateFilter struct {
	Course uint64 `form:"course_id"`
	Text   string `form:"q" binding:"max=200"`
	Year   int    `form:"year" binding:"min=0,max=9999"`
	After  string `form:"after" binding:"max=2000"` // next of the page before
}

type apiCertificates struct {
	Total        int64            `json:"total"`           // exact, unless more says otherwise
	More         bool             `json:"more_than_total"` // there are more, and nobody counted them
	Next         string           `json:"next"`            // for after, "" on the last page
	Certificates []apiCertificate `json:"certificates"`
}

func (s *Server) apiCertificateList(c *Ctx) error {
	var f apiCertificateFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	l, err := s.certificate.List(c.Ctx(), c.Actor, access.CertificateRead, certificate.Filter{CourseID: f.Course, Text: f.Text, Year: f.Year}, page.Ask{After: f.After})
	if err != nil {
		return err
	}
	out := apiCertificates{Total: l.Total.N, More: l.Total.More, Next: l.After, Certificates: []apiCertificate{}}
	for _, r := range l.Rows {
		out.Certificates = append(out.Certificates, toAPICertificate(r))
	}
	return c.OK(http.StatusOK, out)
}

func (s *Server) apiCertificateShow(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	r, err := s.certificate.Get(c.Ctx(), c.Actor, access.CertificateRead, id)
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, toAPICertificate(r))
}

type apiIssued struct {
	Issued int `json:"issued"` // how many certificates were issued
}

func (s *Server) apiIssue(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var in issueForm
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	what, err := s.issueInput(c, id, in.Signatory)
	if err != nil {
		return err
	}
	n, err := s.certificate.Issue(c.Ctx(), c.Actor, what)
	if err != nil {
		return err
	}
	return c.OK(http.StatusCreated, apiIssued{n})
}

func (s *Server) apiRevoke(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var in endForm
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	if err := s.certificate.Revoke(c.Ctx(), c.Actor, id, in.Reason); err != nil {
		return err
	}
	return s.apiCertificateShow(c)
}

func (s *Server) apiReplace(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var in endForm
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	fresh, err := s.certificate.Replace(c.Ctx(), c.Actor, id, in.Signatory, in.Reason)
	if err != nil {
		return err
	}
	r, err := s.certificate.Get(c.Ctx(), c.Actor, access.CertificateRead, fresh)
	if err != nil {
		return err
	}
	return c.OK(http.StatusCreated, toAPICertificate(r))
}

// apiVerification is what anyone who holds a code may see.
type apiVerification struct {
	State      models.CertificateState `json:"state"`
	Serial     string                  `json:"serial"`
	Name       string                  `json:"name"`
	Course     string                  `json:"course"`
	Type       string                  `json:"course_type"`
	From       string                  `json:"from"`
	To         string                  `json:"to"`
	Minutes    int                     `json:"minutes"`
	Issuer     string                  `json:"issuer"`
	IssuedDay  string                  `json:"issued_day"`
	EndedDay   models.Day              `json:"ended_day"`
	Reason     string                  `json:"reason"`
	ReplacedBy string                  `json:"replaced_by"` // number of the one that stands in its place
}

func toAPIVerification(v *certificate.Verification) apiVerification {
	x := v.Snapshot
	return apiVerification{State: v.State, Serial: x.Serial, Name: x.Name, Course: x.CourseTitle, Type: x.CourseType, From: x.From, To: x.To,
		Minutes: x.Minutes, Issuer: x.Issuer, IssuedDay: x.IssuedDay, EndedDay: v.EndedDay, Reason: v.Reason, ReplacedBy: v.ReplacedBy}
}

func (s *Server) apiVerify(c *Ctx) error {
	v, err := s.verifyCode(c)
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, toAPIVerification(v))
}
