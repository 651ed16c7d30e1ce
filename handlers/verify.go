package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/netip"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/template"
	"taphuan/models"
	"taphuan/views"
)

// verifyFree is how often an address may ask in vain before it has to wait: whole offices sit behind one. At 80 random bits a code is not
// found by guessing at any speed; what is slowed down is the load.
const verifyFree = 200

// guessed runs a look-up and counts it when nothing was found. It refuses with "verify_wait" (minutes) during a pause.
func (s *Server) guessed(c *Ctx, look func() error) error {
	var failed error
	unknown := errs.As(errs.NotFound("certificate"))
	limits := []access.GuessLimit{{Key: "verify " + networkOf(s.addressOf(c.Request)), Free: verifyFree}}
	err := s.access.Guess(c.Ctx(), limits, unknown, func() bool {
		failed = look()
		return !errs.Is(failed, "not_found")
	})
	if errs.Is(err, "code_wait") {
		return errs.TooMany("verify_wait", errs.As(err).Params)
	}
	if err != nil {
		return err
	}
	return failed
}

// networkOf is what is counted as one address: with IPv6, whoever has one has the 2^64 beside it too.
func networkOf(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// verifyCode says what a code certifies; unknown and impossible codes are counted alike.
func (s *Server) verifyCode(c *Ctx) (v *certificate.Verification, err error) {
	err = s.guessed(c, func() error {
		v, err = s.certificate.Verify(c.Ctx(), c.Param("code"))
		return err
	})
	return v, err
}

func (s *Server) verifyDocument(c *Ctx, sum string) (v *certificate.Verification, err error) {
	err = s.guessed(c, func() error {
		v, err = s.certificate.VerifyDocument(c.Ctx(), sum)
		return err
	})
	return v, err
}

type verifyData struct {
	*certificate.Verification        // nil when the code is unknown
	Grouped                   string // the code as people read it out
	From, To, Issued          models.Day
}

// verify is the public page behind a certificate's QR code.
func (s *Server) verify(c *Ctx) error {
	v, err := s.verifyCode(c)
	c.Header("X-Robots-Tag", "noindex")
	if errs.Is(err, "not_found") {
		return c.render(http.StatusNotFound, "verify/show", c.page(verifyData{}))
	}
	if err != nil {
		return err
	}
	d, err := toVerifyData(v)
	if err != nil {
		return err
	}
	return c.Page("verify/show", d)
}

func toVerifyData(v *certificate.Verification) (verifyData, error) {
	d := verifyData{Verification: v, Grouped: template.GroupCode(v.Snapshot.Code)}
	for into, text := range map[*models.Day]string{&d.From: v.Snapshot.From, &d.To: v.Snapshot.To, &d.Issued: v.Snapshot.IssuedDay} {
		var err error
		if *into, err = models.ParseDay(text); err != nil {
			return d, errs.Internal("snapshot", err)
		}
	}
	return d, nil
}

type verifyFormData struct {
	Code string // as typed
	File *verifiedFile
}

// verifiedFile is what is said of a file: that it is none that was issued, or which.
type verifiedFile struct {
	Found                             bool
	State, Kind, Serial, Name, Issuer string
	EndedDay                          models.Day
	Reason                            string
}

// verifyForm asks for a code, and goes to its page, or for a file. Of QR codes it checks the statement, also without network.
func (s *Server) verifyForm(c *Ctx) error {
	code := c.Query("code")
	if code == "" {
		return c.Page("verify/form", verifyFormData{})
	}
	if n := certificate.NormalCode(code); n != "" {
		return c.Done("/v/"+n, "")
	}
	p := c.page(verifyFormData{Code: code})
	p.Errors = views.Errors{{Field: "code", Message: c.T("error.code_invalid")}}
	return c.render(http.StatusUnprocessableEntity, "verify/form", p)
}

// verifyFile says whether an uploaded file is byte for byte one that was issued. It is hashed as it comes and kept nowhere.
func (s *Server) verifyFile(c *Ctx) error {
	sum, err := uploadedSum(c)
	if err != nil {
		return c.Invalid("verify/form", verifyFormData{}, err)
	}
	d, err := s.verifyDocument(c, sum)
	switch {
	case errs.Is(err, "not_found"):
		return c.Page("verify/form", verifyFormData{File: &verifiedFile{}})
	case err != nil:
		return c.Invalid("verify/form", verifyFormData{}, err)
	}
	x := d.Snapshot
	return c.Page("verify/form", verifyFormData{File: &verifiedFile{Found: true, State: string(d.State), Kind: c.T("proof.kinds." + string(d.Kind)), Serial: x.Serial, Name: x.Name, Issuer: x.Issuer,
		EndedDay: d.EndedDay, Reason: d.Reason}})
}

// uploadedSum gives the SHA-256 of the form's file. It refuses none ("file_missing") and one above certificate.MaxVerified ("verify_too_large").
func uploadedSum(c *Ctx) (string, error) {
	fh, err := c.FormFile("file")
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return "", errs.OnField("file", "verify_too_large")
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
		return "", errs.OnField("file", "file_missing")
	case err != nil:
		return "", errs.Invalid("unreadable_input")
	case fh.Size > certificate.MaxVerified:
		return "", errs.OnField("file", "verify_too_large")
	}
	return sumOf(fh)
}

func sumOf(fh *multipart.FileHeader) (_ string, err error) {
	f, err := fh.Open()
	if err != nil {
		return "", errs.Internal("upload", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", errs.Internal("upload", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// apiVerifyFile is the API's question of a file: its SHA-256 as JSON, or the file itself as a multipart form.
type apiVerifyFile struct {
	SHA256 string         `json:"sha256" binding:"required,max=100"` // of the whole file, 64 hexadecimal digits
	File   multipart.File `json:"-" formData:"file"`
}

// apiVerifiedFile is what the API says of a file that was issued.
type apiVerifiedFile struct {
	apiVerification
	Kind models.DocumentKind `json:"kind"` // copy, to_sign or signed
}

func (s *Server) apiVerifyDocument(c *Ctx) error {
	var in apiVerifyFile
	var err error
	if c.ContentType() == "multipart/form-data" {
		in.SHA256, err = uploadedSum(c)
	} else {
		err = c.BindJSON(&in)
	}
	if err != nil {
		return err
	}
	d, err := s.verifyDocument(c, in.SHA256)
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, apiVerifiedFile{toAPIVerification(d), d.Kind})
}
