package handlers

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

// gridCell is a place of the table: a field, or what holds where nothing can be typed.
type gridCell struct {
	Name     string // of the field, with what the table shows; "" where nothing can be typed
	Session  uint64
	Mark     models.MarkValue
	Text     string // as shown or as typed
	Disputed bool
	Wrong    bool
}

type gridRow struct {
	attendance.ReportRow
	Sub        string
	Cells      []gridCell
	ScoreName  string
	Score      string
	ScoreWrong bool
}

type gridData struct {
	*attendance.Grid
	Heads   []views.Link
	Rows    []gridRow
	Scores  bool
	Why     string
	Now     time.Time
	Letters map[string]string // of the marks, in the reader's language
}

// letter is how the reader's language writes a mark in a cell.
func (c *Ctx) letter(m models.MarkValue) string {
	if m == models.MarkNone {
		return ""
	}
	return c.T("mark_short." + string(m))
}

// gridField is the name of a place's field, which says what the table showed.
func gridField(p attendance.Place, was models.MarkValue) string {
	return p.Field() + "_" + attendance.Letter(was)
}

func scoreName(id uint64, was *int) string {
	name := fmt.Sprintf("s_%d_", id)
	if was != nil {
		name += strconv.Itoa(*was)
	}
	return name
}

func (s *Server) gridData(c *Ctx) (d gridData, err error) {
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	g, err := s.attendance.Grid(c.Ctx(), c.Actor, id)
	if err != nil {
		return d, err
	}
	d = gridData{Grid: g, Scores: g.Course.MinScoreTenths != nil, Now: s.DB.Time(), Letters: map[string]string{}}
	for _, m := range attendance.Marks {
		d.Letters[string(m)] = c.letter(m)
	}
	if g.Refusal != nil {
		d.Why = c.message(g.Refusal.Code, g.Refusal.Params)
	}
	for _, x := range g.Sessions {
		d.Heads = append(d.Heads, views.Link{Href: sheetPath(x.ID), Label: c.halfDay(x)})
	}
	for _, r := range g.Rows {
		d.Scores = d.Scores || r.Score != nil
	}
	for _, r := range g.Rows {
		row := gridRow{ReportRow: r, Sub: c.personSub(r.Row, "")}
		for j, x := range g.Sessions {
			p := attendance.Place{EnrolmentID: r.EnrolmentID, SessionID: x.ID}
			cell := gridCell{Session: x.ID, Mark: r.Marks[j], Text: c.letter(r.Marks[j]), Disputed: g.Disputed[p]}
			if g.Closed[j] == nil {
				cell.Name = gridField(p, r.Marks[j])
			}
			row.Cells = append(row.Cells, cell)
		}
		if r.Score != nil {
			row.Score = writtenPoints(c.Lang, *r.Score)
		}
		if d.Scores && g.Refusal == nil {
			row.ScoreName = scoreName(r.EnrolmentID, r.Score)
		}
		d.Rows = append(d.Rows, row)
	}
	return d, nil
}

// gridPage is the table of persons and sessions in which marks are typed.
func (s *Server) gridPage(c *Ctx) error {
	d, err := s.gridData(c)
	if err != nil {
		return err
	}
	return c.Page("attendance/grid", d)
}

// typed is what a form of the table changes.
type typed struct {
	changes []attendance.GridChange
	scores  map[uint64]*int
	wrong   errs.Fields
	texts   map[string]string // as typed, by person and session, or by person and "score"
}

// readGrid reads the fields whose text is another than the table showed.
func readGrid(c *Ctx) (t typed, err error) {
	t = typed{scores: map[uint64]*int{}, texts: map[string]string{}}
	if c.PostForm("request_key"); c.Request.PostForm == nil {
		return t, errs.Invalid("unreadable_input")
	}
	for name, values := range c.Request.PostForm {
		part, text := strings.Split(name, "_"), strings.TrimSpace(values[0])
		switch {
		case part[0] == "m" && len(part) == 4:
			person, err1 := strconv.ParseUint(part[1], 10, 63)
			session, err2 := strconv.ParseUint(part[2], 10, 63)
			was, ok := attendance.ReadMark(part[3])
			if err := cmp.Or(err1, err2); err != nil || !ok {
				return t, errs.Invalid("unreadable_input")
			}
			p := attendance.Place{EnrolmentID: person, SessionID: session}
			t.texts[p.Field()] = text
			if mark, ok := attendance.ReadMark(text); !ok {
				t.wrong.Add(p.Field(), "grid_mark_unknown")
			} else if mark != was {
				t.changes = append(t.changes, attendance.GridChange{Place: p, Mark: mark, Was: was})
			}
		case part[0] == "s" && len(part) == 3:
			person, err := strconv.ParseUint(part[1], 10, 63)
			if err != nil {
				return t, errs.Invalid("unreadable_input")
			}
			field := attendance.ScoreField(person)
			t.texts[field] = text
			v, ok := attendance.ReadTenths(text)
			if !ok {
				t.wrong.Add(field, "score_range")
			} else if is := scoreName(person, v); is != name {
				t.scores[person] = v
			}
		}
	}
	return t, t.wrong.Err()
}

