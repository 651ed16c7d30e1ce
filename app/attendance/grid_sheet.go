package attendance

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/app/roster/sheet"
	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models"
	"taphuan/models/viet"
)

const purposeGrid = "attendance_grid"

// letters are the marks as people write them, of which the first stands in files; figures are for those who type them.
var letters = map[models.MarkValue][]string{models.MarkNone: {""}, models.MarkPresent: {"x", "1"}, models.MarkLate: {"m", "l", "2"}, models.MarkExcused: {"p", "e", "3"}, models.MarkAbsent: {"k", "a", "4"}}

// ReadMark reads a mark as it is typed: x, M, P, K (x, L, E, A in English), or 1 to 4; "" is none.
func ReadMark(text string) (models.MarkValue, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	for mark, list := range letters {
		for _, l := range list {
			if l == text {
				return mark, true
			}
		}
	}
	return models.MarkNone, false
}

// Letter is how a file says a mark.
func Letter(m models.MarkValue) string { return letters[m][0] }

// GridKey seals what a row of the workbook says of a person: the course, the enrolment, and the marks and the score that the workbook
// was made with. A key that was changed is refused when the workbook comes back.
func (s *Service) GridKey(g *Grid, row ReportRow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d:%d:", g.Course.ID, row.EnrolmentID)
	for i, x := range g.Sessions {
		fmt.Fprintf(&b, "%d%s,", x.ID, letters[row.Marks[i]][0])
	}
	b.WriteByte(':')
	if row.Score != nil {
		b.WriteString(strconv.Itoa(*row.Score))
	}
	return b.String() + ":" + s.sealGrid(b.String())
}

func (s *Service) sealGrid(text string) string { return s.Files.Keys.Hash(purposeGrid, text)[:20] }

// GridHead is the head of a session's column: the words and the number by which it is known again.
func GridHead(words string, session uint64) string { return fmt.Sprintf("%s #%d", words, session) }

// GridScoreHead ends the head of the column of scores.
const GridScoreHead = "#d"

// GridColumns is how many columns stand before those of the sessions: key, number, name, office.
const GridColumns = 4

var (
	gridKey  = regexp.MustCompile(`^(\d{1,18}):(\d{1,18}):([0-9a-z,]*):(\d*):[0-9a-f]{20}$`)
	gridMark = regexp.MustCompile(`^(\d{1,18})([xmpk]?)$`)
	gridHead = regexp.MustCompile(`#(\d{1,18}|d)\s*$`)
)

// GridLeft is a row or cell of a workbook that cannot be taken, with the reason: "grid_row_edited", "grid_row_new", "grid_row_twice",
// "grid_person_gone", "grid_name", "grid_formula", "grid_merged", "grid_mark_unknown", "grid_moved", "grid_session_gone", "score_range", why marks
// of the session cannot be changed, or, at the first cell of a column whose head says no session, "grid_column_unknown".
type GridLeft struct {
	Sheet, Column, Name, Value, Reason string
	Row                                int
	Params                             errs.Params
}

// GridScore is a score that a workbook changes.
type GridScore struct {
	EnrolmentID uint64
	Was, Tenths *int
}

// GridSheet is what a workbook of the table changes.
type GridSheet struct {
	Grid    *Grid
	Changes []GridChange
	Scores  []GridScore
	Left    []GridLeft
	Same    int // rows that change nothing
}

