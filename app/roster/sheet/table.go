package sheet

import (
	"slices"
	"strings"

	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models/viet"
)

// column is one column of a table as understood.
type column struct {
	at      int
	heading string
	parts   []string // the heading from top to bottom
	meaning
	group string // code, for fieldMark
}

// table is one table of people: its heading and its columns by field, the surest first.
type table struct {
	sheet   string
	first   int // rows of the heading
	last    int
	base    int // the row of the heading that names the name
	columns []column
	by      map[field][]int // columns of a field
	name    []int           // the columns that make up the name
	title   []string        // texts above the heading, since the table before

	org     found    // from letterhead, title or sheet name
	place   []string // where letterhead, title or sheet name are
	groups  []string // from the title
	people  int
	usesOrg bool // some cell of the column of organisations is filled
	other   bool // it tells of something else than who people are
}

func (t *table) column(at int) *column {
	for i := range t.columns {
		if t.columns[i].at == at {
			return &t.columns[i]
		}
	}
	return nil
}

func (t *table) first1(f field) int {
	if c := t.by[f]; len(c) > 0 {
		return c[0]
	}
	return 0
}

// tellsOther says whether the table tells of something else than who people are: it has columns of ticks or figures, and
// none of birth, sex, id, group or contact. Lists of who was present or was paid are no rosters.
func (t *table) tellsOther(samples map[int][]xlsx.Cell) bool {
	for _, f := range []field{fieldBorn, fieldBornMale, fieldBornFemale, fieldBornYear, fieldSex, fieldMale, fieldFemale, fieldID, fieldGroup, fieldMark, fieldPhone, fieldEmail} {
		if len(t.by[f]) > 0 {
			return false
		}
	}
	return slices.ContainsFunc(t.columns, func(c column) bool {
		return (c.field == fieldNone || c.field == fieldIgnored) &&
			share(samples[c.at], func(x xlsx.Cell) bool { return x.Kind != xlsx.Text || isMark(x) || digitsOnly(clean(x.Text)) }) > 0.5
	})
}

// repeated says whether the row at index i is a row of the table's own heading once more.
func (t *table) repeated(g *grid, i int) bool {
	for k := g.after(t.first - 1); k < len(g.Rows) && g.Rows[k].Number <= t.last; k++ {
		if slices.Equal(g.Rows[k].Cells, g.Rows[i].Cells) {
			return true
		}
	}
	return false
}

// looksLikeHeading is a quick look for rows far from the top: has the row a cell that begins with "Họ" or "Tên", or one
// that is "STT"?
func looksLikeHeading(r *xlsx.Row) bool {
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Kind != xlsx.Text || len(c.Text) > 60 {
			continue
		}
		s := strings.TrimSpace(c.Text)
		if len(s) < 2 {
			continue
		}
		switch s[0] | 0x20 {
		case 'h':
		case 's', 't':
			if strings.EqualFold(s, "STT") || strings.EqualFold(s, "TT") || strings.HasPrefix(viet.Fold(s), "ten ") {
				return true
			}
			continue
		default:
			continue
		}
		s = s[1:]
		for _, o := range []string{"ọ", "Ọ", "o\u0323", "O\u0323", "o", "O"} {
			if rest, ok := strings.CutPrefix(s, o); ok && (rest == "" || strings.IndexByte(" ,\n\r\t/\xc2", rest[0]) >= 0) {
				return true
			}
		}
	}
	return false
}

// headingFields counts what the cells of a row mean as headings.
func headingFields(r *xlsx.Row) (fields map[field]int, name bool) {
	fields = map[field]int{}
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Kind != xlsx.Text || len(c.Text) > 200 {
			continue
		}
		m := meaningOf(c.Text)
		if m.field != fieldNone && m.field != fieldIgnored {
			fields[m.field]++
		}
	}
	name = fields[fieldName]+fields[fieldNameTitle]+fields[fieldFamily]+fields[fieldGiven] > 0
	return fields, name
}

// heading recognises the heading of a table of people at row index i, which must hold the heading of the name, and
// learns its columns. It gives nil if there is none.
func (in *interpreter) heading(g *grid, i int) *table {
	base := &g.Rows[i]
	if len(base.Cells) < 2 {
		return nil
	}
	fields, name := headingFields(base)
	known := len(fields)
	if fields[fieldGiven] > 0 && fields[fieldFamily] > 0 {
		known--
	}
	if !name || known == 0 {
		return nil
	}
	t := &table{sheet: g.Name, first: base.Number, last: base.Number, base: base.Number, org: nobody}
	// upwards: cells merged down into the row, or a first row of headings over it
	for up := 1; up <= 2; up++ {
		top := t.first - up
		k := g.at(top)
		if k < 0 {
			break
		}
		reach := false
		for _, m := range g.merges(top, top) {
			reach = reach || m.FirstRow == top && m.LastRow >= t.first && m.LastRow-m.FirstRow <= 3
		}
		if above, _ := headingFields(&g.Rows[k]); reach || len(above) >= 2 {
			known += len(above)
			t.first, up = top, 0
			if t.base-t.first >= 2 {
				break
			}
		}
	}
	if known < 2 {
		return nil
	}
	// downwards: cells merged down, or a row of nothing but headings below
	for _, m := range g.merges(t.first, t.last) {
		if m.FirstRow >= t.first && m.FirstRow <= t.last && m.LastRow > t.last && m.LastRow <= t.first+3 {
			t.last = m.LastRow
		}
	}
	for range 2 {
		k := g.at(t.last + 1)
		if k < 0 || !in.isSubHeading(&g.Rows[k], headingTexts(g, t.first, t.last)) {
			break
		}
		t.last++
	}
	in.learn(g, t)
	if len(t.name) == 0 {
		return nil
	}
	return t
}

