package handlers

import (
	"context"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/workbook"
)

type scoreRow struct {
	attendance.ScoreRow
	Field string
	Text  string // as shown or as typed
	Sub   string
	Was   string // the score there is, where a workbook says another
}

type scoreData struct {
	*attendance.Scores
	Rows  []scoreRow
	Given int // how many have a score
	Why   string
	Least string
	File  *scoreFile // a workbook that was read and waits to be saved; nil: none
}

// scoreFile is what a workbook would change, shown in the form of the scores.
type scoreFile struct {
	Name  string
	Same  int // rows with the score that there is
	Blank int
	Left  []attendance.ScoreLeft
	Why   []string // of each row that is left, in words
}

func (s *Server) scoreData(c *Ctx) (scoreData, error) {
	var d scoreData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if d.Scores, err = s.attendance.Scores(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	if d.Refusal != nil {
		d.Why = c.message(d.Refusal.Code, d.Refusal.Params)
	}
	if least := d.Course.MinScoreTenths; least != nil {
		d.Least = writtenPoints(c.Lang, *least)
	}
	for _, r := range d.Scores.Rows {
		x := scoreRow{ScoreRow: r, Field: attendance.ScoreField(r.EnrolmentID), Sub: c.personSub(r.Row, r.Row.Note)}
		if r.Tenths != nil {
			x.Text = writtenPoints(c.Lang, *r.Tenths)
			d.Given++
		}
		d.Rows = append(d.Rows, x)
	}
	return d, nil
}

// scorePage is the form of a course's scores.
func (s *Server) scorePage(c *Ctx) error {
	d, err := s.scoreData(c)
	if err != nil {
		return err
	}
	return c.Page("attendance/scores", d)
}

// scoreSave saves the scores of a form: 0 to 10 with at most one decimal, after a comma or a point; an empty field takes one away.
func (s *Server) scoreSave(c *Ctx) error {
	d, err := s.scoreData(c)
	if err != nil {
		return err
	}
	scores := map[uint64]*int{}
	var wrong errs.Fields
	for i := range d.Rows {
		r := &d.Rows[i]
		text, there := c.GetPostForm(r.Field)
		if !there {
			continue
		}
		r.Text = strings.TrimSpace(text)
		v, ok := attendance.ReadTenths(r.Text)
		if !ok {
			wrong.Add(r.Field, "score_range")
			continue
		}
		scores[r.EnrolmentID] = v
	}
	if err := wrong.Err(); err != nil {
		return c.Invalid("attendance/scores", d, err)
	}
	n, err := s.attendance.SaveScores(c.Ctx(), c.Actor, d.Course.ID, scores)
	if err != nil {
		return c.Invalid("attendance/scores", d, err)
	}
	return c.Done("/courses/"+strconv.FormatUint(d.Course.ID, 10)+"/scores", "attendance.scores_saved", "n", n)
}

// writtenPoints writes tenths of a point as the language does: 8,5.
func writtenPoints(lang string, tenths int) string {
	s := strconv.Itoa(tenths / 10)
	if d := tenths % 10; d != 0 {
		sep := ","
		if lang == "en" {
			sep = "."
		}
		s += sep + strconv.Itoa(d)
	}
	return s
}

// scoreSheet gives the list of a course to fill scores in.
func (s *Server) scoreSheet(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	course, lines, err := s.attendance.ScoreList(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("attendance.scores"), Title: course.Code + " · " + course.Title, Columns: []workbook.Column{
		{Head: c.T("score.column.number"), Kind: workbook.Number, Width: 6}, {Head: c.T("score.column.name")}, {Head: c.T("score.column.born"), Kind: workbook.Number},
		{Head: c.T("score.column.office"), Width: 44}, {Head: c.T("score.column.place"), Kind: workbook.Code}, {Head: c.T("score.column.score"), Kind: workbook.Number}}}
	return c.Sheet("diem-"+course.Code, sheet, func(row workbook.Row) error {
		for i, l := range lines {
			var born *int
			if l.BirthYear != 0 {
				born = &l.BirthYear
			}
			if err := row(i+1, l.Name, born, l.Office, strconv.FormatUint(l.EnrolmentID, 10), points(l.Tenths)); err != nil {
				return err
			}
		}
		return nil
	})
}

// scoreUpload reads a workbook of scores and shows in the form what it would change; saving that form writes it.
func (s *Server) scoreUpload(c *Ctx) error {
	d, err := s.scoreData(c)
	if err != nil {
		return err
	}
	var read *attendance.ScoreSheet
	f := scoreFile{}
	err = s.uploaded(c, func(ctx context.Context, actor access.Actor, name string, b []byte) (err error) {
		f.Name = name
		read, err = s.attendance.ReadScores(ctx, actor, d.Course.ID, b)
		return err
	})
	if err != nil {
		return c.Invalid("attendance/scores", d, err)
	}
	f.Left, f.Blank = read.Left, read.Blank
	for _, l := range f.Left {
		key := "import.reason." + l.Reason
		if !s.Words.Has(key) {
			key = "error." + l.Reason
		}
		f.Why = append(f.Why, c.T(key))
	}
	var rows []scoreRow
	for _, r := range d.Rows {
		v, there := read.Scores[r.EnrolmentID]
		switch {
		case !there:
			continue
		case r.Tenths != nil && *r.Tenths == v:
			f.Same++
			continue
		}
		r.Was, r.Text = r.Text, writtenPoints(c.Lang, v)
		rows = append(rows, r)
	}
	d.Rows, d.File = rows, &f
	return c.Page("attendance/scores", d)
}
