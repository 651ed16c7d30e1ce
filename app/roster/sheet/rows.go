package sheet

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"taphuan/app/errs"
	"taphuan/app/roster/sheet/xlsx"
)

// interpreter reads one workbook.
type interpreter struct {
	ctx       context.Context
	opt       Options
	date1904  bool
	orgs      *register
	groups    *groupBook
	partCache map[string]found
	endCache  map[string]atEnd
	seen      people
	garbled   map[cellAt]bool // cells whose encoding nobody can tell
	heard     map[string]hearing
	result    *Result
	done      int
	total     int
	people    int
	headings  int
}

func newInterpreter(ctx context.Context, dir Directory, opt Options, b *xlsx.Book) *interpreter {
	in := &interpreter{
		ctx: ctx, opt: opt, date1904: b.Date1904, orgs: newRegister(dir.Organisations, opt.Effective), groups: newGroupBook(dir.Groups, opt.Effective),
		partCache: map[string]found{}, endCache: map[string]atEnd{}, seen: newPeople(), garbled: map[cellAt]bool{}, heard: map[string]hearing{}, result: &Result{Accepted: []Row{}, Refused: []Refusal{}},
	}
	for i := range b.Sheets {
		in.total += len(b.Sheets[i].Rows)
	}
	return in
}

// book reads every sheet that is shown; hidden ones hold lists for choosing from and old drafts.
func (in *interpreter) book(b *xlsx.Book) error {
	why := "no_sheet"
	loose := 0 // rows of sheets without a table
	for i := range b.Sheets {
		s := &b.Sheets[i]
		switch {
		case s.Hidden:
			in.skip(s.Name, "hidden")
			in.done += len(s.Rows)
			continue
		case len(s.Rows) == 0:
			in.skip(s.Name, "empty")
			continue
		}
		in.modernise(s)
		found, err := in.sheet(newGrid(s))
		if err != nil {
			return err
		}
		if !found {
			in.skip(s.Name, "no_table")
			loose += len(s.Rows)
			if why == "no_sheet" {
				why = "no_header"
			}
			continue
		}
		why = "no_people"
	}
	if in.people > MaxRows || in.people == 0 && loose > MaxRows {
		return errs.TooLarge("too_many_rows", errs.Params{"max": MaxRows})
	}
	if in.people == 0 && len(in.garbled) > 0 {
		return errs.Invalid(string(TextEncoding))
	}
	if in.people == 0 {
		return errs.Invalid("table_not_understood", errs.Params{"why": why})
	}
	in.progress(true)
	return nil
}

func (in *interpreter) skip(name, why string) {
	in.result.Skipped = append(in.result.Skipped, SkippedSheet{name, why})
}

func (in *interpreter) progress(last bool) {
	if in.opt.Progress != nil && (last || in.done%500 == 0) {
		in.opt.Progress(in.done, in.total)
	}
}

const (
	headingsWithin = 300  // rows from the top of a sheet in which every row may be a heading
	maxHeadings    = 2000 // tables in a workbook
)

// state is where the reader stands in a sheet.
type state struct {
	t        *table
	fills    map[int]*filler // columns whose cells reach over rows below
	sections []section
	ended    bool        // a signature was met: only whole people count from here on
	after    []*xlsx.Row // rows since then, for the case that it was none
	above    []string    // texts since the last table, for letterhead and title
	aboveRow int
	last     map[int]string // last texts by column, for ditto marks
}

