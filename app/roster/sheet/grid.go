package sheet

import (
	"sort"

	"taphuan/app/roster/sheet/xlsx"
)

// grid is one worksheet with its merged ranges ready for asking.
type grid struct {
	*xlsx.Sheet
}

func newGrid(s *xlsx.Sheet) *grid {
	if !sort.SliceIsSorted(s.Rows, func(i, j int) bool { return s.Rows[i].Number < s.Rows[j].Number }) {
		sort.SliceStable(s.Rows, func(i, j int) bool { return s.Rows[i].Number < s.Rows[j].Number })
	}
	sort.Slice(s.Merges, func(i, j int) bool {
		a, b := s.Merges[i], s.Merges[j]
		if a.FirstRow != b.FirstRow {
			return a.FirstRow < b.FirstRow
		}
		return a.FirstColumn < b.FirstColumn
	})
	return &grid{Sheet: s}
}

// at gives the index in Rows of the row of that number, or -1.
func (g *grid) at(number int) int {
	i := sort.Search(len(g.Rows), func(i int) bool { return g.Rows[i].Number >= number })
	if i < len(g.Rows) && g.Rows[i].Number == number {
		return i
	}
	return -1
}

// after gives the index in Rows of the first row below that number.
func (g *grid) after(number int) int {
	return sort.Search(len(g.Rows), func(i int) bool { return g.Rows[i].Number > number })
}

// cell gives the cell of a row, and whether it holds something.
func cell(r *xlsx.Row, column int) (xlsx.Cell, bool) {
	for i := range r.Cells {
		switch c := &r.Cells[i]; {
		case c.Column == column:
			return *c, true
		case c.Column > column:
			return xlsx.Cell{}, false
		}
	}
	return xlsx.Cell{}, false
}

// merges gives the merged ranges that touch the rows from first to last. Ranges higher than 20 rows count only where they
// begin within.
func (g *grid) merges(first, last int) []xlsx.Range {
	var out []xlsx.Range
	i := sort.Search(len(g.Merges), func(i int) bool { return g.Merges[i].FirstRow >= first-20 })
	for ; i < len(g.Merges) && g.Merges[i].FirstRow <= last && len(out) < 2000; i++ {
		if g.Merges[i].LastRow >= first {
			out = append(out, g.Merges[i])
		}
	}
	return out
}

// span is a run of rows that share the first one's value.
type span struct{ first, last, column int }

// spans gives the vertical merged ranges that cover the column, in order, between the rows.
func (g *grid) spans(column, first, last int) []span {
	var out []span
	for _, m := range g.Merges {
		if m.FirstRow > last {
			break
		}
		if m.FirstColumn <= column && column <= m.LastColumn && m.LastRow > m.FirstRow && m.LastRow >= first {
			out = append(out, span{m.FirstRow, m.LastRow, m.FirstColumn})
		}
	}
	return out
}
