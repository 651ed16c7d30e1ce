package xlsx

import (
	"bytes"
	"sort"
	"strconv"
	"strings"

	"taphuan/models/viet"
)

// textOf collects the text of the element just opened, up to its close; phonetic readings (rPh) are left out.
// Only what stands in <t> counts for rich text; plain is for elements that hold their text themselves.
func (x *reader) textOf(s *scanner, plain bool) (string, error) {
	x.text, x.font = x.text[:0], viet.Unicode
	depth, phonetic, inT := 1, 0, 0
	for depth > 0 {
		k, err := s.next()
		if err != nil {
			return "", err
		}
		switch k {
		case tokenEnd:
			return "", errMalformed
		case tokenOpen:
			depth++
			switch {
			case phonetic > 0 || string(s.name) == "rPh":
				phonetic++
			case string(s.name) == "t":
				inT = depth
			case string(s.name) == "rFont":
				x.noteFont(s)
			}
		case tokenClose:
			if depth == inT {
				inT = 0
			}
			depth--
			if phonetic > 0 {
				phonetic--
			}
		case tokenText:
			if phonetic == 0 && (plain || inT > 0) && len(x.text) < CellText {
				x.text = s.appendText(x.text)
			}
		}
	}
	if len(x.text) > CellText {
		x.text = x.text[:CellText]
		for len(x.text) > 0 && x.text[len(x.text)-1]&0xc0 == 0x80 {
			x.text = x.text[:len(x.text)-1]
		}
		x.text = x.text[:max(len(x.text)-1, 0)]
	}
	return string(unescapeX(x.text)), nil
}

// noteFont remembers that a part of the text has a font for an old encoding.
func (x *reader) noteFont(s *scanner) {
	if e := viet.EncodingOfFont(s.attrText("val")); e != viet.Unicode {
		x.font = e
	}
}

// unescapeX resolves the workbook's own _x000D_ for characters that XML cannot hold.
func unescapeX(b []byte) []byte {
	if !bytes.Contains(b, []byte("_x")) {
		return b
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		if len(b) >= 7 && b[0] == '_' && b[1] == 'x' && b[6] == '_' {
			if n, err := strconv.ParseUint(string(b[2:6]), 16, 16); err == nil {
				out = append(out, string(rune(n))...)
				b = b[7:]
				continue
			}
		}
		out = append(out, b[0])
		b = b[1:]
	}
	return out
}

func (x *reader) readShared(s *scanner) error {
	return each(s, func() error {
		if string(s.name) != "si" {
			return nil
		}
		t, err := x.textOf(s, false)
		if err != nil {
			return err
		}
		if len(x.shared) == x.lim.Strings {
			return ErrTooLarge
		}
		x.shared = append(x.shared, Cell{Text: t, Font: x.font})
		return nil
	})
}

// readStyles learns which cell formats show dates, and which fonts are for old encodings.
func (x *reader) readStyles(s *scanner) error {
	custom := map[int]Kind{}
	var fonts []viet.Encoding
	inXfs, inFonts := 0, 0
	depth := 0
	for {
		k, err := s.next()
		if err != nil || k == tokenEnd {
			return err
		}
		switch k {
		case tokenOpen:
			depth++
			switch string(s.name) {
			case "numFmt":
				if len(custom) < 10_000 {
					custom[s.attrInt("numFmtId", -1)] = FormatKind(s.attrText("formatCode"))
				}
			case "fonts":
				inFonts = depth
			case "font":
				if inFonts > 0 && len(fonts) < 100_000 {
					fonts = append(fonts, viet.Unicode)
				}
			case "name":
				if inFonts > 0 && len(fonts) > 0 {
					fonts[len(fonts)-1] = viet.EncodingOfFont(s.attrText("val"))
				}
			case "cellXfs":
				inXfs = depth
			case "xf":
				if inXfs == 0 || len(x.formats) >= 100_000 {
					break
				}
				id := s.attrInt("numFmtId", 0)
				kind, ok := custom[id]
				if !ok {
					kind = BuiltinKind(id)
				}
				f := style{kind: kind}
				if n := s.attrInt("fontId", 0); n < len(fonts) {
					f.font = fonts[n]
				}
				x.formats = append(x.formats, f)
			}
		case tokenClose:
			switch depth {
			case inXfs:
				inXfs = 0
			case inFonts:
				inFonts = 0
			}
			depth--
		}
	}
}

// BuiltinKind is the kind of a format that every workbook knows by its number.
func BuiltinKind(id int) Kind {
	switch {
	case 14 <= id && id <= 17, id == 22, 27 <= id && id <= 36, 50 <= id && id <= 58:
		return DateNumber
	}
	return Number
}

// FormatKind tells a date format by the letters that stand outside quotes, brackets and escapes. A format of hours only
// shows no date.
func FormatKind(code string) Kind {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"', '[':
			end := byte('"')
			if c == '[' {
				end = ']'
			}
			k := strings.IndexByte(code[i+1:], end)
			if k < 0 {
				i = len(code)
				break
			}
			i += k + 1
		case '\\', '_', '*':
			i++
		case ';':
			i = len(code)
		default:
			b.WriteByte(c | 0x20)
		}
	}
	f := strings.ReplaceAll(b.String(), "general", "")
	switch {
	case strings.Contains(f, "y") && !strings.ContainsAny(f, "md"):
		return YearNumber
	case strings.ContainsAny(f, "yd"), strings.Contains(f, "mmm"):
		return DateNumber
	}
	return Number
}

