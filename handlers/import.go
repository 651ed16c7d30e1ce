package handlers

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"strconv"

	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/roster"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/models/viet"
	"taphuan/views"
)

// uploadBody is what a request with a workbook may carry: more than a workbook may have, so that one that is too large is refused in
// words and not by a broken connection.
const uploadBody = 48 << 20

type importRow struct {
	roster.Import
	Kind   string // of the tag
	Status string
}

// importList shows the latest imports.
func (s *Server) importList(c *Ctx) error {
	rows, err := s.importListRows(c)
	if err != nil {
		return err
	}
	return c.Page("import/list", shortList[importRow]{rows})
}

var importColumns = columns[importRow]{
	"file": func(a, b importRow) int { return cmp.Compare(wordOrder(a.FileName), wordOrder(b.FileName)) },
	"when": func(a, b importRow) int { return cmp.Compare(a.ID, b.ID) },
	"who":  func(a, b importRow) int { return cmp.Compare(viet.SortKey(a.Account), viet.SortKey(b.Account)) },
}

func (s *Server) importListRows(c *Ctx) ([]importRow, error) {
	var f sorting
	if err := c.BindForm(&f); err != nil {
		return nil, err
	}
	l, err := s.roster.Imports(c.Ctx(), c.Actor)
	rows := make([]importRow, len(l))
	for i, x := range l {
		rows[i] = importRow{x, importKinds[x.State], c.T("import.status." + string(x.State))}
	}
	importColumns.sort(rows, f)
	return rows, err
}

// importSheet gives the list of imports as a workbook.
func (s *Server) importSheet(c *Ctx) error {
	rows, err := s.importListRows(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("nav.imports"), Title: c.T("import.title"), Columns: []workbook.Column{{Head: c.T("import.file_name"), Width: 44}, {Head: c.T("import.effective"), Kind: workbook.Day}, {Head: c.T("import.when"), Width: 22},
		{Head: c.T("import.who")}, {Head: c.T("import.state"), Width: 22}, {Head: c.T("import.accepted"), Kind: workbook.Number}, {Head: c.T("import.refused"), Kind: workbook.Number}}}
	return c.Sheet("nhap-danh-sach", sheet, func(row workbook.Row) error {
		for _, r := range rows {
			var accepted, refused any
			if r.Summary != nil {
				accepted, refused = r.Summary.Accepted, r.Summary.Refused
			}
			if err := row(r.FileName, r.EffectiveDay, i18n.Moment(c.Lang, r.CreatedAt), r.Account, r.Status, accepted, refused); err != nil {
				return err
			}
		}
		return nil
	})
}

var importKinds = map[models.ImportState]string{
	models.ImportReading: "open", models.ImportRead: "warn", models.ImportRefused: "bad", models.ImportWriting: "open", models.ImportWritten: "good", models.ImportCancelled: "neutral",
}

type importForm struct {
	Effective string `form:"effective" binding:"max=40"`
	Full      bool   `form:"full_list"`
}

// importNew asks for a workbook and its day.
func (s *Server) importNew(c *Ctx) error { return c.Page("import/new", importForm{}) }

// importUpload takes a workbook; its page shows how the reading goes on.
func (s *Server) importUpload(c *Ctx) error {
	var f importForm
	id := uint64(0)
	err := c.BindForm(&f)
	if err == nil {
		id, err = s.upload(c, f)
	}
	if err != nil {
		return c.Invalid("import/new", f, err)
	}
	return c.Done("/imports/"+strconv.FormatUint(id, 10), "")
}

func (s *Server) upload(c *Ctx, f importForm) (uint64, error) {
	var day models.Day
	if err := day.UnmarshalText([]byte(f.Effective)); err != nil {
		return 0, errs.OnField("effective", "day")
	}
	fh, err := c.FormFile("file")
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return 0, errs.OnField("file", "file_too_large")
	case errors.Is(err, http.ErrMissingFile):
		return s.roster.Upload(c.Ctx(), c.Actor, roster.UploadInput{Effective: day})
	case err != nil:
		return 0, errs.Invalid("unreadable_input")
	case fh.Size > roster.MaxUpload:
		return 0, errs.OnField("file", "file_too_large")
	}
	b, err := contents(fh)
	if err != nil {
		return 0, errs.Internal("upload", err)
	}
	return s.roster.Upload(c.Ctx(), c.Actor, roster.UploadInput{Name: fh.Filename, File: b, Effective: day, Full: f.Full})
}

