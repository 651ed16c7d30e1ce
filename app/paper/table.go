package paper

import "fmt"

// Column is a column of a Table.
type Column struct {
	Head  string
	Width float64 // in points
	Align Align
}

// Table is a ruled table over as many pages as it needs; its head stands again on each.
type Table struct {
	X       float64
	Columns []Column
	Size    float64        // of the text
	Bottom  float64        // where the table leaves a page
	Next    func() float64 // begins a page and gives where the table goes on
}

// The space between a cell's rules and its text, and from line to line, in sizes.
const (
	cellPad  = 0.4
	cellLine = 1.18
)

// Draw sets the rows from y on and gives the y below. Text that is wider than its column takes more lines, and a word that is wider is
// broken; a row stays on one page unless it is higher than one.
func (t Table) Draw(d *Doc, y float64, rows [][]string) float64 {
	head := make([][]string, len(t.Columns))
	broken := make([]map[string][]string, len(t.Columns)) // how texts of a column break: offices and titles stand in many rows
	for i, c := range t.Columns {
		head[i], broken[i] = d.Wrap(Bold, t.Size, c.inner(t.Size), c.Head), map[string][]string{}
	}
	y = t.row(d, Bold, y, head)
	for _, cells := range rows {
		lines := make([][]string, len(t.Columns))
		for i, c := range t.Columns {
			known, ok := broken[i][cells[i]]
			if !ok {
				known = d.Wrap(Regular, t.Size, c.inner(t.Size), cells[i])
				broken[i][cells[i]] = known
			}
			lines[i] = known
		}
		if y+t.height(lines) > t.Bottom {
			y = t.row(d, Bold, t.Next(), head)
		}
		y = t.row(d, Regular, y, lines)
	}
	return y
}

// inner is how much of a column is for text.
func (c Column) inner(size float64) float64 { return c.Width - 2*cellPad*size }

func (t Table) height(cells [][]string) float64 {
	n := 1
	for _, lines := range cells {
		n = max(n, len(lines))
	}
	return (float64(n)*cellLine + 2*cellPad) * t.Size
}

// row sets one row with its rules. A head stands in the middle of its cell.
func (t Table) row(d *Doc, f Font, y float64, cells [][]string) float64 {
	h := t.height(cells)
	x := t.X
	d.Ink(Black)
	for i, c := range t.Columns {
		at, align := y+cellPad*t.Size, c.Align
		if f == Bold {
			at, align = y+(h-float64(len(cells[i]))*cellLine*t.Size)/2, Centre
		}
		for n, line := range cells[i] {
			d.Line(f, t.Size, x+cellPad*t.Size, at+(float64(n)+0.88)*cellLine*t.Size, c.inner(t.Size), align, line)
		}
		d.Rule(x, y, x, y+h, 0.5)
		x += c.Width
	}
	d.Rule(x, y, x, y+h, 0.5)
	d.Rule(t.X, y, x, y, 0.5)
	d.Rule(t.X, y+h, x, y+h, 0.5)
	return y + h
}

// Number writes "Trang 2/3" in the middle of the lower margin of every page, once all are there.
func (d *Doc) Number() {
	n := d.Pages()
	for page := 1; page <= n && d.err == nil; page++ {
		d.fail(d.pdf.SetPage(page))
		d.font, d.size, d.inked, d.pen = "", 0, false, pen{}
		d.Ink(Grey)
		from := len(d.Boxes)
		d.Line(Regular, 10, 0, d.H-10*Millimetre, d.W, Centre, fmt.Sprintf("Trang %d/%d", page, n))
		for i := from; i < len(d.Boxes); i++ {
			d.Boxes[i].Page = page
		}
	}
}
