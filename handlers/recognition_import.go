package handlers

import (
	"context"
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
	d.Why = s.whyLeft(c, d.Left)
	return d, nil
}

// whyLeft says in words why each row of a workbook cannot be taken.
func (s *Server) whyLeft(c *Ctx, left []history.Left) []string {
	out := make([]string, len(left))
	for i, l := range left {
		key := "import.reason." + l.Reason
		if !s.Words.Has(key) {
			key = "error." + l.Reason
		}
		out[i] = s.Words.Text(c.Lang, key, l.Params)
	}
	return out
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
	err := s.uploaded(c, s.history.Upload)
	if err == nil {
		return c.Done("/recognitions/import", "")
	}
	d, again := s.recognitionImportData(c)
	if again != nil {
		return again
	}
	return c.Invalid("recognition/import", d, err)
}

// uploaded hands the workbook that came with a form to the service; why one as a whole was not understood is said at the field.
func (s *Server) uploaded(c *Ctx, to func(context.Context, access.Actor, string, []byte) error) error {
	name, b, err := workbookOf(c)
	if err == nil {
		err = to(c.Ctx(), c.Actor, name, b)
	}
	if e := errs.As(err); err != nil && s.Words.Has("import.refusal."+e.Code) {
		err = errs.OnField("file", "workbook_refused", errs.Params{"why": c.T("import.refusal."+e.Code) + " " + c.T("import.remedy."+e.Code)})
	}
	return err
}

func workbookOf(c *Ctx) (name string, b []byte, err error) {
	fh, err := c.FormFile("file")
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
		return "", nil, errs.OnField("file", "file_missing")
	case errors.As(err, &tooLong):
		return "", nil, errs.OnField("file", "file_too_large")
	case err != nil:
		return "", nil, errs.Invalid("unreadable_input")
	case fh.Size > roster.MaxUpload:
		return "", nil, errs.OnField("file", "file_too_large")
	}
	if b, err = contents(fh); err != nil {
		return "", nil, errs.Internal("upload", err)
	}
	return fh.Filename, b, nil
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
	if err := s.history.Drop(c.Ctx(), c.Actor, models.HistoryRecognitions); err != nil {
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