// gridSave saves the table as a form: of the fields those that say something else than the table showed.
func (s *Server) gridSave(c *Ctx) error {
	d, err := s.gridData(c)
	if err != nil {
		return err
	}
	t, refusal := readGrid(c)
	n := 0
	if refusal == nil {
		source := attendance.SourceGrid
		if c.PostForm("source") == attendance.SourceSheet {
			source = attendance.SourceSheet
		}
		n, refusal = s.attendance.SaveGrid(c.Ctx(), c.Actor, d.Course.ID, source, t.changes, t.scores)
	}
	if refusal != nil {
		d.keep(t, errs.As(refusal))
		return c.Invalid("attendance/grid", d, refusal)
	}
	return c.Done("/courses/"+strconv.FormatUint(d.Course.ID, 10)+"/grid", "grid.saved", "n", n)
}

// keep puts what was typed back into the table.
func (d *gridData) keep(t typed, why *errs.Error) {
	wrong := map[string]bool{}
	for _, f := range why.Fields {
		wrong[f.Name] = true
	}
	for i := range d.Rows {
		r := &d.Rows[i]
		for j := range r.Cells {
			p := attendance.Place{EnrolmentID: r.EnrolmentID, SessionID: r.Cells[j].Session}
			if text, ok := t.texts[p.Field()]; ok && r.Cells[j].Name != "" {
				r.Cells[j].Text, r.Cells[j].Wrong = text, wrong[p.Field()]
			}
		}
		if text, ok := t.texts[attendance.ScoreField(r.EnrolmentID)]; ok {
			r.Score, r.ScoreWrong = text, wrong[attendance.ScoreField(r.EnrolmentID)]
		}
	}
}

// gridSheet gives the table as a workbook to be filled in.
func (s *Server) gridSheet(c *Ctx) error {
	d, err := s.gridData(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("attendance.title"), Title: d.Course.Code + " · " + d.Course.Title, Columns: []workbook.Column{
		{Head: c.T("grid.key"), Kind: workbook.Code, Hidden: true}, {Head: c.T("score.column.number"), Kind: workbook.Number, Width: 6}, {Head: c.T("score.column.name")}, {Head: c.T("score.column.office"), Width: 36}}}
	for j, h := range d.Heads {
		sheet.Columns = append(sheet.Columns, workbook.Column{Head: attendance.GridHead(h.Label, d.Sessions[j].ID), Width: 14})
	}
	if d.Scores {
		sheet.Columns = append(sheet.Columns, workbook.Column{Head: c.T("attendance.score") + " " + attendance.GridScoreHead, Kind: workbook.Number})
	}
	return c.Sheet("diem-danh-"+d.Course.Code, sheet, func(write workbook.Row) error {
		for i, r := range d.Rows {
			cells := []any{s.attendance.GridKey(d.Grid, r.ReportRow), i + 1, r.Name, r.Office}
			for _, x := range r.Cells {
				cells = append(cells, c.letter(x.Mark))
			}
			if d.Scores {
				cells = append(cells, points(r.ReportRow.Score))
			}
			if err := write(cells...); err != nil {
				return err
			}
		}
		return nil
	})
}

type gridChange struct {
	Person, Session, Was, Now string
	Name, Value               string // of the field that confirms it
}

// mostLeft is how many rows and cells that cannot be taken are shown.
const mostLeft = 200

type gridSheetData struct {
	Course  models.Course
	File    string
	Changes []gridChange
	Same    int
	Left    []attendance.GridLeft
	Reasons []string // of each row or cell that is left and shown, in words
}

// gridUpload reads a workbook of the table and shows what it would change; saving that form writes it.
func (s *Server) gridUpload(c *Ctx) error {
	d, err := s.gridData(c)
	if err != nil {
		return err
	}
	var read *attendance.GridSheet
	out := gridSheetData{Course: d.Course}
	err = s.uploaded(c, func(ctx context.Context, actor access.Actor, name string, b []byte) (err error) {
		out.File = name
		read, err = s.attendance.ReadGrid(ctx, actor, d.Course.ID, b)
		return err
	})
	if err != nil {
		return c.Invalid("attendance/grid", d, err)
	}
	people, sessions := map[uint64]string{}, map[uint64]string{}
	for _, r := range d.Rows {
		people[r.EnrolmentID] = r.Name
	}
	for j, x := range d.Sessions {
		sessions[x.ID] = d.Heads[j].Label
	}
	word := func(m models.MarkValue) string {
		return c.T("mark." + cmp.Or(string(m), "none"))
	}
	for _, x := range read.Changes {
		out.Changes = append(out.Changes, gridChange{people[x.EnrolmentID], sessions[x.SessionID], word(x.Was), word(x.Mark), gridField(x.Place, x.Was), attendance.Letter(x.Mark)})
	}
	score := func(v *int) string {
		if v == nil {
			return ""
		}
		return writtenPoints(c.Lang, *v)
	}
	for _, x := range read.Scores {
		out.Changes = append(out.Changes, gridChange{people[x.EnrolmentID], c.T("attendance.score"), score(x.Was), score(x.Tenths), scoreName(x.EnrolmentID, x.Was), score(x.Tenths)})
	}
	out.Same, out.Left = read.Same, read.Left
	for _, l := range out.Left[:min(len(out.Left), mostLeft)] {
		out.Reasons = append(out.Reasons, c.message(l.Reason, l.Params))
	}
	return c.Page("attendance/grid_sheet", out)
}