// ReadGrid reads a workbook that was made of the table of a course, and changes nothing. A cell counts where it says something else than
// when the workbook was made, so that a workbook that is older takes back nothing that was marked since.
//
// It refuses a file that is missing ("file_missing"), too large ("file_too_large") or no workbook (the codes of sheet.Read), one that is no
// such workbook ("grid_sheet_foreign") or another course's ("grid_sheet_other"), and a course that takes no marks.
func (s *Service) ReadGrid(ctx context.Context, actor access.Actor, courseID uint64, file []byte) (*GridSheet, error) {
	g, err := s.Grid(ctx, actor, courseID)
	switch {
	case err != nil:
		return nil, err
	case g.Refusal != nil:
		return nil, g.Refusal
	case len(file) == 0:
		return nil, errs.OnField("file", "file_missing")
	case len(file) > roster.MaxUpload:
		return nil, errs.OnField("file", "file_too_large")
	}
	limits := xlsx.DefaultLimits
	limits.Formulas = true
	book, err := xlsx.Read(ctx, bytes.NewReader(file), int64(len(file)), limits)
	if err != nil {
		return nil, sheet.FileError(err)
	}
	r := gridReader{s: s, out: &GridSheet{Grid: g}, people: map[uint64]int{}, sessions: map[uint64]int{}, seen: map[uint64]bool{}}
	for i, p := range g.Rows {
		r.people[p.EnrolmentID] = i
	}
	for i, x := range g.Sessions {
		r.sessions[x.ID] = i
	}
	for _, x := range book.Sheets {
		r.sheet, r.heads, r.strange, r.merges = x.Name, nil, map[int]bool{}, x.Merges
		for _, row := range x.Rows {
			r.row(row)
		}
	}
	switch {
	case r.other && r.rows == 0:
		return nil, errs.OnField("file", "grid_sheet_other")
	case r.rows == 0:
		return nil, errs.OnField("file", "grid_sheet_foreign")
	}
	return r.out, nil
}

type gridReader struct {
	s        *Service
	out      *GridSheet
	people   map[uint64]int // row of the grid, by enrolment
	sessions map[uint64]int // column, by session
	seen     map[uint64]bool
	sheet    string
	heads    map[int]uint64 // session, by column of the sheet; 0: the score
	strange  map[int]bool   // columns without such a head that were told of
	merges   []xlsx.Range
	rows     int  // with a key of this course
	other    bool // a key of another course was met
}

func (r *gridReader) leave(row xlsx.Row, column int, name, value, reason string, params ...errs.Params) {
	l := GridLeft{Sheet: r.sheet, Row: row.Number, Name: name, Value: value, Reason: reason}
	if column > 0 {
		l.Column = xlsx.ColumnName(column)
	}
	if len(params) > 0 {
		l.Params = params[0]
	}
	r.out.Left = append(r.out.Left, l)
}

// head takes a row for the head of the table if one of its cells bears a session's number.
func (r *gridReader) head(row xlsx.Row) bool {
	heads, seen := map[int]uint64{}, map[string]bool{}
	for _, c := range row.Cells {
		if m := gridHead.FindStringSubmatch(c.Text); m != nil && c.Column > GridColumns && !seen[m[1]] {
			seen[m[1]] = true
			heads[c.Column], _ = strconv.ParseUint(m[1], 10, 64) // 0 for the score
		}
	}
	if len(heads) > 0 {
		r.heads = heads
	}
	return len(heads) > 0
}

func (r *gridReader) row(row xlsx.Row) {
	cells := map[int]xlsx.Cell{}
	for _, c := range row.Cells {
		cells[c.Column] = c
	}
	name, key := viet.NFC(cells[3].Text), strings.TrimSpace(cells[1].Text)
	m := gridKey.FindStringSubmatch(key)
	switch {
	case m == nil && r.head(row), m == nil && r.heads == nil, m == nil && key == "" && name == "":
		return
	case m == nil && key == "":
		r.leave(row, 3, name, "", "grid_row_new")
		return
	case m == nil || key != strings.Join(m[1:5], ":")+":"+r.s.sealGrid(strings.Join(m[1:5], ":")):
		r.leave(row, 1, name, key, "grid_row_edited")
		return
	case m[1] != strconv.FormatUint(r.out.Grid.Course.ID, 10):
		r.other = true
		r.leave(row, 1, name, "", "grid_sheet_other")
		return
	}
	r.rows++
	id, _ := strconv.ParseUint(m[2], 10, 64)
	i, there := r.people[id]
	switch {
	case r.seen[id]:
		r.leave(row, 3, name, "", "grid_row_twice")
	case !there:
		r.leave(row, 3, name, "", "grid_person_gone")
	case viet.Key(r.out.Grid.Rows[i].Name) != viet.Key(name) || cells[3].Kind == xlsx.Formula:
		r.leave(row, 3, name, "", "grid_name", errs.Params{"name": r.out.Grid.Rows[i].Name})
	default:
		r.seen[id] = true
		r.person(row, cells, r.out.Grid.Rows[i], m[3], m[4])
	}
}

