package sheet

import (
	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models/viet"
)

// filler gives the value of merged cells to the rows they cover.
type filler struct {
	g     *grid
	spans []span
	i     int
	value xlsx.Cell
	have  bool
	begin int
	down  bool // not merged: the office writes the value only where it changes
	carry xlsx.Cell
}

func (f *filler) at(column int, r *xlsx.Row) (xlsx.Cell, bool) {
	if c, ok := cell(r, column); ok {
		f.carry = c
		return c, true
	}
	for f.i < len(f.spans) && f.spans[f.i].last < r.Number {
		f.i++
		f.have = false
	}
	if f.i < len(f.spans) && f.spans[f.i].first <= r.Number {
		s := f.spans[f.i]
		if !f.have || f.begin != s.first {
			f.value, f.begin, f.have = xlsx.Cell{}, s.first, true
			if k := f.g.at(s.first); k >= 0 {
				f.value, _ = cell(&f.g.Rows[k], s.column)
			}
		}
		return f.value, f.value.Text != ""
	}
	if f.down && f.carry.Text != "" {
		return f.carry, true
	}
	return xlsx.Cell{}, false
}

// fillDown marks the organisation's column as written only where it changes: the first person has it, most have not, and
// never do two people in a row have the same.
func (in *interpreter) fillDown(g *grid, st *state, t *table) {
	c := t.first1(fieldOrg)
	if c == 0 {
		return
	}
	if st.fills[c] != nil {
		t.usesOrg = true
		return
	}
	filled, blank, first := 0, 0, true
	previous := ""
	for i := g.after(t.last); i < len(g.Rows); i++ {
		r := &g.Rows[i]
		if looksLikeHeading(r) {
			break
		}
		if strong, _ := in.evidence(&state{t: t}, r); strong == 0 || personName(in.nameText(t, r)) == "" {
			continue
		}
		x, ok := cell(r, c)
		if !ok {
			if first {
				blank = len(g.Rows) // the first has none: these are gaps
			}
			blank++
			previous = ""
			continue
		}
		first, t.usesOrg = false, true
		s := viet.Key(clean(x.Text))
		if ditto(s) || s == previous {
			return
		}
		previous = s
		filled++
	}
	if filled > 0 && blank > filled && blank < len(g.Rows) {
		st.fills[c] = &filler{g: g, down: true}
	}
}