// sheet reads one sheet and says whether it holds a table of people.
func (in *interpreter) sheet(g *grid) (bool, error) {
	st := &state{}
	found := false
	for i := 0; i < len(g.Rows); i++ {
		if in.done++; in.done%500 == 0 {
			if err := in.ctx.Err(); err != nil {
				return false, err
			}
			in.progress(false)
		}
		r := &g.Rows[i]
		if st.t != nil && len(st.above) == 0 && st.t.repeated(g, i) { // a new page
			in.resume(st)
			continue
		}
		if st.t == nil && i < headingsWithin || looksLikeHeading(r) {
			t := in.heading(g, i)
			if t != nil && (!t.other || in.titleGroups(g, st.above) != nil) {
				if in.headings++; in.headings > maxHeadings {
					return false, errs.Invalid("table_not_understood", errs.Params{"why": "too_many_tables"})
				}
				in.closeTable(st)
				in.openTable(g, st, t)
				found = true
				for i+1 < len(g.Rows) && g.Rows[i+1].Number <= t.last {
					i++
					in.done++
				}
				continue
			}
		}
		if st.t == nil {
			st.lookAbove(r)
			continue
		}
		in.row(g, st, r)
		if in.people > MaxRows {
			return true, errs.TooLarge("too_many_rows", errs.Params{"max": MaxRows})
		}
	}
	in.closeTable(st)
	return found, nil
}

// lookAbove keeps the texts that may be the letterhead or title of the next table.
func (st *state) lookAbove(r *xlsx.Row) {
	for _, c := range r.Cells {
		if c.Kind == xlsx.Text && len(st.above) < 60 {
			st.above = append(st.above, c.Text)
		}
	}
}

func (in *interpreter) closeTable(st *state) {
	if st.t != nil {
		in.result.Tables = append(in.result.Tables, st.t.describe(in.orgs))
	}
}

// openTable begins a table; one with no letterhead or title of its own goes on with the sections and the organisation of
// the table before.
func (in *interpreter) openTable(g *grid, st *state, t *table) {
	before := st.t
	st.t, st.ended, st.after = t, false, nil
	st.last = map[int]string{}
	last := g.Rows[len(g.Rows)-1].Number
	st.fills = map[int]*filler{}
	for _, f := range []field{fieldOrg, fieldGroup, fieldTitle, fieldTitleOrg, fieldMark} {
		for _, c := range t.by[f] {
			if s := g.spans(c, t.last+1, last); len(s) > 0 {
				st.fills[c] = &filler{g: g, spans: s}
			}
		}
	}
	in.fillDown(g, st, t)
	if before != nil && len(st.above) == 0 {
		t.org, t.place, t.groups = before.org, before.place, before.groups
		return
	}
	st.sections = nil
	in.letterhead(g, t, st.above)
	st.above = nil
}

// value gives a cell of a column with merged cells spread and "as above" resolved.
func (st *state) value(r *xlsx.Row, column int) (xlsx.Cell, bool) {
	if column == 0 {
		return xlsx.Cell{}, false
	}
	if f := st.fills[column]; f != nil {
		return f.at(column, r)
	}
	return cell(r, column)
}

func (st *state) text(r *xlsx.Row, column int) string {
	c, ok := st.value(r, column)
	if !ok {
		return ""
	}
	s := clean(c.Text)
	if ditto(s) {
		return st.last[column]
	}
	st.last[column] = s
	return s
}

var (
	totalLine    = regexp.MustCompile(`(?i)^(?:tổng cộng|tổng số|tổng|cộng|tổng hợp chung|cộng dồn|tổng toàn \S+)(?:\s*[:.(\-–]|\s*$|\s+\d|\s+(?:số|cộng|người|cán bộ|danh sách|chung|toàn|mục|phần|[IVX]+\s*(?:[:.]|$)))`)
	endLine      = regexp.MustCompile(`(?i)^(?:người lập|người tổng hợp|người báo cáo|cán bộ lập|thủ trưởng|\(?\s*ký|nơi nhận|xác nhận|kt\.|tm\.|tl\.|tuq\.|t/m|k/t|t\.m|người duyệt|lãnh đạo đơn vị|ban lãnh đạo$|đại diện)`)
	placeAndDate = regexp.MustCompile(`(?i)^[^,]{0,40},? ?ngày .{0,12}tháng .{0,8}năm`)
	noteLine     = regexp.MustCompile(`(?i)^\(?(?:ghi chú|lưu ý|chú thích|ấn định|danh sách (?:này )?(?:gồm|có)|bằng chữ|\(\*+\)|\*+\s*(?:ghi chú|lưu ý|chú thích))`)
	endAlone     = regexp.MustCompile(`(?i)^(?:giám đốc|phó giám đốc|chủ tịch|phó chủ tịch|trưởng ban|phó trưởng ban|chánh văn phòng|trưởng phòng|phó trưởng phòng|bí thư|phó bí thư|kế toán|văn thư)$`)
)