func contents(fh *multipart.FileHeader) (_ []byte, err error) {
	f, err := fh.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(f)
}

// importAccepted is an accepted row in words.
type importAccepted struct {
	roster.AcceptedRow
	Place, Birth, IDEnd, Office string
	GroupNames, Notes           []string
}

// importRefused is a refused row, or one that asks, in words.
type importRefused struct {
	roster.RefusedRow
	Place, Why, Here, There string
}

type importData struct {
	*roster.Import
	Part      models.ImportPart
	Tabs      []views.Link
	Accepted  []importAccepted
	Refused   []importRefused
	Leavers   []importLeaver
	Changes   []importChange // of a full list, by organisation
	Number    int            // page
	Size      int
	Total     int
	Tables    []importTable
	Skipped   []string
	Converted []string
	Reason    string // why the file as a whole was refused
	Remedy    string
	Unwritten bool // it had been read, and was refused when it was to be written
	Steps     []views.Step
}

type importTable struct {
	Caption, Whole string
	Columns        []importColumn
}

type importColumn struct{ Letter, Heading, Meaning string }

// importShow shows an import as it stands: how far it is, what the workbook would do, or what it did.
func (s *Server) importShow(c *Ctx) error {
	d, err := s.importData(c)
	if err != nil {
		return err
	}
	return c.Page("import/show", d)
}

func (s *Server) importData(c *Ctx) (*importData, error) {
	n, err := c.pageNumber()
	if err != nil {
		return nil, err
	}
	return s.importAt(c, models.ImportPart(c.Query("part")), max(n, 1))
}

// importAt reads an import with one page of a part of its rows.
func (s *Server) importAt(c *Ctx, part models.ImportPart, page int) (*importData, error) {
	id, err := c.ID("id")
	if err != nil {
		return nil, err
	}
	im, err := s.roster.Import(c.Ctx(), c.Actor, id)
	if err != nil {
		return nil, err
	}
	if im.Head != nil && im.Head.Plan != 0 {
		c.ofPlan(im.Head.Plan)
	}
	d := &importData{Import: im, Part: part, Size: roster.PageSize, Number: max(page, 1), Steps: importSteps(c, im)}
	switch {
	case im.State == models.ImportRefused && im.Head != nil: // when it was to be written
		d.Reason, d.Unwritten = c.message(im.ErrorCode, errs.Params{"names": roster.GroupNames(c.Lang, im.Head.Groups)}), true
	case im.State == models.ImportRefused:
		d.Reason, d.Remedy = s.fileRefusal(c, im)
	case im.Head != nil && (im.State == models.ImportRead || im.Failed()):
		err = s.importPreview(c, d)
	case im.Summary != nil && im.Summary.Refused > 0:
		d.Part, d.Total = models.PartRefused, im.Summary.Refused
		err = s.importRows(c, d)
	}
	return d, err
}

func importSteps(c *Ctx, im *roster.Import) []views.Step {
	var states [3]string
	switch im.State {
	case models.ImportReading, models.ImportRefused:
		states = [3]string{"current", "todo", "todo"}
	case models.ImportRead:
		states = [3]string{"done", "current", "todo"}
	case models.ImportWriting:
		states = [3]string{"done", "done", "current"}
	case models.ImportWritten:
		states = [3]string{"done", "done", "done"}
	default:
		return nil
	}
	return []views.Step{{Label: c.T("import.step.upload"), State: states[0]}, {Label: c.T("import.step.check"), State: states[1]}, {Label: c.T("import.step.write"), State: states[2]}}
}

// fileRefusal says why a file was refused and what to do about it.
func (s *Server) fileRefusal(c *Ctx, im *roster.Import) (reason, remedy string) {
	code, what := im.Refusal()
	key := code
	if s.Words.Has("import.refusal." + code + "_" + what) {
		key += "_" + what
	}
	if !s.Words.Has("import.refusal." + key) {
		return c.message(code, nil), ""
	}
	return c.T("import.refusal." + key), c.T("import.remedy." + key)
}

