package sheet

import (
	"context"
	"io"

	"taphuan/app/roster/sheet/xlsx"
)

// Record is a row of a table that tells of something else than people. Cells that say nothing are left out.
type Record struct {
	Sheet string
	Row   int
	Said  []Said
}

// ReadRecords reads the tables of a workbook whose heading has every needed column. Sheets without one, hidden ones and rows that say
// nothing in a known column are passed over; no table at all gives no record. A file that cannot be read is refused as Read does.
func ReadRecords(ctx context.Context, r io.ReaderAt, size int64, dir Directory, opt Options, columns []Extra) ([]Record, error) {
	book, err := open(ctx, r, size, opt)
	if err != nil {
		return nil, err
	}
	in := newInterpreter(ctx, dir, opt, book)
	var out []Record
	for i := range book.Sheets {
		s := &book.Sheets[i]
		if s.Hidden || len(s.Rows) == 0 {
			continue
		}
		in.modernise(s)
		g := newGrid(s)
		var known map[int]*Extra
		for k := range g.Rows {
			row := &g.Rows[k]
			if known == nil || k < headingsWithin {
				if heading := recordHeading(row, columns); heading != nil {
					known = heading
					continue
				}
			}
			if x := in.record(s.Name, row, known); len(x.Said) > 0 {
				out = append(out, x)
			}
			if k%500 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
	}
	return out, nil
}

// recordHeading gives the columns of a row that is the heading of such a table, else nil.
func recordHeading(r *xlsx.Row, columns []Extra) map[int]*Extra {
	out, found := map[int]*Extra{}, map[string]bool{}
	for i := range r.Cells {
		if c := &r.Cells[i]; c.Kind == xlsx.Text && len(c.Text) <= 200 {
			p := phrase(headingTail.Replace(c.Text))
			for k := range columns {
				if x := &columns[k]; hasAny(p, x.Words...) && !found[x.Name] {
					out[c.Column], found[x.Name] = x, true
					break
				}
			}
		}
	}
	for _, x := range columns {
		if x.Needed && !found[x.Name] {
			return nil
		}
	}
	return out
}

func (in *interpreter) record(sheet string, r *xlsx.Row, known map[int]*Extra) Record {
	out := Record{Sheet: sheet, Row: r.Number}
	for i := range r.Cells {
		c := &r.Cells[i]
		x := known[c.Column]
		if x == nil {
			continue
		}
		said := Said{Name: x.Name, Column: xlsx.ColumnName(c.Column), Text: cellText(*c, in.date1904), Garbled: in.garbled[cellAt{sheet, r.Number, c.Column}]}
		if said.Text == "" && !said.Garbled {
			continue
		}
		if x.Office {
			if f := in.orgOf(said.Text, nil); f.ok() {
				said.Office = in.orgs.orgs[f.org].Code
			}
		}
		out.Said = append(out.Said, said)
	}
	return out
}
