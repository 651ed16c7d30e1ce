package views

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"

	"taphuan/app/i18n"
	"taphuan/models"
)

// The list of a session is the longest page that phones open, and its rows differ in a few places only. So the template of a
// row is executed once for each mark and language, with stand-ins for these places, and cut there; a row is then its pieces
// with the person's own values, escaped as HTML text, between them.

// rowCut is the template of a row, cut at its stand-ins: pieces[i], then values[i], and a last piece.
type rowCut struct {
	pieces []string
	values []byte // 'i' the id, 'n' the name, 's' the line under it, 'o' the note, 'a' the time
}

// The stand-ins: none needs escaping in HTML, and no row holds them otherwise.
const (
	standInID   = 7182818284590452
	standInName = "‡name‡"
	standInSub  = "‡sub‡"
	standInNote = "‡note‡"
	standInAt   = "‡at‡"
)

// rowCuts holds the cuts of one language, made when first asked for, since the templates are parsed after their functions.
type rowCuts struct {
	once sync.Once
	cuts map[string]rowCut // by template and mark, with an "!" where two sources disagree
	err  error
}

var rowMarks = []string{"", "present", "late", "excused", "absent"}

func (c *rowCuts) make(set *template.Template) {
	c.cuts = map[string]rowCut{}
	for _, name := range []string{"attendance_row", "attendance_still"} {
		for _, mark := range rowMarks {
			for _, odd := range []bool{false, true} {
				x := AttendanceRow{ID: standInID, Name: standInName, Sub: standInSub, Mark: mark, Note: standInNote, At: standInAt, Odd: odd}
				var b bytes.Buffer
				if c.err = set.ExecuteTemplate(&b, name, x); c.err != nil {
					return
				}
				c.cuts[rowKey(name, mark, odd)] = cutRow(b.String())
			}
		}
	}
}

func rowKey(name, mark string, odd bool) string {
	if odd {
		return name + mark + "!"
	}
	return name + mark
}

func cutRow(text string) rowCut {
	var out rowCut
	standIns := map[string]byte{strconv.Itoa(standInID): 'i', standInName: 'n', standInSub: 's', standInNote: 'o', standInAt: 'a'}
	for {
		at, length, kind := len(text), 0, byte(0)
		for s, k := range standIns {
			if i := strings.Index(text, s); i >= 0 && i < at {
				at, length, kind = i, len(s), k
			}
		}
		out.pieces = append(out.pieces, text[:at])
		if kind == 0 {
			return out
		}
		out.values = append(out.values, kind)
		text = text[at+length:]
	}
}

// attendanceRows gives the function that writes the rows of a list: with buttons, or still where nothing can be marked.
func (r *Renderer) attendanceRows(lang string) func(rows []AttendanceRow, may bool) (template.HTML, error) {
	var c rowCuts
	return func(rows []AttendanceRow, may bool) (template.HTML, error) {
		c.once.Do(func() { c.make(r.sets[lang]) })
		if c.err != nil {
			return "", c.err
		}
		name := "attendance_row"
		if !may {
			name = "attendance_still"
		}
		var b strings.Builder
		b.Grow(len(rows) * 1000)
		for _, x := range rows {
			cut, ok := c.cuts[rowKey(name, x.Mark, x.Odd)]
			if !ok {
				return "", fmt.Errorf("attendance row: there is no mark %q", x.Mark)
			}
			id, who, sub := strconv.FormatUint(x.ID, 10), template.HTMLEscapeString(x.Name), template.HTMLEscapeString(x.Sub)
			for i, piece := range cut.pieces {
				b.WriteString(piece)
				if i == len(cut.values) {
					break
				}
				switch cut.values[i] {
				case 'i':
					b.WriteString(id)
				case 'n':
					b.WriteString(who)
				case 'o':
					b.WriteString(template.HTMLEscapeString(x.Note))
				case 'a':
					b.WriteString(template.HTMLEscapeString(x.At))
				default:
					b.WriteString(sub)
				}
			}
		}
		return template.HTML(b.String()), nil
	}
}

// attendanceCells gives the function that writes a person's marks in a report, a cell for each session; there are as many kinds of
// cells as there are marks.
func (r *Renderer) attendanceCells(lang string) func(marks []models.MarkValue) (template.HTML, error) {
	cells := sync.OnceValues(func() (map[models.MarkValue]string, error) {
		out := map[models.MarkValue]string{}
		for _, mark := range rowMarks {
			var b strings.Builder
			if err := r.sets[lang].ExecuteTemplate(&b, "attendance_cell", mark); err != nil {
				return nil, err
			}
			out[models.MarkValue(mark)] = b.String()
		}
		return out, nil
	})
	return func(marks []models.MarkValue) (template.HTML, error) {
		of, err := cells()
		var b strings.Builder
		for _, m := range marks {
			b.WriteString(of[m])
		}
		return template.HTML(b.String()), err
	}
}

// WayRow is a day on the way to a target.
type WayRow struct {
	Day                  models.Day
	Percent              *float64 // nil where nobody is counted
	Href                 string   // of the names behind it
	Covered, Denominator int
	Target               float64 // percent
}

// wayRows writes the rows of a table of days. By hand: there are some for each group and each month, and a template takes longer over them than over the
// rest of a page.
func wayRows(lang string, rows []WayRow) template.HTML {
	var b strings.Builder
	for _, x := range rows {
		pct := i18n.Pct(lang, x.Percent)
		if x.Percent != nil {
			pct = `<a href="` + template.HTMLEscapeString(x.Href) + `">` + pct + `</a>`
		}
		b.WriteString(`<tr><th scope="row">` + i18n.Day(lang, x.Day) + `</th>`)
		for _, text := range []string{pct, i18n.Num(lang, x.Covered), i18n.Num(lang, x.Denominator), i18n.Target(lang, x.Target)} {
			b.WriteString(`<td class="num">` + text + `</td>`)
		}
		b.WriteString("</tr>\n")
	}
	return template.HTML(b.String())
}

// rail gives the function that writes the rail of a page, which stands twice in it: beside the page, and in the menu of a narrow screen.
func (r *Renderer) rail(lang string) func(p *Page) (template.HTML, error) {
	return func(p *Page) (template.HTML, error) {
		if p.rail == "" {
			var b strings.Builder
			if err := r.sets[lang].ExecuteTemplate(&b, "rail_body", p); err != nil {
				return "", err
			}
			p.rail = template.HTML(b.String())
		}
		return p.rail, nil
	}
}
