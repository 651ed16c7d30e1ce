package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/namecheck"
	"taphuan/app/template"
	"taphuan/models"
)

type myData struct {
	Certificates []certificate.Own
	Names        []namecheck.Person // own names that wait to be checked
}

// my is a cadre's own page: all own certificates, also those that do not stand any more.
func (s *Server) my(c *Ctx) error {
	var d myData
	var err error
	if d.Certificates, err = s.certificate.Owned(c.Ctx(), c.Actor); err != nil {
		return err
	}
	names, err := s.names.Own(c.Ctx(), c.Actor)
	if err != nil {
		return err
	}
	for _, p := range names {
		if p.State == models.NameCheckNone {
			d.Names = append(d.Names, p)
		}
	}
	return c.Page("my/show", d)
}

type ownCertificateData struct {
	certificate.Own
	Link     string // that others may be sent, "" while it is off
	Check    string // address of the public check
	LinkedIn string // LinkedIn's own page for adding a certificate, filled in
	Grouped  string // the code as people read it out
	InZalo   bool
	Badge    bool // there is a digital badge to download
}

func (s *Server) ownCertificateData(c *Ctx) (d ownCertificateData, err error) {
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if d.Own, err = s.certificate.OwnedOne(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	set, err := s.settings.Get(c.Ctx())
	if err != nil {
		return d, err
	}
	d.Check, d.Grouped = s.publicLink(c, set, "/v/"+d.Code), template.GroupCode(d.Code)
	if d.Share != "" {
		d.Link = s.publicLink(c, set, "/s/"+d.Share)
	}
	if d.Badge, err = s.credential.On(c.Ctx()); err != nil {
		return d, err
	}
	d.LinkedIn = linkedIn(d.Own, d.Check)
	// Zalo's browser takes no files; what to do instead is said there only.
	d.InZalo = strings.Contains(c.Request.UserAgent(), "Zalo")
	return d, nil
}

// ownCertificate shows a cadre one own certificate: picture, files, the link for others.
func (s *Server) ownCertificate(c *Ctx) error {
	d, err := s.ownCertificateData(c)
	if err != nil {
		return err
	}
	return c.Page("my/certificate", d)
}

// linkedIn is the address at which LinkedIn lets its members add a certificate to their profile. Nothing is sent there before
// somebody follows it.
func linkedIn(x certificate.Own, check string) string {
	q := url.Values{"startTask": {"CERTIFICATION_NAME"}, "name": {x.Snapshot.CourseTitle}, "organizationName": {x.Snapshot.Issuer}, "certUrl": {check}, "certId": {x.Serial}}
	year, month, _ := x.IssuedDay.Date()
	q.Set("issueYear", strconv.Itoa(year))
	q.Set("issueMonth", strconv.Itoa(int(month)))
	return "https://www.linkedin.com/profile/add?" + q.Encode()
}

// ownCertificatePDF gives a cadre the own document.
func (s *Server) ownCertificatePDF(c *Ctx) error { return s.pdf(c, access.OwnRead) }

// ownCertificatePicture gives a cadre the own document as a picture: to look at, or with save=1 to keep.
func (s *Server) ownCertificatePicture(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	jpeg, name, err := s.certificate.Picture(c.Ctx(), c.Actor, access.OwnRead, id)
	if err != nil {
		return err
	}
	return c.picture(jpeg, name)
}

// picture answers with a JPEG picture, which the browser keeps and asks about each time: whether it may still be seen is decided here.
func (c *Ctx) picture(jpeg []byte, name string) error {
	if c.Query("save") != "" {
		c.Header("Content-Disposition", contentDisposition(name))
	}
	sum := sha256.Sum256(jpeg)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	c.Header("Cache-Control", "private, no-cache")
	c.Header("ETag", tag)
	if c.GetHeader("If-None-Match") == tag {
		c.Status(http.StatusNotModified)
		return nil
	}
	c.Data(http.StatusOK, "image/jpeg", jpeg)
	return nil
}

// ownCertificateShare switches the link on by which others see the certificate.
func (s *Server) ownCertificateShare(c *Ctx) error {
	return s.ownCertificateLink(c, "my.share_on_done", s.certificate.Share)
}

// ownCertificateUnshare switches it off.
func (s *Server) ownCertificateUnshare(c *Ctx) error {
	return s.ownCertificateLink(c, "my.share_off_done", s.certificate.Unshare)
}

func (s *Server) ownCertificateLink(c *Ctx, message string, set func(context.Context, access.Actor, uint64) error) error {
	d, err := s.ownCertificateData(c)
	if err != nil {
		return err
	}
	if err := set(c.Ctx(), c.Actor, d.ID); err != nil {
		return c.Invalid("my/certificate", d, err)
	}
	return c.Done("/my/certificates/"+strconv.FormatUint(d.ID, 10)+"#share", message)
}
