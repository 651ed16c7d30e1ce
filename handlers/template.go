package handlers

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"taphuan/app/errs"
	"taphuan/app/template"
	"taphuan/views"
)

func templatePath(id uint64) string { return "/templates/" + decimal(id) }

type templateListData struct {
	Rows []template.Row
	Name string
	From string
}

// Options are the templates that a new one can be made of.
func (d templateListData) Options() []views.Option {
	var out []views.Option
	for _, r := range d.Rows {
		out = append(out, views.Option{Value: decimal(r.ID), Label: r.Name})
	}
	return out
}

// templateList shows all templates.
func (s *Server) templateList(c *Ctx) error {
	rows, err := s.template.List(c.Ctx())
	if err != nil {
		return err
	}
	return c.Page("template/list", templateListData{Rows: rows})
}

func (s *Server) templatesAgain(c *Ctx, d templateListData, refusal error) error {
	var err error
	if d.Rows, err = s.template.List(c.Ctx()); err != nil {
		return err
	}
	return c.Invalid("template/list", d, refusal)
}

// templateCreate makes a template of another one and opens it.
func (s *Server) templateCreate(c *Ctx) error {
	var f struct {
		Name string `form:"name" binding:"max=500"`
		From uint64 `form:"from" binding:"required"`
	}
	var id uint64
	err := c.BindForm(&f)
	if err == nil {
		id, err = s.template.Copy(c.Ctx(), c.Actor, f.From, f.Name)
	}
	if errs.Is(err, "not_found") {
		err = errs.OnField("from", "choice")
	}
	if err != nil {
		return s.templatesAgain(c, templateListData{Name: f.Name, From: c.PostForm("from")}, err)
	}
	return c.Done(templatePath(id)+"/edit", "template.created")
}

// templateImport makes a template of a file that another system gave.
func (s *Server) templateImport(c *Ctx) error {
	body, err := c.uploaded("file")
	var id uint64
	if err == nil {
		id, err = s.template.Import(c.Ctx(), c.Actor, c.PostForm("import_name"), body)
	}
	if e := errs.As(err); err != nil && e.Kind == errs.KindInvalid { // whatever is wrong, it is wrong with the file
		for i := range e.Fields {
			if e.Fields[i].Name == "name" {
				e.Fields[i].Name = "import_name"
			} else {
				e.Fields[i].Name = "file"
			}
		}
		if len(e.Fields) == 0 {
			err = errs.OnField("file", e.Code, e.Params)
		}
	}
	if err != nil {
		return s.templatesAgain(c, templateListData{}, err)
	}
	return c.Done(templatePath(id), "template.created")
}

// uploaded gives the content of a file of a form. It refuses a missing one ("required") on its field.
func (c *Ctx) uploaded(field string) ([]byte, error) {
	fh, err := c.FormFile(field)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, errs.OnField(field, "file_too_large")
	case err != nil:
		return nil, errs.OnField(field, "required")
	}
	return contents(fh)
}

type templateData struct {
	template.Row
	History []template.Version
	NewName string
}

func (s *Server) templateData(c *Ctx) (templateData, error) {
	id, err := c.ID("id")
	if err != nil {
		return templateData{}, err
	}
	var d templateData
	if d.Row, err = s.template.Get(c.Ctx(), id); err != nil {
		return d, err
	}
	d.NewName = d.Name
	d.History, err = s.template.History(c.Ctx(), id)
	return d, err
}

// templateShow shows a template with its versions.
func (s *Server) templateShow(c *Ctx) error {
	d, err := s.templateData(c)
	if err != nil {
		return err
	}
	return c.Page("template/show", d)
}

// templateAct does one thing to a template and shows its page again with the refusal if there was one.
func (s *Server) templateAct(c *Ctx, message string, do func(*templateData) error) error {
	d, err := s.templateData(c)
	if err != nil {
		return err
	}
	if refusal := do(&d); refusal != nil {
		return c.Invalid("template/show", d, refusal)
	}
	return c.Done(templatePath(d.ID), message)
}

func (s *Server) templateRename(c *Ctx) error {
	return s.templateAct(c, "template.renamed", func(d *templateData) error {
		d.NewName = c.PostForm("name")
		return s.template.Rename(c.Ctx(), c.Actor, d.ID, d.NewName)
	})
}

func (s *Server) templateArchive(c *Ctx) error {
	return s.templateAct(c, "template.archived_done", func(d *templateData) error { return s.template.Archive(c.Ctx(), c.Actor, d.ID, true) })
}

func (s *Server) templateUnarchive(c *Ctx) error {
	return s.templateAct(c, "template.unarchived_done", func(d *templateData) error { return s.template.Archive(c.Ctx(), c.Actor, d.ID, false) })
}