func (s *Server) importPreview(c *Ctx, d *importData) error {
	parts := []struct {
		part  models.ImportPart
		count int
	}{{models.PartAccepted, d.Head.Accepted}, {models.PartLeavers, d.Head.Leavers}, {models.PartAsked, d.Head.Asked}, {models.PartRefused, d.Head.Refused}, {models.PartWarned, d.Head.Warned}}
	known := false
	for _, p := range parts {
		known = known || p.part == d.Part
	}
	if !known {
		d.Part = models.PartAccepted
		if d.Head.Accepted == 0 && d.Head.Asked == 0 {
			d.Part = models.PartRefused
		}
	}
	for _, p := range parts {
		if p.count == 0 && (p.part == models.PartAsked || p.part == models.PartWarned || p.part == models.PartLeavers) && p.part != d.Part {
			continue
		}
		if p.part == d.Part {
			d.Total = p.count
		}
		d.Tabs = append(d.Tabs, views.Link{Href: "/imports/" + strconv.FormatUint(d.ID, 10) + "?part=" + string(p.part), Label: c.T("import." + string(p.part)), Count: p.count, Current: p.part == d.Part})
	}
	var codes []string
	for _, t := range d.Head.Tables {
		codes = append(codes, t.Organisation)
	}
	for _, x := range d.Head.Difference {
		codes = append(codes, x.Organisation)
	}
	names, err := s.roster.Names(c.Ctx(), codes)
	if err != nil {
		return err
	}
	for _, t := range d.Head.Tables {
		x := importTable{Caption: c.T("import.table", "sheet", t.Sheet, "row", t.HeaderRow, "n", t.People)}
		if name := names[t.Organisation]; name != "" {
			x.Whole = c.T("import.table_of", "name", name)
		}
		for _, col := range t.Columns {
			y := importColumn{Letter: col.Letter, Heading: col.Heading, Meaning: c.T("import.unused")}
			if col.Field == "group_mark" {
				y.Meaning = c.T("import.field.group_mark", "group", col.Group)
			} else if col.Field != "" {
				y.Meaning = c.T("import.field." + col.Field)
			}
			x.Columns = append(x.Columns, y)
		}
		d.Tables = append(d.Tables, x)
	}
	for _, x := range d.Head.Difference {
		d.Changes = append(d.Changes, importChange{x, names[x.Organisation]})
	}
	for _, k := range d.Head.Skipped {
		d.Skipped = append(d.Skipped, c.T("import.skipped", "sheet", k.Name, "why", c.T("import.skip."+k.Why)))
	}
	for _, v := range d.Head.Converted {
		d.Converted = append(d.Converted, c.T("import.converted_column", "sheet", v.Sheet, "column", v.Column, "encoding", v.Encoding, "n", v.Cells, "before", v.Before, "after", v.After))
	}
	return s.importRows(c, d)
}

// importRows reads the page of rows that is shown.
func (s *Server) importRows(c *Ctx, d *importData) error {
	var codes []string
	if d.Part == models.PartLeavers {
		return s.importLeavers(c, d)
	}
	if d.Part == models.PartAccepted || d.Part == models.PartWarned {
		rows, err := s.roster.AcceptedPage(c.Ctx(), c.Actor, d.ID, d.Part, d.Number)
		if err != nil {
			return err
		}
		for _, r := range rows {
			codes = append(codes, r.Organisation)
		}
		names, err := s.roster.Names(c.Ctx(), codes)
		if err != nil {
			return err
		}
		groups := map[string]string{}
		for _, g := range d.Head.Groups {
			groups[g.Code] = g.Short(c.Lang)
		}
		for _, r := range rows {
			d.Accepted = append(d.Accepted, acceptedInWords(c, r, names, groups))
		}
		return nil
	}
	rows, err := s.roster.RefusedPage(c.Ctx(), c.Actor, d.ID, d.Part, d.Number)
	if err != nil {
		return err
	}
	for _, r := range rows {
		codes = append(codes, r.Organisation, r.Elsewhere)
	}
	names, err := s.roster.Names(c.Ctx(), codes)
	if err != nil {
		return err
	}
	for _, r := range rows {
		x := importRefused{RefusedRow: r, Place: place(c, r.Sheet, r.Row, r.Column), Why: refusalWords(c, r), Here: names[r.Organisation], There: names[r.Elsewhere]}
		d.Refused = append(d.Refused, x)
	}
	return nil
}

func acceptedInWords(c *Ctx, r roster.AcceptedRow, names, groups map[string]string) importAccepted {
	x := importAccepted{AcceptedRow: r, Place: place(c, r.Sheet, r.Row.Row, ""), Birth: birth(c, r.Born), Office: names[r.Organisation]}
	if n := len(r.NationalID); n >= 4 {
		x.IDEnd = r.NationalID[n-4:]
	}
	for _, g := range r.Groups {
		name := groups[g]
		if name == "" {
			name = g
		}
		x.GroupNames = append(x.GroupNames, name)
	}
	for _, w := range r.Warnings {
		text := c.T("import.warning." + w.Code)
		if w.Value != "" {
			text += " (" + w.Value + ")"
		}
		x.Notes = append(x.Notes, text)
	}
	if len(r.Candidates) > 0 {
		x.Notes = append(x.Notes, c.T("import.several", "n", len(r.Candidates)))
	}
	return x
}

