package roster

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/roster/sheet"
	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models"
	"taphuan/models/viet"
)

// WorksheetWords are the words of a worksheet in the reader's language.
type WorksheetWords struct {
	Name, List         string     // of the sheets
	Heads              [10]string // of the columns, in their order
	Choose, ChooseText string
	Left               []string // as roster.Left
}

// The columns of a worksheet, from 1.
const (
	colKey = 1 + iota
	colName
	colBorn
	colOffice
	colTitle
	colGroups
	colTo
	colNewTitle
	colNewGroups
	colFrom
)

// How a worksheet of ours is known: a hidden sheet with these words, the organisation's code, and a keyed hash of it.
const (
	worksheetMark   = "taphuan"
	worksheetFormat = "taphuan-placements-1"
)

const purposeWorksheet = "placements_worksheet"

// Worksheet writes the people whom nobody has placed yet as a workbook to be filled: a row a person with a key that stays theirs, the
// successors as a list to choose from, no national ids. It refuses what is out of scope with not_found.
func (s *Service) Worksheet(ctx context.Context, actor access.Actor, code string, w WorksheetWords) (_ []byte, err error) {
	o, err := s.OrganisationToWrite(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	db := s.DB.Read(ctx)
	rows, err := s.UnplacedPage(ctx, o, 0)
	if err != nil {
		return nil, err
	}
	t, err := readTree(db)
	if err != nil {
		return nil, err
	}
	f := excelize.NewFile()
	defer func() { err = cmp.Or(err, f.Close()) }()
	b := &worksheetBook{f: f, words: w}
	b.try(f.SetSheetName("Sheet1", w.Name))
	b.sheet(w.List)
	b.sheet(worksheetMark)
	for i, text := range []string{worksheetFormat, o.Code, s.Keys.Hash(purposeWorksheet, o.Code)} {
		b.text(worksheetMark, 1, i+1, text)
	}
	b.heads()
	b.rows(rows, t)
	b.try(f.SetSheetVisible(w.List, false))
	b.try(f.SetSheetVisible(worksheetMark, false))
	if b.err != nil {
		return nil, b.err
	}
	var out bytes.Buffer
	_, err = f.WriteTo(&out)
	return out.Bytes(), err
}

// worksheetBook is a worksheet on its way; err is the first that writing met.
type worksheetBook struct {
	f     *excelize.File
	words WorksheetWords
	err   error
}

func (b *worksheetBook) try(err error) { b.err = cmp.Or(b.err, err) }

func (b *worksheetBook) sheet(name string) {
	_, err := b.f.NewSheet(name)
	b.try(err)
}

// text writes a cell that is a text whatever it begins with.
func (b *worksheetBook) text(sheet string, column, row int, text string) {
	at, err := excelize.CoordinatesToCellName(column, row)
	b.try(err)
	b.try(b.f.SetCellStr(sheet, at, text))
}

var worksheetWidths = [10]float64{10, 26, 9, 36, 24, 16, 40, 26, 16, 12}

func (b *worksheetBook) heads() {
	plain, err := b.f.NewStyle(&excelize.Style{NumFmt: 49}) // text, also what is typed
	b.try(err)
	bold, err := b.f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8ECF4"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	b.try(err)
	name := b.words.Name
	for i, head := range b.words.Heads {
		column := xlsx.ColumnName(i + 1)
		b.try(b.f.SetColWidth(name, column, column, worksheetWidths[i]))
		b.try(b.f.SetColStyle(name, column, plain))
		b.text(name, i+1, 1, head)
	}
	b.try(b.f.SetRowStyle(name, 1, 1, bold))
	b.try(b.f.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: colName, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight"}))
	across, a4, one, any, fit := "landscape", 9, 1, 0, true
	b.try(b.f.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &across, Size: &a4, FitToWidth: &one, FitToHeight: &any}))
	b.try(b.f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}))
}

// rows writes the people; those of one office stand together and share a list to choose from.
func (b *worksheetBook) rows(rows []Unplaced, t *tree) {
	name, first, lists := b.words.Name, 0, 0
	for i, u := range rows {
		born := ""
		if u.BirthYear != 0 {
			born = strconv.Itoa(u.BirthYear)
		}
		groups := strings.Join(u.Groups, "; ")
		for j, text := range []string{rowKeyOf(u.PostingID), u.FullName, born, u.Office, u.Title, groups, "", u.Title, groups, ""} {
			b.text(name, j+1, i+2, text)
		}
		if i+1 < len(rows) && rows[i+1].OfficeID == u.OfficeID {
			continue
		}
		lists++
		b.choices(lists, t.heirs(u.OfficeID), first+2, i+2)
		first = i + 1
	}
}

