package sheet

import (
	"cmp"
	"slices"
	"strings"

	"taphuan/app/roster/sheet/xlsx"
)

const sampleRows = 200

// sample gives for every column some of its cells below the heading.
func (t *table) sample(g *grid) map[int][]xlsx.Cell {
	out := map[int][]xlsx.Cell{}
	from := g.after(t.last)
	for k := from; k < len(g.Rows) && k < from+sampleRows; k++ {
		if len(g.Rows[k].Cells) < 3 || countingRow(&g.Rows[k]) || holdsTotal(&g.Rows[k]) || t.repeated(g, k) {
			continue // section lines, signatures, the heading on a new page
		}
		for _, c := range g.Rows[k].Cells {
			out[c.Column] = append(out[c.Column], c)
		}
	}
	return out
}

// holdsTotal says whether the first text of the row is that of a total.
func holdsTotal(r *xlsx.Row) bool {
	for i := range r.Cells {
		if r.Cells[i].Kind == xlsx.Text {
			return totalLine.MatchString(clean(r.Cells[i].Text))
		}
	}
	return false
}

// share says which part of the cells pass.
func share(cells []xlsx.Cell, pass func(xlsx.Cell) bool) float64 {
	if len(cells) == 0 {
		return 0
	}
	n := 0
	for _, c := range cells {
		if pass(c) {
			n++
		}
	}
	return float64(n) / float64(len(cells))
}

func (in *interpreter) isBirth(c xlsx.Cell) bool {
	b, ok := birthOf(c, in.date1904, in.opt.Today)
	return ok && b.text != ""
}

func isMark(c xlsx.Cell) bool {
	yes, ok := marked(c)
	return yes && ok
}

// meaningOfColumn combines the headings of a column from top to bottom, and looks at its cells where they leave it open.
func (in *interpreter) meaningOfColumn(parts []string, cells []xlsx.Cell) (meaning, string) {
	if len(parts) == 0 {
		return meaning{}, ""
	}
	if name := in.extra(parts); name != "" {
		return meaning{fieldExtra, 9}, name
	}
	sub := parts[len(parts)-1]
	parent := strings.Join(parts[:len(parts)-1], " ")
	m, mp := meaningOf(sub), meaningOf(parent)
	if code, ok := in.groups.isMarkLabel(sub); ok && share(cells, in.isGroup) < 0.5 {
		if share(cells, in.isOrg) > 0.5 {
			return meaning{fieldOrg, 2}, "" // Tổ chức chính trị - xã hội: which of them
		}
		return meaning{fieldMark, 3}, code // a heading that names one group stands over ticks
	}
	switch m.field {
	case fieldMale, fieldFemale:
		dates := share(cells, in.isBirth)
		if mp.field == fieldBorn && share(cells, isMark) <= dates || dates > 0.5 {
			if m.field == fieldMale {
				return meaning{fieldBornMale, 2}, ""
			}
			return meaning{fieldBornFemale, 2}, ""
		}
		return m, ""
	case fieldBornDay, fieldBornMonth, fieldBornYear:
		if mp.field != fieldBorn {
			return meaning{fieldIgnored, 0}, ""
		}
		return m, ""
	case fieldNone:
		if both := meaningOf(parent + " " + sub); both.field == mp.field {
			return both, "" // Chức vụ / Đảng
		}
		return mp, ""
	case fieldIgnored:
		if m.rank == 0 && mp.field != fieldNone {
			return mp, ""
		}
	case fieldName, fieldFamily, fieldGiven, fieldBorn:
		if mp.field == fieldIgnored {
			return mp, ""
		}
	}
	return m, ""
}

