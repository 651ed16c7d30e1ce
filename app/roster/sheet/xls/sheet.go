package xls

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models/viet"
)

// grid gathers the cells of one sheet by row.
type grid struct {
	rows   map[int]*xlsx.Row
	hidden map[int]bool
}

// sheet reads the records of one sheet up to its end; what is embedded in it (charts) is stepped over.
func (x *reader) sheet(sh *xlsx.Sheet) error {
	g := &grid{rows: map[int]*xlsx.Row{}, hidden: map[int]bool{}}
	var formula record // the last one, if its value is a text that follows
	depth := 0
	for n := 0; ; n++ {
		if n%4096 == 0 {
			if err := x.ctx.Err(); err != nil {
				return err
			}
		}
		r, ok := x.next()
		if !ok {
			return xlsx.ErrNotSpreadsheet
		}
		switch {
		case r.id == recBOF:
			depth++
		case r.id == recEOF && depth > 0:
			depth--
		case r.id == recEOF:
			return x.finish(sh, g)
		case depth > 0:
		case r.id == recFilePass:
			return xlsx.ErrEncrypted
		case r.id == recFormula:
			formula = r
			fallthrough
		default:
			if err := x.values(sh, g, r, formula); err != nil {
				return err
			}
		}
	}
}

// values takes up what one record says.
func (x *reader) values(sh *xlsx.Sheet, g *grid, r, formula record) error {
	s := x.style(r.u16(4))
	switch r.id {
	case recRow:
		if r.u16(12)&0x20 != 0 && len(g.hidden) < 1<<16 {
			g.hidden[r.u16(0)] = true
		}
	case recLabelSST:
		if i := r.u32(6); int64(i) < int64(len(x.shared)) {
			t := x.shared[i]
			if t.font != viet.Unicode {
				s.font = t.font
			}
			return x.put(g, r, 2, xlsx.Cell{Text: t.text, Font: s.font})
		}
	case recLabel, recRString:
		return x.put(g, r, 2, xlsx.Cell{Text: x.longText(r.from(6), s.font), Font: s.font})
	case recString:
		if formula.data != nil {
			s = x.style(formula.u16(4))
			return x.put(g, formula, 2, xlsx.Cell{Text: x.longText(r.from(0), s.font), Font: s.font})
		}
	case recNumber:
		return x.put(g, r, 2, xlsx.Cell{Kind: s.kind, Text: digits(r.f64(6))})
	case recRK:
		return x.put(g, r, 2, xlsx.Cell{Kind: s.kind, Text: digits(rk(r.u32(6)))})
	case recMulRK:
		for at, column := 4, r.u16(2); at+6 <= len(r.data)-2; at, column = at+6, column+1 {
			c := xlsx.Cell{Column: column + 1, Kind: x.style(r.u16(at)).kind, Text: digits(rk(r.u32(at + 2)))}
			if err := x.put(g, r, 0, c); err != nil {
				return err
			}
		}
	case recBoolErr:
		return x.put(g, r, 2, boolOrError(r.u16(6)&0xff, r.u16(6)>>8 != 0))
	case recFormula:
		if r.u16(12) != 0xffff {
			return x.put(g, r, 2, xlsx.Cell{Kind: s.kind, Text: digits(r.f64(6))})
		}
		if kind := r.u16(6) & 0xff; kind == 1 || kind == 2 {
			return x.put(g, r, 2, boolOrError(r.u16(8)&0xff, kind == 2))
		}
	case recMergedCells:
		return x.merged(sh, r)
	}
	return nil
}

func (x *reader) style(xf int) style {
	if xf < len(x.styles) {
		return x.styles[xf]
	}
	return style{kind: xlsx.Number}
}

// put adds a cell; its column is in the record at columnAt unless the cell says it. Cells that hold only space, and those
// too far right, are left out.
func (x *reader) put(g *grid, r record, columnAt int, c xlsx.Cell) error {
	if columnAt > 0 {
		c.Column = r.u16(columnAt) + 1
	}
	if strings.TrimSpace(c.Text) == "" || c.Column > x.lim.Columns {
		return nil
	}
	if x.cells++; x.cells > x.lim.Cells {
		return xlsx.ErrTooLarge
	}
	row := g.rows[r.u16(0)]
	if row == nil {
		if x.rows++; x.rows > x.lim.Rows {
			return xlsx.ErrTooManyRows
		}
		row = &xlsx.Row{Number: r.u16(0) + 1}
		g.rows[r.u16(0)] = row
	}
	row.Cells = append(row.Cells, c)
	return nil
}

// finish puts rows and cells in order; of two values for one cell the later counts.
func (x *reader) finish(sh *xlsx.Sheet, g *grid) error {
	for n, r := range g.rows {
		r.Hidden = g.hidden[n]
		slices.Reverse(r.Cells)
		slices.SortStableFunc(r.Cells, func(a, b xlsx.Cell) int { return a.Column - b.Column })
		r.Cells = slices.CompactFunc(r.Cells, func(a, b xlsx.Cell) bool { return a.Column == b.Column })
		sh.Rows = append(sh.Rows, *r)
	}
	slices.SortFunc(sh.Rows, func(a, b xlsx.Row) int { return a.Number - b.Number })
	return nil
}

func (x *reader) merged(sh *xlsx.Sheet, r record) error {
	for at := 2; at+8 <= len(r.data) && (at-2)/8 < r.u16(0); at += 8 {
		if x.merges++; x.merges > x.lim.Merges {
			return xlsx.ErrTooLarge
		}
		a, b, c, d := r.u16(at), r.u16(at+2), r.u16(at+4), r.u16(at+6)
		sh.Merges = append(sh.Merges, xlsx.Range{FirstRow: min(a, b) + 1, FirstColumn: min(c, d) + 1, LastRow: max(a, b) + 1, LastColumn: max(c, d) + 1})
	}
	return nil
}

// rk unpacks a number of 30 bits: an integer or the upper part of a float, perhaps a hundredfold.
func rk(v uint32) float64 {
	f := math.Float64frombits(uint64(v&^3) << 32)
	if v&2 != 0 {
		f = float64(int32(v) >> 2)
	}
	if v&1 != 0 {
		f /= 100
	}
	return f
}

// digits writes a number as workbooks of XML do.
func digits(f float64) string {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return ""
	case math.Abs(f) < 1e16:
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'E', -1, 64)
}

var errorNames = map[int]string{0x00: "#NULL!", 0x07: "#DIV/0!", 0x0f: "#VALUE!", 0x17: "#REF!", 0x1d: "#NAME?", 0x24: "#NUM!", 0x2a: "#N/A"}

func boolOrError(value int, isError bool) xlsx.Cell {
	if !isError {
		return xlsx.Cell{Kind: xlsx.Bool, Text: strconv.Itoa(value)}
	}
	name, ok := errorNames[value]
	if !ok {
		name = "#N/A"
	}
	return xlsx.Cell{Kind: xlsx.Error, Text: name}
}