// readSheet reads the rows and merged ranges of one worksheet.
func (x *reader) readSheet(s *scanner, sh *Sheet) error {
	row := Row{}
	column := 0
	number := 0
	inRow := false
	var cells []Cell // grows by blocks; rows hold parts of it
	for {
		k, err := s.next()
		if err != nil {
			return err
		}
		switch {
		case k == tokenEnd:
			if !inRow {
				return nil
			}
			return errMalformed
		case k == tokenOpen && string(s.name) == "row":
			number = s.attrInt("r", number+1)
			row = Row{Number: number, Hidden: s.attrTrue("hidden")}
			column, inRow = 0, true
			if cap(cells)-len(cells) < 64 {
				cells = make([]Cell, 0, 4096)
			}
			cells = cells[len(cells):]
		case k == tokenOpen && string(s.name) == "c" && inRow:
			column = columnOf(s, column+1)
			c, err := x.cell(s)
			if err != nil {
				return err
			}
			if c.Text == "" && c.Kind != Formula || column < 1 || column > x.lim.Columns {
				continue
			}
			if x.cells++; x.cells > x.lim.Cells {
				return ErrTooLarge
			}
			c.Column = column
			cells = append(cells, c)
		case k == tokenClose && string(s.name) == "row" && inRow:
			inRow = false
			if len(cells) == 0 {
				continue
			}
			if x.rows++; x.rows > x.lim.Rows {
				return ErrTooManyRows
			}
			row.Cells = cells[:len(cells):len(cells)]
			cells = cells[len(cells):]
			if !sort.SliceIsSorted(row.Cells, func(i, j int) bool { return row.Cells[i].Column < row.Cells[j].Column }) {
				sort.SliceStable(row.Cells, func(i, j int) bool { return row.Cells[i].Column < row.Cells[j].Column })
			}
			sh.Rows = append(sh.Rows, row)
		case k == tokenOpen && string(s.name) == "mergeCell":
			v, _ := s.attr("ref")
			if r, ok := parseRange(string(v)); ok {
				if x.merges++; x.merges > x.lim.Merges {
					return ErrTooLarge
				}
				sh.Merges = append(sh.Merges, r)
			}
		}
	}
}

func columnOf(s *scanner, next int) int {
	v, ok := s.attr("r")
	if !ok {
		return next
	}
	c, _, ok := parseCell(v)
	if !ok {
		return next
	}
	return c
}

// parseCell reads "BC12".
func parseCell(v []byte) (column, row int, ok bool) {
	i := 0
	for i < len(v) && i < 4 && (v[i]|0x20) >= 'a' && (v[i]|0x20) <= 'z' {
		column = column*26 + int(v[i]|0x20-'a') + 1
		i++
	}
	row, ok = number(v[i:])
	return column, row, ok && i > 0
}

func parseRange(ref string) (Range, bool) {
	a, b, two := strings.Cut(strings.ReplaceAll(ref, "$", ""), ":")
	if !two {
		b = a
	}
	c1, r1, ok1 := parseCell([]byte(a))
	c2, r2, ok2 := parseCell([]byte(b))
	if !ok1 || !ok2 {
		return Range{}, false
	}
	return Range{min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2)}, true
}

// cell reads the cell just opened, up to its close. A cell that holds only space counts as empty.
func (x *reader) cell(s *scanner) (Cell, error) {
	c, formula, err := x.value(s)
	if formula && x.lim.Formulas {
		c.Kind = Formula
	}
	return c, err
}

// value reads a cell's value, and says whether a formula worked it out.
func (x *reader) value(s *scanner) (c Cell, formula bool, err error) {
	t := ""
	if v, ok := s.attr("t"); ok {
		t = string(v)
	}
	format := style{kind: Number}
	if n := s.attrInt("s", 0); n < len(x.formats) {
		format = x.formats[n]
	}
	value := ""
	for {
		k, err := s.next()
		if err != nil {
			return Cell{}, false, err
		}
		if k == tokenEnd {
			return Cell{}, false, errMalformed
		}
		if k == tokenClose {
			break
		}
		if k != tokenOpen {
			continue
		}
		name := string(s.name)
		formula = formula || name == "f"
		text, err := x.textOf(s, name != "is")
		if err != nil {
			return Cell{}, false, err
		}
		if name == "v" && (t != "inlineStr" || value == "") || name == "is" {
			value = text
		}
	}
	if strings.TrimSpace(value) == "" {
		return Cell{}, formula, nil
	}
	switch t {
	case "s":
		n, ok := number([]byte(strings.TrimSpace(value)))
		if !ok || n >= len(x.shared) {
			return Cell{}, formula, nil
		}
		c = x.shared[n]
		if strings.TrimSpace(c.Text) == "" {
			return Cell{}, formula, nil
		}
		if c.Font == viet.Unicode {
			c.Font = format.font
		}
		return c, formula, nil
	case "b":
		return Cell{Kind: Bool, Text: value}, formula, nil
	case "e":
		return Cell{Kind: Error, Text: value}, formula, nil
	case "str", "inlineStr", "d":
		font := x.font
		if font == viet.Unicode || t != "inlineStr" {
			font = format.font
		}
		return Cell{Kind: Text, Text: value, Font: font}, formula, nil
	}
	return Cell{Kind: format.kind, Text: strings.TrimSpace(value)}, formula, nil
}

// ColumnName gives "A" for 1, "AB" for 28.
func ColumnName(n int) string {
	var b []byte
	for n > 0 {
		n--
		b = append([]byte{byte('A' + n%26)}, b...)
		n /= 26
	}
	return string(b)
}