// row reads one row below a heading: a person, or a line that holds nobody.
func (in *interpreter) row(g *grid, st *state, r *xlsx.Row) {
	t := st.t
	if countingRow(r) {
		return
	}
	index, texts := lineTexts(t, r)
	if len(r.Cells) <= 2 && slices.ContainsFunc(texts, placeAndDate.MatchString) {
		st.end(r)
		return
	}
	lead := ""
	if len(texts) > 0 {
		lead = texts[0]
	}
	name := in.nameText(t, r)
	strong, weak := in.evidence(st, r)
	for _, s := range []string{lead, name} {
		if s == "" || strong > 1 {
			continue
		}
		switch {
		case totalLine.MatchString(s), noteLine.MatchString(s) && strong == 0:
			return
		case strong == 0 && titleStart.MatchString(s):
			st.lookAbove(r)
			st.end(r)
			return
		case strong == 0 && (endLine.MatchString(s) || endAlone.MatchString(s) && index == ""):
			st.end(r)
			return
		case s == name && endAlone.MatchString(s) && !in.saysBirthOrID(t, r):
			return // the telephone of the clerks
		}
	}
	switch {
	case st.ended && strong == 0:
		st.lookAbove(r)
		st.end(r)
		return
	case st.ended:
		in.resume(st)
	}
	person := personName(name)
	level := numberLevel(index)
	// "I. Sở Tư pháp" with counts or a telephone beside it
	office := (strong == 0 || level < 3) && !in.saysBirthOrID(t, r) && looksLikeOffice(name) && in.orgOf(lineOf(index, name).text, nil).ok()
	if office || strong == 0 && (person == "" || weak == 0 || (level == 1 || level == 2) && in.ownTitle(st, r) == "") {
		if in.section(st, r, index, texts, name, person) {
			return
		}
		if person == "" && weak == 0 {
			return
		}
		if person == "" && (numberLevel(index) < 3 || in.ownTitle(st, r) == "") {
			return
		}
	}
	in.person(g, st, r)
}

// lineTexts gives the number at the left of a row and its other texts.
func lineTexts(t *table, r *xlsx.Row) (index string, texts []string) {
	if c, ok := cell(r, t.first1(fieldIndex)); ok {
		index = clean(c.Text)
	}
	for i := range r.Cells {
		if r.Cells[i].Kind != xlsx.Text {
			continue
		}
		s := clean(r.Cells[i].Text)
		if len(texts) == 0 && len(s) < 12 && numberLevel(s) > 0 {
			index = s
			continue
		}
		if hasLetter(s) { // no counts or telephones
			texts = append(texts, s)
		}
	}
	return index, texts
}

const rowsAfter = 60 // rows below a signature that are kept

// end notes a row of a signature or below one.
func (st *state) end(r *xlsx.Row) {
	st.ended = true
	if len(st.after) < rowsAfter {
		st.after = append(st.after, r)
	}
}

// resume goes on with the table because people follow on what looked like its signature ("Lãnh đạo đơn vị"): lines in
// between that are numbered, or name what we know, stand over them.
func (in *interpreter) resume(st *state) {
	for _, r := range st.after {
		index, texts := lineTexts(st.t, r)
		name := in.nameText(st.t, r)
		before := slices.Clone(st.sections)
		if in.section(st, r, index, texts, name, personName(name)) {
			if s := st.sections[len(st.sections)-1]; s.level == 0 && s.kind == ofOffice && !s.org.ok() {
				st.sections = before
			}
		}
	}
	st.ended, st.after = false, nil
}