// number reads the number of a version from the path.
func (c *Ctx) versionNumber() (int, error) {
	n, err := strconv.Atoi(c.Param("number"))
	if err != nil || n < 1 {
		return 0, errs.NotFound("template")
	}
	return n, nil
}

// templateRestore makes an old version the newest again, as a version of its own.
func (s *Server) templateRestore(c *Ctx) error {
	n, err := c.versionNumber()
	if err != nil {
		return err
	}
	return s.templateAct(c, "template.restored", func(d *templateData) error {
		_, l, err := s.template.Version(c.Ctx(), d.ID, n)
		if err != nil {
			return err
		}
		_, err = s.template.Save(c.Ctx(), c.Actor, template.Draft{TemplateID: d.ID, Base: d.Version, Layout: l, Note: c.T("template.restored_note", "number", n)})
		return err
	})
}

// templateExport gives a version as a file for another system.
func (s *Server) templateExport(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	n, err := c.versionNumber()
	if err != nil {
		return err
	}
	_, body, err := s.template.Export(c.Ctx(), id, n)
	if err != nil {
		return err
	}
	return c.Bytes("application/json", fmt.Sprintf("mau-giay-chung-nhan-%d-%d.json", id, n), body)
}

// samples are the invented certificates that a layout can be looked at with.
var samples = map[string]func() template.Snapshot{"": template.Sample, "usual": template.Sample, "longest": template.Longest}

// renditions that a layout can be looked at in.
var previewRenditions = map[string]template.Rendition{"": template.Print, "print": template.Print, "copy": template.Copy, "signed": template.Signed}

// drawSample draws the invented certificate that was chosen. A choice that is none is the usual one.
func drawSample(t *template.Template, v url.Values) ([]byte, error) {
	sample, ok := samples[v.Get("sample")]
	if !ok {
		sample = template.Sample
	}
	r, ok := previewRenditions[v.Get("rendition")]
	if !ok {
		r = template.Print
	}
	return t.Draw(sample(), r)
}

// templatePreview draws a version with an invented certificate.
func (s *Server) templatePreview(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	n, err := c.versionNumber()
	if err != nil {
		return err
	}
	v, _, err := s.template.Version(c.Ctx(), id, n)
	if err != nil {
		return err
	}
	t, err := s.template.Load(s.DB.Read(c.Ctx()), v.ID)
	if err != nil {
		return err
	}
	pdf, err := drawSample(t, c.Request.URL.Query())
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", "", pdf)
}

type editData struct {
	template.Row
	Form      layoutForm
	Pictures  []template.PictureRow
	Open      string // the element that is shown open
	Sample    string
	Rendition string
}

// Elements are the elements, each knowing where it stands.
func (d editData) Elements() []elementForm { return placed(d.Form.Elements, "elements.") }

// Palette are the kinds that can be added.
func (editData) Palette() []template.Kind { return palette }

// Fields are what a text may name.
func (editData) Fields() []string { return template.Fields }

// PictureOptions are the pictures to choose from.
func (d editData) PictureOptions() []views.Option {
	var out []views.Option
	for _, p := range d.Pictures {
		out = append(out, views.Option{Value: p.SHA256, Label: p.Name})
	}
	return out
}

func (s *Server) editData(c *Ctx) (editData, error) {
	id, err := c.ID("id")
	if err != nil {
		return editData{}, err
	}
	d := editData{Sample: c.PostForm("sample"), Rendition: c.PostForm("rendition")}
	if d.Row, err = s.template.Get(c.Ctx(), id); err != nil {
		return d, err
	}
	d.Pictures, err = s.template.Pictures(c.Ctx())
	return d, err
}

// templateEdit opens the newest version.
func (s *Server) templateEdit(c *Ctx) error {
	d, err := s.editData(c)
	if err != nil {
		return err
	}
	v, l, err := s.template.Version(c.Ctx(), d.ID, 0)
	if err != nil {
		return err
	}
	d.Form = formOfLayout(l, v.Number)
	return c.Page("template/edit", d)
}

// templateDraft carries a button of the editor out on the form that came along and shows it again; nothing is saved. With
// "preview", it gives the PDF of the form instead.
func (s *Server) templateDraft(c *Ctx) error {
	d, err := s.editData(c)
	if err != nil {
		return err
	}
	d.Form = readLayoutForm(c.Request.PostForm)
	act := c.PostForm("act")
	if act == "preview" {
		pdf, refusal := s.drawForm(c, d.Form)
		if pdf == nil {
			return c.Invalid("template/edit", d, refusal)
		}
		return c.Bytes("application/pdf", "", pdf)
	}
	d.Open = d.Form.act(act, c.T("template.new_text"))
	return c.Page("template/edit", d)
}

