package handlers

import (
	"errors"
	"mime/multipart"
	"net/http"
	"strconv"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/signing"
	"taphuan/models"
	"taphuan/views"
)

type keyForm struct {
	Issuer    uint64 `form:"issuer"`
	Signatory uint64 `form:"key_signatory"`
	Password  string `form:"key_password" binding:"max=1000"`
}

type timeForm struct {
	URL   string `form:"time_url" binding:"max=500"`
	Roots string `form:"time_roots"`
}

type signingData struct {
	Keys        []signing.Row
	Ending      []signing.Row
	Issuers     []views.Option
	Signatories []views.Option
	Key         keyForm
	Time        timeForm
}

func (s *Server) signingData(c *Ctx) (signingData, error) {
	var d signingData
	var err error
	if d.Keys, err = s.signing.List(c.Ctx()); err != nil {
		return d, err
	}
	d.Ending = signing.Ended(d.Keys)
	set, err := s.signing.Time(c.Ctx())
	if err != nil {
		return d, err
	}
	d.Time = timeForm{set.URL, set.Roots}
	issuers, err := s.certificate.Issuers(c.Ctx())
	for _, i := range issuers {
		d.Issuers = append(d.Issuers, views.Option{Value: strconv.FormatUint(i.OrganisationID, 10), Label: i.Name})
		for _, x := range i.Signatories {
			d.Signatories = append(d.Signatories, views.Option{Value: strconv.FormatUint(x.ID, 10), Label: signatoryLabel(x), Group: i.Name})
		}
	}
	return d, err
}

// signingPage shows the keys with which the system signs, and the time-stamp service.
func (s *Server) signingPage(c *Ctx) error {
	d, err := s.signingData(c)
	if err != nil {
		return err
	}
	return c.Page("signing/show", d)
}

// signingKeyAdd keeps the key of a .p12 file. Its password is used once, and never shown again.
func (s *Server) signingKeyAdd(c *Ctx) error {
	d, err := s.signingData(c)
	if err != nil {
		return err
	}
	var f keyForm
	if err = c.BindForm(&f); err == nil {
		in := signing.KeyInput{IssuerID: f.Issuer, SignatoryID: f.Signatory, Password: f.Password}
		if in.File, err = fileOf(c, "key_file", 1<<20, "key_file_unreadable"); err == nil {
			_, err = s.signing.Add(c.Ctx(), c.Actor.By, in)
		}
	}
	if err != nil {
		f.Password = ""
		d.Key = f
		return c.Invalid("signing/show", d, err)
	}
	return c.Done("/signing", "signing.key_added")
}

// fileOf reads the file that came with a form, nil where none did. It refuses one that is too large with the code on the field.
func fileOf(c *Ctx, field string, most int64, code string) ([]byte, error) {
	fh, err := c.FormFile(field)
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
		return nil, nil
	case errors.As(err, &tooLong):
		return nil, errs.OnField(field, code)
	case err != nil:
		return nil, errs.Invalid("unreadable_input")
	case fh.Size > most:
		return nil, errs.OnField(field, code)
	}
	return contentsOf(fh)
}

func contentsOf(fh *multipart.FileHeader) ([]byte, error) {
	b, err := contents(fh)
	if err != nil {
		return nil, errs.Internal("upload", err)
	}
	return b, nil
}

// signingKeyRetire lets a key sign no more.
func (s *Server) signingKeyRetire(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := s.signing.Retire(c.Ctx(), c.Actor.By, id); err != nil {
		return err
	}
	return c.Done("/signing", "signing.key_retired")
}

// signingTimeSave sets the time-stamp service, which is asked first.
func (s *Server) signingTimeSave(c *Ctx) error {
	d, err := s.signingData(c)
	if err != nil {
		return err
	}
	var f timeForm
	if err = c.BindForm(&f); err == nil {
		err = s.signing.SetTime(c.Ctx(), c.Actor.By, signing.TimeSettings{URL: f.URL, Roots: f.Roots})
	}
	if err != nil {
		d.Time = f
		return c.Invalid("signing/show", d, err)
	}
	return c.Done("/signing#time", "signing.time_saved")
}

type issuerSigningData struct {
	models.Issuer
	Form issuerSigningForm
	Keys bool // may go to the page of keys
}

type issuerSigningForm struct {
	Signing string `form:"signing" binding:"max=20"`
	Roots   string `form:"roots"`
}

func (s *Server) issuerSigningData(c *Ctx) (issuerSigningData, error) {
	var d issuerSigningData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	d.Issuer, err = s.certificate.Issuer(c.Ctx(), id)
	d.Form = issuerSigningForm{string(d.Issuer.Signing), d.SignatureRoots}
	d.Keys = c.Actor.May(access.SettingsWrite)
	return d, err
}

// issuerSigning shows how an issuer signs.
func (s *Server) issuerSigning(c *Ctx) error {
	d, err := s.issuerSigningData(c)
	if err != nil {
		return err
	}
	return c.Page("signing/issuer", d)
}

// issuerSigningSave sets it.
func (s *Server) issuerSigningSave(c *Ctx) error {
	d, err := s.issuerSigningData(c)
	if err != nil {
		return err
	}
	var f issuerSigningForm
	if err = c.BindForm(&f); err == nil {
		err = s.certificate.SetSigning(c.Ctx(), c.Actor, certificate.SigningInput{IssuerID: d.OrganisationID, Signing: models.Signing(f.Signing), Roots: f.Roots})
	}
	if err != nil {
		d.Form = f
		return c.Invalid("signing/issuer", d, err)
	}
	return c.Done("/issuers", "signing.way_saved")
}