// countingRow says whether the row numbers the columns: (1) (2) (3), or A B 1 2.
func countingRow(r *xlsx.Row) bool {
	if len(r.Cells) < 3 {
		return false
	}
	want := 0
	for i := range r.Cells {
		s := strings.Trim(clean(r.Cells[i].Text), "() .")
		if len(s) == 1 && s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z' && want == 0 {
			continue
		}
		n := atoi(s)
		if n == 0 || !digitsOnly(s) || want != 0 && (n < want || n > want+2) || n > 40 {
			return false
		}
		want = n + 1
	}
	return want > 0
}

func (in *interpreter) nameText(t *table, r *xlsx.Row) string {
	var parts []string
	for _, c := range t.name {
		if x, ok := cell(r, c); ok && x.Kind == xlsx.Text {
			parts = append(parts, clean(x.Text))
		}
	}
	s := strings.Join(parts, " ")
	if len(t.by[fieldNameTitle]) > 0 && len(t.name) == 1 && t.name[0] == t.by[fieldNameTitle][0] {
		x, _ := cell(r, t.name[0])
		s, _ = splitNameTitle(x.Text)
	}
	return s
}

var nameTitleCut = regexp.MustCompile(`\s+[-–—]\s+|\s*[,;(:\n\r]\s*`)

// splitNameTitle takes "Nguyễn Văn An - Phó Chủ tịch" apart.
func splitNameTitle(s string) (name, title string) {
	s = honorifics.ReplaceAllString(strings.TrimSpace(s), "")
	if k := nameTitleCut.FindStringIndex(s); k != nil {
		return clean(s[:k[0]]), strings.Trim(clean(s[k[1]:]), " ()-–")
	}
	return clean(s), ""
}

// evidence counts what speaks for a person beside the name: strong are values that only people have, weak are texts of
// the row's own in the columns of title and group.
func (in *interpreter) evidence(st *state, r *xlsx.Row) (strong, weak int) {
	t := st.t
	for i := range r.Cells {
		c := &r.Cells[i]
		col := t.column(c.Column)
		if col == nil {
			continue
		}
		switch col.field {
		case fieldBorn, fieldBornMale, fieldBornFemale, fieldBornYear:
			if b, ok := birthOf(*c, in.date1904, in.opt.Today); ok && b.text != "" || !ok && mostlyDigits(c.Text, 4) {
				strong++
			}
		case fieldID, fieldPhone:
			if mostlyDigits(c.Text, 5) {
				strong++
			}
		case fieldEmail:
			if strings.Contains(c.Text, "@") {
				strong++
			}
		case fieldSex:
			if f, _ := sexOf(c.Text); f != nil {
				strong++
			}
		case fieldMale, fieldFemale, fieldMark:
			if isMark(*c) {
				weak++
			}
		case fieldGroup:
			if in.isGroup(*c) {
				strong++
			}
		case fieldOrg:
			if in.isOrg(*c) {
				weak++
			}
		case fieldTitle, fieldTitleOrg:
			if s := clean(c.Text); c.Kind == xlsx.Text && !saysNothing(s) && numberLevel(s) == 0 {
				weak++
			}
		}
	}
	return strong, weak
}

// saysBirthOrID says whether the row has what only people have.
func (in *interpreter) saysBirthOrID(t *table, r *xlsx.Row) bool {
	for _, f := range []field{fieldBorn, fieldBornMale, fieldBornFemale, fieldBornYear, fieldID} {
		for _, c := range t.by[f] {
			if x, ok := cell(r, c); ok && hasDigit(x.Text) {
				return true
			}
		}
	}
	return false
}

// mostlyDigits says whether the text has at least so many digits and no more letters than digits.
func mostlyDigits(s string, least int) bool {
	digits, letters := 0, 0
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return digits >= least && letters <= digits
}

func (in *interpreter) ownTitle(st *state, r *xlsx.Row) string {
	for _, c := range st.t.by[fieldTitle] {
		if x, ok := cell(r, c); ok && x.Kind == xlsx.Text {
			return clean(x.Text)
		}
	}
	return ""
}
