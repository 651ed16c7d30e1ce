package sheet

import (
	"strconv"
	"strings"

	"taphuan/app/roster/sheet/xlsx"
)

// Training says of a list that it tells of people who are on the roster already and of training: beside the person it has columns of
// its own, the organisation may have ended since, target groups are not asked for, and a person may stand in several rows.
type Training struct {
	Columns []Extra
}

// Extra is a column of a list about training. Its heading holds one of the words, which are without tones; a column that two could mean
// is the first one's.
type Extra struct {
	Name   string
	Words  []string
	Needed bool // a table of records without it is none
	Office bool // its cells name an organisation
}

// Said is a cell of such a column, "" where it is empty: a day as YYYY-MM-DD, a number by its digits.
type Said struct {
	Name    string // of the Extra
	Column  string // letter
	Heading string
	Text    string
	Office  string // code of the organisation that the text names, "" if none; of records only
	Garbled bool   // typed in an old font that nobody can tell; of records only
}

// extra gives the column of training that the headings, from top to bottom, mean; "" for none.
func (in *interpreter) extra(parts []string) string {
	if in.opt.Training == nil || len(parts) == 0 {
		return ""
	}
	for _, text := range []string{parts[len(parts)-1], strings.Join(parts, " ")} {
		p := phrase(headingTail.Replace(text))
		for _, x := range in.opt.Training.Columns {
			if hasAny(p, x.Words...) {
				return x.Name
			}
		}
	}
	return ""
}

// extras reads the columns of training of a row, those that are empty included.
func (in *interpreter) extras(t *table, r *xlsx.Row) []Said {
	var out []Said
	for i := range t.columns {
		c := &t.columns[i]
		if c.field != fieldExtra {
			continue
		}
		x, _ := cell(r, c.at)
		out = append(out, Said{Name: c.group, Column: xlsx.ColumnName(c.at), Heading: c.heading, Text: cellText(x, in.date1904)})
	}
	return out
}

// cellText gives a cell as text: a day as YYYY-MM-DD, a time of day as HH:MM, a number by its digits, else the text without doubled
// spaces.
func cellText(c xlsx.Cell, date1904 bool) string {
	if c.Kind == xlsx.DateNumber {
		if f, err := strconv.ParseFloat(c.Text, 64); err == nil && 0 <= f && f < 1e7 {
			if f < 1 {
				m := int(f*24*60 + 0.5)
				return two(m/60) + ":" + two(m%60)
			}
			return epoch(date1904).AddDays(int(f)).String()
		}
	}
	if c.Kind == xlsx.Error {
		return ""
	}
	return clean(c.Text)
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