// drawForm draws what is being edited. There is no PDF where it cannot be drawn at all; with one, the refusal says why it could not
// be saved.
func (s *Server) drawForm(c *Ctx, f layoutForm) (pdf []byte, refusal error) {
	l, err := f.layout()
	if err != nil {
		return nil, err
	}
	t, refusal := s.template.Try(c.Ctx(), l)
	if t == nil {
		return nil, refusal
	}
	pdf, err = drawSample(t, c.Request.PostForm)
	if err != nil && refusal == nil {
		refusal = err
	}
	return pdf, refusal
}

// livePreview is what the editor's script shows: the page, and what is wrong with which element.
type livePreview struct {
	PDF      string           `json:"pdf,omitempty"` // base64
	Problems []previewProblem `json:"problems"`
}

type previewProblem struct {
	At   string `json:"at"` // "elements.3"; "" for the whole
	Text string `json:"text"`
}

// templateLive draws what is being edited for the editor's script.
func (s *Server) templateLive(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if _, err := s.template.Get(c.Ctx(), id); err != nil {
		return err
	}
	pdf, refusal := s.drawForm(c, readLayoutForm(c.Request.PostForm))
	out := livePreview{PDF: base64.StdEncoding.EncodeToString(pdf), Problems: []previewProblem{}}
	if refusal != nil {
		e := errs.As(refusal)
		if e.Kind == errs.KindInternal {
			return refusal
		}
		for _, f := range e.Fields {
			out.Problems = append(out.Problems, previewProblem{f.Name, c.message(f.Code, f.Params)})
		}
		if len(e.Fields) == 0 {
			out.Problems = append(out.Problems, previewProblem{"", c.message(e.Code, e.Params)})
		}
	}
	return c.OK(http.StatusOK, out)
}

// templateSave keeps what is being edited as a new version.
func (s *Server) templateSave(c *Ctx) error {
	d, err := s.editData(c)
	if err != nil {
		return err
	}
	d.Form = readLayoutForm(c.Request.PostForm)
	number := 0
	l, refusal := d.Form.layout()
	if refusal == nil {
		number, refusal = s.template.Save(c.Ctx(), c.Actor, template.Draft{TemplateID: d.ID, Base: d.Form.Base, Layout: l, Note: d.Form.Note})
	}
	if refusal != nil {
		if errs.Is(refusal, "template_changed") { // who was told may save all the same
			d.Form.Base = d.Version
		}
		return c.Invalid("template/edit", d, refusal)
	}
	return c.Done(templatePath(d.ID), "template.saved", "number", number)
}

type pictureData struct {
	Rows []template.PictureRow
	Name string
}

// pictureList shows the pictures that layouts may show.
func (s *Server) pictureList(c *Ctx) error {
	rows, err := s.template.Pictures(c.Ctx())
	if err != nil {
		return err
	}
	return c.Page("template/pictures", pictureData{Rows: rows})
}

func (s *Server) picturesAgain(c *Ctx, name string, refusal error) error {
	rows, err := s.template.Pictures(c.Ctx())
	if err != nil {
		return err
	}
	return c.Invalid("template/pictures", pictureData{rows, name}, refusal)
}

// pictureAdd takes a picture into the library.
func (s *Server) pictureAdd(c *Ctx) error {
	body, err := c.uploaded("picture")
	if err == nil {
		_, err = s.template.AddPicture(c.Ctx(), c.Actor, c.PostForm("name"), body)
	}
	if err != nil {
		return s.picturesAgain(c, c.PostForm("name"), err)
	}
	return c.Done("/templates/pictures", "template.picture_added")
}

// pictureShow gives a picture.
func (s *Server) pictureShow(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	p, err := s.template.Picture(c.Ctx(), id)
	if err != nil {
		return err
	}
	return c.Bytes(p.ContentType, "", p.Body)
}

// pictureRemove takes a picture out of the library.
func (s *Server) pictureRemove(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := s.template.RemovePicture(c.Ctx(), c.Actor, id); err != nil {
		return s.picturesAgain(c, "", err)
	}
	return c.Done("/templates/pictures", "template.picture_removed")
}

// templateOptions are the templates that a course or an issuer may choose.
func (s *Server) templateOptions(c *Ctx, chosen *uint64) ([]views.Option, error) {
	all, err := s.template.Options(c.Ctx(), chosen)
	var out []views.Option
	for _, o := range all {
		out = append(out, views.Option{Value: decimal(o.ID), Label: o.Name})
	}
	return out, err
}