func place(c *Ctx, sheet string, row int, column string) string {
	if column == "" {
		return c.T("import.place_at", "sheet", sheet, "row", row)
	}
	return c.T("import.place_column", "sheet", sheet, "row", row, "column", column)
}

// birth writes "1980-05-04" or "1980" as people do.
func birth(c *Ctx, born string) string {
	if d, err := models.ParseDay(born); err == nil && d != 0 {
		return i18n.Day(c.Lang, d)
	}
	return born
}

func refusalWords(c *Ctx, r roster.RefusedRow) string {
	key, params := "import.reason."+r.Reason, errs.Params{}
	maps.Copy(params, r.Params)
	if row, ok := r.Params["other_row"].(float64); ok {
		key += "_at"
		params["sheet"], params["row"] = r.Params["other_sheet"], int(row)
	}
	if !c.s.Words.Has(key) {
		key = "import.reason." + r.Reason
	}
	return c.s.Words.Text(c.Lang, key, params)
}

// importProgress is what the bar on an import's page asks for.
type importProgress struct {
	Done  bool   `json:"done"`
	Value int    `json:"value"`
	Max   int    `json:"max"`
	Text  string `json:"text"`
}

// importState says how far an import is.
func (s *Server) importState(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	im, err := s.roster.Import(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	n := im.Percent()
	return c.OK(http.StatusOK, importProgress{Done: !im.Busy(), Value: n, Max: 100, Text: i18n.Target(c.Lang, float64(n))})
}

type importChoice struct {
	Page    int      `form:"asked_page" binding:"min=0,max=1000000"`
	Move    []string `form:"move" binding:"max=1000"`
	Leavers leaversForm
}

func (f importChoice) choice() *roster.Choice {
	switch {
	case f.Leavers.Page != 0:
		return &roster.Choice{Page: f.Leavers.Page, Leavers: true, Left: f.Leavers.said}
	case f.Page == 0:
		return nil
	}
	return &roster.Choice{Page: f.Page, Move: f.Move}
}

// importDecide keeps which people of a page move here, or which of those missing in a full list have left.
func (s *Server) importDecide(c *Ctx) error {
	return s.importAct(c, "import.choices_saved", func(id uint64, f importChoice) error {
		if f.Leavers.Page != 0 {
			return s.roster.DecideLeavers(c.Ctx(), c.Actor, id, f.Leavers.Page, f.Leavers.said)
		}
		if f.Page == 0 {
			return errs.NotFound("page")
		}
		return s.roster.Decide(c.Ctx(), c.Actor, id, *f.choice())
	})
}

// importConfirm has a previewed import written.
func (s *Server) importConfirm(c *Ctx) error {
	return s.importAct(c, "import.confirmed", func(id uint64, f importChoice) error {
		return s.roster.Confirm(c.Ctx(), c.Actor, id, f.choice())
	})
}

// importCancel drops an import.
func (s *Server) importCancel(c *Ctx) error {
	return s.importAct(c, "import.cancelled", func(id uint64, _ importChoice) error { return s.roster.Cancel(c.Ctx(), c.Actor, id) })
}

func (s *Server) importAct(c *Ctx, message string, do func(uint64, importChoice) error) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var f importChoice
	err = c.BindForm(&f)
	if err == nil {
		err = f.Leavers.read(c)
	}
	if err == nil {
		err = do(id, f)
	}
	if err != nil {
		part, page := models.PartAsked, f.Page
		if f.Leavers.Page != 0 {
			part, page = models.PartLeavers, f.Leavers.Page
		}
		d, again := s.importAt(c, part, page)
		if again != nil {
			return again
		}
		f.Leavers.typed(c, d)
		return c.Invalid("import/show", d, err)
	}
	path := "/imports/" + strconv.FormatUint(id, 10)
	if message == "import.choices_saved" && f.Leavers.Page != 0 {
		path += "?" + leaversQuery(f.Leavers.Page)
	} else if message == "import.choices_saved" {
		path += "?part=asked&page=" + strconv.Itoa(f.Page)
	}
	return c.Done(path, message)
}