// isSubHeading says whether the row holds headings and nothing else. Words of the office's own ("Chính quyền", "Thông tin
// liên hệ") may stand below a heading over several columns, or below one that says nothing we know.
func (in *interpreter) isSubHeading(r *xlsx.Row, above map[int][]string) bool {
	last := func(column int) string {
		if up := above[column]; len(up) > 0 {
			return up[len(up)-1]
		}
		return ""
	}
	known, wide := 0, 0
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Kind != xlsx.Text || hasDigit(c.Text) || in.orgOf(c.Text, nil).ok() {
			return false
		}
		up := last(c.Column)
		m := meaningOf(up).field
		name := m == fieldName || m == fieldFamily || m == fieldGiven
		over := up != "" && !name && (up == last(c.Column+1) || up == last(c.Column-1) || m == fieldNone && last(c.Column+1) == "")
		if over {
			wide++
		}
		if _, mark := in.groups.isMarkLabel(c.Text); mark || meaningOf(c.Text).field != fieldNone {
			known++
		} else if m != fieldNone && !over {
			return false
		}
	}
	return known > 0 && len(r.Cells) > 1 || known > 0 && wide > 0 || wide > 1 && wide == len(r.Cells)
}

// learn works out the columns of the table from its heading and, where that leaves it open, from a sample of its cells.
func (in *interpreter) learn(g *grid, t *table) {
	labels := headingTexts(g, t.first, t.last)
	samples := t.sample(g)
	width := 0
	for c := range labels {
		width = max(width, c)
	}
	for c := range samples {
		width = max(width, c)
	}
	for c := 1; c <= width; c++ {
		col := column{at: c, parts: labels[c], heading: strings.Join(labels[c], " / ")}
		col.meaning, col.group = in.meaningOfColumn(labels[c], samples[c])
		if len(col.parts) == 0 && samples[c] == nil {
			continue
		}
		t.columns = append(t.columns, col)
	}
	in.settle(g, t, samples)
}

// headingTexts gives for every column its headings from top to bottom, merged ranges spread out.
func headingTexts(g *grid, first, last int) map[int][]string {
	texts := map[int]map[int]string{} // row -> column -> text
	for r := first; r <= last; r++ {
		texts[r] = map[int]string{}
		if k := g.at(r); k >= 0 {
			for _, c := range g.Rows[k].Cells {
				texts[r][c.Column] = clean(c.Text)
			}
		}
	}
	spread := map[int]map[int]string{}
	for r := first; r <= last; r++ {
		spread[r] = map[int]string{}
	}
	for _, m := range g.merges(first, last) {
		if m.FirstRow < first {
			continue
		}
		s := texts[m.FirstRow][m.FirstColumn]
		for r := m.FirstRow; s != "" && r <= min(m.LastRow, last); r++ {
			for c := m.FirstColumn; c <= min(m.LastColumn, 128); c++ {
				spread[r][c] = s
			}
		}
	}
	for r := first; r < last; r++ {
		// a heading over several columns that nobody merged
		for c := range texts[r+1] {
			if texts[r][c] != "" || spread[r][c] != "" {
				continue
			}
			left := c - 1
			for left > 0 && texts[r][left] == "" && texts[r+1][left] != "" {
				left--
			}
			if left > 0 && texts[r][left] != "" && texts[r+1][left] != "" && spread[r][left] == "" {
				spread[r][c] = texts[r][left]
			}
		}
	}
	out := map[int][]string{}
	for r := first; r <= last; r++ {
		for _, layer := range []map[int]string{texts[r], spread[r]} {
			for c, s := range layer {
				if s != "" && (len(out[c]) == 0 || out[c][len(out[c])-1] != s) {
					out[c] = append(out[c], s)
				}
			}
		}
	}
	return out
}

// describe gives the table for the preview.
func (t *table) describe(r *register) Table {
	d := Table{Sheet: t.sheet, HeaderRow: t.last, Groups: t.groups, People: t.people}
	if t.org.ok() {
		d.Organisation = r.orgs[t.org.org].Code
	}
	for _, c := range t.columns {
		f := c.field
		if (f == fieldName || f == fieldGiven) && !slices.Contains(t.name, c.at) {
			f = fieldNone
		}
		if len(c.parts) == 0 && f == fieldNone && !slices.Contains(t.name, c.at) {
			continue
		}
		name := fieldNames[f]
		if f == fieldNone && slices.Contains(t.name, c.at) {
			name = fieldNames[fieldGiven]
		}
		d.Columns = append(d.Columns, Column{Letter: xlsx.ColumnName(c.at), Heading: c.heading, Field: name, Group: c.group})
	}
	return d
}