// person reads the marks and the score of somebody; was and score are those that the workbook was made with.
func (r *gridReader) person(row xlsx.Row, cells map[int]xlsx.Cell, p ReportRow, was, score string) {
	before := map[uint64]models.MarkValue{}
	for part := range strings.SplitSeq(was, ",") {
		if m := gridMark.FindStringSubmatch(part); m != nil {
			id, _ := strconv.ParseUint(m[1], 10, 64)
			before[id], _ = ReadMark(m[2])
		}
	}
	n := len(r.out.Changes) + len(r.out.Scores) + len(r.out.Left)
	merges := slices.DeleteFunc(slices.Clone(r.merges), func(m xlsx.Range) bool { return row.Number < m.FirstRow || m.LastRow < row.Number })
	for column := GridColumns + 1; column <= xlsx.DefaultLimits.Columns; column++ {
		session, headed := r.heads[column]
		c := cells[column]
		switch {
		case !headed:
			if strings.TrimSpace(c.Text) != "" && !r.strange[column] {
				r.strange[column] = true
				r.leave(row, column, p.Name, c.Text, "grid_column_unknown")
			}
		case slices.ContainsFunc(merges, func(m xlsx.Range) bool { return m.FirstColumn <= column && column <= m.LastColumn }):
			r.leave(row, column, p.Name, c.Text, "grid_merged")
		case c.Kind == xlsx.Formula:
			r.leave(row, column, p.Name, c.Text, "grid_formula")
		case session == 0:
			r.score(row, column, scoreText(c), p, score)
		default:
			r.mark(row, column, c.Text, p, session, before)
		}
	}
	if n == len(r.out.Changes)+len(r.out.Scores)+len(r.out.Left) {
		r.out.Same++
	}
}

func (r *gridReader) mark(row xlsx.Row, column int, text string, p ReportRow, session uint64, before map[uint64]models.MarkValue) {
	mark, ok := ReadMark(text)
	was, known := before[session]
	j, held := r.sessions[session]
	switch {
	case !ok:
		r.leave(row, column, p.Name, text, "grid_mark_unknown")
	case ok && known && mark == was, ok && !known && mark == models.MarkNone:
	case !known || !held:
		r.leave(row, column, p.Name, text, "grid_session_gone")
	case p.Marks[j] == mark:
	case r.out.Grid.Closed[j] != nil:
		r.leave(row, column, p.Name, text, r.out.Grid.Closed[j].Code, r.out.Grid.Closed[j].Params)
	case p.Marks[j] != was:
		r.leave(row, column, p.Name, text, "grid_moved")
	default:
		r.out.Changes = append(r.out.Changes, GridChange{Place: Place{p.EnrolmentID, session}, Mark: mark, Was: was})
	}
}

// scoreText gives a score as it is shown: spreadsheets keep 8.1 as 8.0999999999999996.
func scoreText(c xlsx.Cell) string {
	if v, err := strconv.ParseFloat(c.Text, 64); err == nil && c.Kind == xlsx.Number && math.Abs(v*10-math.Round(v*10)) < 1e-6 {
		return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	}
	return c.Text
}

func (r *gridReader) score(row xlsx.Row, column int, text string, p ReportRow, before string) {
	v, ok := ReadTenths(strings.TrimSpace(text))
	var was *int
	if n, err := strconv.Atoi(before); err == nil {
		was = &n
	}
	switch {
	case !ok:
		r.leave(row, column, p.Name, text, "score_range")
	case same(v, was), same(v, p.Score):
	case !same(p.Score, was):
		r.leave(row, column, p.Name, text, "grid_moved")
	default:
		r.out.Scores = append(r.out.Scores, GridScore{EnrolmentID: p.EnrolmentID, Was: p.Score, Tenths: v})
	}
}
