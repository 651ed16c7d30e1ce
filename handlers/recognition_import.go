package handlers

import (
	"errors"
	"net/http"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/history"
	"taphuan/app/plan"
	"taphuan/app/roster"
	"taphuan/models"
)

type recognitionImportData struct {
	*history.Preview // nil: nothing has been uploaded
	Names            map[models.Component]string
	Decides          bool
	Approve          bool
	Why              []string // of each row that is left, in words
}

// Brings says what a row's training brings, in words.
func (d recognitionImportData) Brings(t history.Taken) string {
	return joinComponents(t.Components, d.Names)
}

func (s *Server) recognitionImportData(c *Ctx) (recognitionImportData, error) {
	d := recognitionImportData{Decides: c.Actor.May(access.CompletionApprove)}
	var err error
	if d.Names, err = s.components(c); err != nil {
		return d, err
	}
	d.Preview, err = s.history.Pending(c.Ctx(), c.Actor)
	if err != nil || d.Preview == nil {
		return d, err
	}
	for _, l := range d.Left {
		key := "import.reason." + l.Reason
		if !s.Words.Has(key) {
			key = "error." + l.Reason
		}
		d.Why = append(d.Why, s.Words.Text(c.Lang, key, l.Params))
	}
	return d, nil
}

// recognitionImport asks for a workbook of recognitions, or shows what the one that was uploaded would propose.
func (s *Server) recognitionImport(c *Ctx) error {
	d, err := s.recognitionImportData(c)
	if err != nil {
		return err
	}
	return c.Page("recognition/import", d)
}

// recognitionUpload takes a workbook of recognitions.
func (s *Server) recognitionUpload(c *Ctx) error {
	err := s.uploadRecognitions(c)
	if err == nil {
		return c.Done("/recognitions/import", "")
	}
	if e := errs.As(err); s.Words.Has("import.refusal." + e.Code) { // the file as a whole was not understood
		err = errs.OnField("file", "workbook_refused", errs.Params{"why": c.T("import.refusal."+e.Code) + " " + c.T("import.remedy."+e.Code)})
	}
	d, again := s.recognitionImportData(c)
	if again != nil {
		return again
	}
	return c.Invalid("recognition/import", d, err)
}

func (s *Server) uploadRecognitions(c *Ctx) error {
	fh, err := c.FormFile("file")
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
		return errs.OnField("file", "file_missing")
	case errors.As(err, &tooLong):
		return errs.OnField("file", "file_too_large")
	case err != nil:
		return errs.Invalid("unreadable_input")
	case fh.Size > roster.MaxUpload:
		return errs.OnField("file", "file_too_large")
	}
	b, err := contents(fh)
	if err != nil {
		return errs.Internal("upload", err)
	}
	return s.history.Upload(c.Ctx(), c.Actor, fh.Filename, b)
}

type recognitionConfirm struct {
	Import  uint64 `form:"import"`
	Approve bool   `form:"approve"`
}

// recognitionConfirm proposes what the workbook holds.
func (s *Server) recognitionConfirm(c *Ctx) error {
	var f recognitionConfirm
	err := c.BindForm(&f)
	n := 0
	if err == nil {
		n, err = s.history.Confirm(c.Ctx(), c.Actor, f.Import, f.Approve)
	}
	if err == nil {
		return c.Done("/recognitions", "recognition.imported", "n", n)
	}
	d, again := s.recognitionImportData(c)
	if again != nil {
		return again
	}
	d.Approve = f.Approve
	return c.Invalid("recognition/import", d, err)
}

// recognitionDrop forgets the workbook.
func (s *Server) recognitionDrop(c *Ctx) error {
	if err := s.history.Drop(c.Ctx(), c.Actor); err != nil {
		return err
	}
	return c.Done("/recognitions/import", "recognition.dropped")
}

// recognitionTemplate gives the workbook to fill in.
func (s *Server) recognitionTemplate(c *Ctx) error {
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return err
	}
	b, err := history.Template(p.Components)
	if err != nil {
		return err
	}
	return c.Bytes("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "mau-de-nghi-cong-nhan.xlsx", b)
}