// choices puts a list into its own column of the hidden sheet, and offers it in the rows.
func (b *worksheetBook) choices(column int, heirs []models.Organisation, from, to int) {
	n := 0
	for _, h := range heirs {
		n++
		b.text(b.words.List, column, n, h.Name)
	}
	for _, word := range b.words.Left {
		n++
		b.text(b.words.List, column, n, word)
	}
	letter := xlsx.ColumnName(column)
	v := excelize.NewDataValidation(true)
	v.SetSqref(fmt.Sprintf("%s%d:%s%d", xlsx.ColumnName(colTo), from, xlsx.ColumnName(colTo), to))
	v.SetSqrefDropList(fmt.Sprintf("'%s'!$%s$1:$%s$%d", b.words.List, letter, letter, n))
	v.SetInput(b.words.Choose, b.words.ChooseText)
	v.SetError(excelize.DataValidationErrorStyleWarning, b.words.Choose, b.words.ChooseText)
	b.try(b.f.AddDataValidation(b.words.Name, v))
}

// rowKeyOf is the key of a row: the posting that ended.
func rowKeyOf(posting uint64) string { return "R" + strconv.FormatUint(posting, 10) }

// SheetRow is a filled row of a worksheet that came back, and why it cannot be taken.
type SheetRow struct {
	Row  int
	Name string // as the sheet has it
	Placement
	Refusal *Refusal
}

// SheetRead is what a worksheet says.
type SheetRead struct {
	Rows  []SheetRow // with a choice
	Empty int        // without
}