// settle decides between columns that mean the same and gives columns without a known heading the field that their cells
// show beyond doubt.
func (in *interpreter) settle(g *grid, t *table, samples map[int][]xlsx.Cell) {
	named := map[field]bool{}
	for i := range t.columns {
		c := &t.columns[i]
		switch {
		case c.field == fieldGroup && c.rank == 1 && share(samples[c.at], in.isGroup) < 0.8:
			c.meaning = meaning{} // a field of work, in words of its own
		case c.field == fieldGroup && len(c.parts) > 1 && share(samples[c.at], isMark) >= 0.8:
			c.meaning = meaning{} // ticks below a heading that names no group we know
		}
		named[c.field] = true
	}
	for i := range t.columns {
		c := &t.columns[i]
		if c.field != fieldNone {
			continue
		}
		cells := samples[c.at]
		for _, guess := range []struct {
			f    field
			pass func(xlsx.Cell) bool
		}{
			{fieldEmail, func(x xlsx.Cell) bool { a, _, ok := email(x); return ok && a != "" }},
			{fieldID, func(x xlsx.Cell) bool { id, ok := nationalID(x); return ok && len(id) == 12 }},
			{fieldPhone, func(x xlsx.Cell) bool { p, _, ok := phone(x); return ok && p != "" && x.Kind == xlsx.Text }},
			{fieldSex, func(x xlsx.Cell) bool { f, _ := sexOf(x.Text); return f != nil }},
			{fieldGroup, in.isGroup},
			{fieldOrg, in.isOrg},
		} {
			if !named[guess.f] && !(guess.f == fieldGroup && named[fieldMark]) && len(cells) >= 2 && share(cells, guess.pass) >= 0.8 {
				c.meaning = meaning{guess.f, 0}
				named[guess.f] = true
				break
			}
		}
	}
	t.by = map[field][]int{}
	order := make([]*column, len(t.columns))
	for i := range t.columns {
		order[i] = &t.columns[i]
	}
	orgs := map[int]float64{}
	for _, c := range order {
		if c.field == fieldOrg || c.field == fieldTitleOrg {
			orgs[c.at] = share(samples[c.at], in.isOffice)
		}
	}
	slices.SortStableFunc(order, func(a, b *column) int {
		if a.field == fieldOrg && b.field == fieldOrg && orgs[a.at] != orgs[b.at] {
			return cmp.Compare(orgs[b.at], orgs[a.at])
		}
		return b.rank - a.rank
	})
	for _, c := range order {
		t.by[c.field] = append(t.by[c.field], c.at)
	}
	t.other = t.tellsOther(samples)
	t.settleName(g, samples)
}

// settleName finds the columns that make up the name, in order.
func (t *table) settleName(g *grid, samples map[int][]xlsx.Cell) {
	switch {
	case len(t.by[fieldFamily]) > 0:
		t.name = append(t.name, t.by[fieldFamily]...)
		if len(t.by[fieldGiven]) > 0 {
			t.name = append(t.name, t.by[fieldGiven][0])
		} else if len(t.by[fieldName]) > 0 {
			t.name = append(t.name, t.by[fieldName][0])
		}
		slices.Sort(t.name)
	case len(t.by[fieldName]) > 0:
		c := t.by[fieldName][0]
		t.name = []int{c}
		same := t.column(c)
		for next := c + 1; ; next++ {
			n := t.column(next)
			if n == nil || n.field != fieldName && n.field != fieldNone && n.field != fieldGiven {
				break
			}
			joined := n.field == fieldName && n.heading == same.heading && t.mergedTogether(g, c, next)
			open := len(n.parts) == 0 && len(samples[next])*2 > len(samples[c]) && share(samples[next], oneWord) > 0.9
			given := n.field == fieldGiven && share(samples[next], oneWord) > 0.9
			if !joined && !open && !given {
				break
			}
			t.name = append(t.name, next)
		}
	case len(t.by[fieldNameTitle]) > 0:
		t.name = t.by[fieldNameTitle][:1]
	case len(t.by[fieldGiven]) > 0:
		t.name = t.by[fieldGiven][:1]
	}
}

func oneWord(c xlsx.Cell) bool {
	s := clean(c.Text)
	return c.Kind == xlsx.Text && s != "" && !strings.Contains(s, " ") && !hasDigit(s) && !isMark(c)
}

func (t *table) mergedTogether(g *grid, a, b int) bool {
	for _, m := range g.merges(t.first, t.last) {
		if m.FirstRow >= t.first && m.FirstColumn <= a && b <= m.LastColumn {
			return true
		}
	}
	return false
}

func (in *interpreter) isGroup(c xlsx.Cell) bool {
	codes, ok := in.groups.all(c.Text)
	return ok && len(codes) > 0 && c.Kind == xlsx.Text
}

func (in *interpreter) isOrg(c xlsx.Cell) bool {
	return c.Kind == xlsx.Text && in.orgOf(c.Text, nil).ok()
}

// isOffice leaves out what is for totals only: a column of districts says where, not in which office.
func (in *interpreter) isOffice(c xlsx.Cell) bool {
	f := in.orgOf(c.Text, nil)
	return c.Kind == xlsx.Text && f.ok() && !in.isTotal(f)
}
