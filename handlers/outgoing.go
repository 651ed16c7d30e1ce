package handlers

import (
	"errors"
	"net/http"

	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/models"
)

// signedBody is what a request with signed files may carry: more than may come back, so that too much is refused in words.
const signedBody = certificate.MostReturnedBytes + 16<<20

type outgoingData struct {
	Course  models.Course
	Rows    []certificate.Outgoing
	Waiting int
	Back    []returned // what became of the files that were just handed in
	Taken   int
}

// returned is a file that was handed in, in words.
type returned struct {
	certificate.Returned
	Why string // it was not taken; "" if it was
}

func (s *Server) outgoingData(c *Ctx) (outgoingData, error) {
	var d outgoingData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	st, err := s.certificate.Standing(c.Ctx(), c.Actor, id)
	if err != nil {
		return d, err
	}
	d.Course = st.Course
	d.Rows, err = s.certificate.Outgoing(c.Ctx(), c.Actor, id)
	for _, r := range d.Rows {
		if r.Waits() {
			d.Waiting++
		}
	}
	return d, err
}

// outgoing shows what of a course is signed outside of the system: what waits, what has come back.
func (s *Server) outgoing(c *Ctx) error {
	d, err := s.outgoingData(c)
	if err != nil {
		return err
	}
	return c.Page("signing/course", d)
}

// outgoingZip gives the documents that wait to be signed, numbered, in one archive.
func (s *Server) outgoingZip(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	st, err := s.certificate.Standing(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	a, err := s.certificate.ToSign(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.Large("application/zip", "cho-ky-"+st.Course.Code+".zip", a)
}

// signedTake takes signed documents back and says of each file what became of it.
func (s *Server) signedTake(c *Ctx) error {
	d, err := s.outgoingData(c)
	if err != nil {
		return err
	}
	files, err := filesOf(c, "signed")
	var back []certificate.Returned
	if err == nil {
		back, err = s.certificate.TakeSigned(c.Ctx(), c.Actor, d.Course.ID, files)
	}
	if err != nil {
		return c.Invalid("signing/course", d, err)
	}
	if d, err = s.outgoingData(c); err != nil { // as it stands now
		return err
	}
	for _, r := range back {
		x := returned{Returned: r}
		if r.Refused != nil {
			x.Why = c.message(r.Refused.Code, r.Refused.Params)
		} else {
			d.Taken++
		}
		d.Back = append(d.Back, x)
	}
	return c.Page("signing/course", d)
}

// filesOf reads all files that came with a form under one name, none where none did. It refuses too much with "signed_files_many".
func filesOf(c *Ctx, field string) ([]file.Upload, error) {
	form, err := c.MultipartForm()
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, http.ErrNotMultipart):
		return nil, nil
	case errors.As(err, &tooLong):
		return nil, errs.OnField(field, "signed_files_many", errs.Params{"n": certificate.MostReturned, "mb": certificate.MostReturnedBytes >> 20})
	case err != nil:
		return nil, errs.Invalid("unreadable_input")
	}
	var out []file.Upload
	for _, fh := range form.File[field] {
		b, err := contentsOf(fh)
		if err != nil {
			return nil, err
		}
		out = append(out, file.Upload{Name: fh.Filename, Body: b})
	}
	return out, nil
}