// ReadWorksheet reads a worksheet that came back; nothing is written. left gives the reasons for which somebody left by viet.Key of
// the words. A file that is no workbook is refused as rosters are, any other workbook with "worksheet_foreign", the worksheet of another
// organisation with "worksheet_of_another". Rows are refused with row_unknown, row_twice, row_of_another, choice_unknown,
// choice_ambiguous, unknown_target_group and day; whether the placements may be, CheckPlacements says.
func (s *Service) ReadWorksheet(ctx context.Context, actor access.Actor, code string, file []byte, left map[string]models.EndReason) (*SheetRead, error) {
	o, err := s.OrganisationToWrite(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	if len(file) == 0 {
		return nil, errs.OnField("file", "file_missing")
	}
	book, err := xlsx.Read(ctx, bytes.NewReader(file), int64(len(file)), xlsx.DefaultLimits)
	if err != nil {
		if e := errs.As(sheet.FileError(err)); e.Kind != errs.KindInternal {
			return nil, errs.OnField("file", e.Code, e.Params)
		}
		return nil, err
	}
	if err := s.ours(ctx, book, o); err != nil {
		return nil, err
	}
	db := s.DB.Read(ctx)
	r := &sheetReader{left: left, date1904: book.Date1904, seen: map[uint64]bool{}}
	if r.plan, err = plan.Current(ctx, db, models.DayOf(s.DB.Time())); err != nil {
		return nil, err
	}
	if r.tree, err = readTree(db); err != nil {
		return nil, err
	}
	var ended []Unplaced // decided ones too: that they are is said better later
	if err := db.Table("postings").Scopes(endedWith(o.Path)).Joins("JOIN cadres ON cadres.id = postings.cadre_id").
		Select("postings.id AS posting_id, cadres.full_name, organisations.id AS office_id").Scan(&ended).Error; err != nil {
		return nil, err
	}
	r.people = make(map[uint64]Unplaced, len(ended))
	for _, u := range ended {
		r.people[u.PostingID] = u
	}
	out := &SheetRead{}
	for _, row := range firstShown(book).Rows {
		if row.Number > 1 {
			r.row(row, out)
		}
	}
	if len(out.Rows) > MaxPlacements {
		return nil, errs.OnField("file", "too_many_placements", errs.Params{"n": MaxPlacements})
	}
	return out, nil
}

func firstShown(b *xlsx.Book) xlsx.Sheet {
	for _, s := range b.Sheets {
		if !s.Hidden {
			return s
		}
	}
	return xlsx.Sheet{}
}

// ours says whether the workbook is a worksheet of the organisation.
func (s *Service) ours(ctx context.Context, b *xlsx.Book, o models.Organisation) error {
	var mark [3]string
	for _, x := range b.Sheets {
		if x.Name != worksheetMark {
			continue
		}
		for _, row := range x.Rows {
			if len(row.Cells) > 0 && row.Number <= len(mark) {
				mark[row.Number-1] = row.Cells[0].Text
			}
		}
	}
	if mark[0] != worksheetFormat || mark[2] != s.Keys.Hash(purposeWorksheet, mark[1]) {
		return errs.OnField("file", "worksheet_foreign")
	}
	if mark[1] != o.Code {
		names, err := s.Names(ctx, []string{mark[1]})
		if err != nil {
			return err
		}
		return errs.OnField("file", "worksheet_of_another", errs.Params{"name": cmp.Or(names[mark[1]], mark[1])})
	}
	return nil
}

type sheetReader struct {
	plan     *plan.Plan
	tree     *tree
	people   map[uint64]Unplaced
	left     map[string]models.EndReason
	date1904 bool
	seen     map[uint64]bool
}

func (r *sheetReader) row(row xlsx.Row, out *SheetRead) {
	var cells [colFrom + 1]xlsx.Cell
	for _, c := range row.Cells {
		if c.Column <= colFrom {
			c.Text = viet.NFC(c.Text)
			cells[c.Column] = c
		}
	}
	if cells[colTo].Text == "" {
		if cells[colKey].Text != "" {
			out.Empty++
		}
		return
	}
	x := SheetRow{Row: row.Number, Name: cells[colName].Text}
	x.Refusal = r.placement(&x, cells)
	out.Rows = append(out.Rows, x)
}

func (r *sheetReader) placement(x *SheetRow, cells [colFrom + 1]xlsx.Cell) *Refusal {
	id, err := strconv.ParseUint(strings.TrimPrefix(cells[colKey].Text, "R"), 10, 63)
	u, known := r.people[id]
	switch {
	case err != nil || !known:
		return &Refusal{Field: "key", Code: "row_unknown"}
	case r.seen[id]:
		return &Refusal{Field: "key", Code: "row_twice"}
	case viet.Key(u.FullName) != viet.Key(x.Name):
		return &Refusal{Field: "key", Code: "row_of_another", Params: errs.Params{"name": u.FullName}}
	}
	r.seen[id] = true
	x.PostingID, x.Title = id, cells[colNewTitle].Text
	var refusal *Refusal
	if x.To, refusal = r.to(cells[colTo].Text, u.OfficeID); refusal != nil {
		return refusal
	}
	if x.Groups, refusal = r.groups(cells[colNewGroups].Text); refusal != nil {
		return refusal
	}
	x.From, refusal = r.day(cells[colFrom])
	return refusal
}

// to finds what a choice means: a successor first, then a reason, then any organisation that is there when the office ends, by code or
// name.
func (r *sheetReader) to(text string, office uint64) (string, *Refusal) {
	key := viet.Key(text)
	day := r.tree.byID[office].ToDay
	names := func(o models.Organisation) bool {
		return o.Code == strings.ToUpper(text) || viet.Key(o.Name) == key || o.ShortName != "" && viet.Key(o.ShortName) == key
	}
	var found []string
	for _, o := range r.tree.heirs(office) {
		if names(o) {
			found = append(found, o.Code)
		}
	}
	if reason, ok := r.left[key]; ok && len(found) == 0 {
		return string(reason), nil
	}
	if len(found) == 0 {
		for _, o := range r.tree.byID {
			if o.ToDay > day && names(o) {
				found = append(found, o.Code)
			}
		}
	}
	switch len(found) {
	case 0:
		return "", &Refusal{Field: "to", Code: "choice_unknown", Params: errs.Params{"value": text}}
	case 1:
		return found[0], nil
	}
	return "", &Refusal{Field: "to", Code: "choice_ambiguous", Params: errs.Params{"value": text}}
}

// groups reads groups by code or name, separated by semicolons, or by commas where they are no part of a name.
func (r *sheetReader) groups(text string) ([]string, *Refusal) {
	var out []string
	for part := range strings.SplitSeq(text, ";") {
		words := []string{part}
		if r.group(part) == "" {
			words = strings.Split(part, ",")
		}
		for _, word := range words {
			code := r.group(word)
			if code == "" && strings.TrimSpace(word) != "" {
				return nil, &Refusal{Field: "groups", Code: "unknown_target_group", Params: errs.Params{"group": strings.TrimSpace(word)}}
			}
			if code != "" && !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
	}
	return out, nil
}

// group finds a group by its code or one of its names, "" for none.
func (r *sheetReader) group(word string) string {
	key := viet.Key(word)
	for _, g := range r.plan.Groups {
		called := append([]string{g.Code, g.NameVi, g.NameEn, g.ShortVi, g.ShortEn}, strings.Split(g.Aliases, "\n")...)
		if key != "" && slices.ContainsFunc(called, func(name string) bool { return viet.Key(name) == key }) {
			return g.Code
		}
	}
	return ""
}

// day reads a day as text, or as the number that spreadsheets make of one.
func (r *sheetReader) day(c xlsx.Cell) (models.Day, *Refusal) {
	var d models.Day
	if c.Kind == xlsx.DateNumber {
		n, err := strconv.ParseFloat(c.Text, 64)
		zero := models.MustDay("1899-12-30")
		if r.date1904 {
			zero = models.MustDay("1904-01-01")
		}
		if err == nil && n > 0 && n < 100_000 {
			return zero.AddDays(int(math.Floor(n))), nil
		}
		return 0, &Refusal{Field: "from", Code: "day"}
	}
	if err := d.UnmarshalText([]byte(c.Text)); err != nil || d == models.Forever {
		return 0, &Refusal{Field: "from", Code: "day"}
	}
	return d, nil
}
