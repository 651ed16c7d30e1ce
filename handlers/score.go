package handlers

import (
	"strconv"
	"strings"

	"taphuan/app/attendance"
	"taphuan/app/errs"
)

type scoreRow struct {
	attendance.ScoreRow
	Field string
	Text  string // as shown or as typed
	Sub   string
}

type scoreData struct {
	*attendance.Scores
	Rows  []scoreRow
	Given int // how many have a score
	Why   string
	Least string
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
		x := scoreRow{ScoreRow: r, Field: attendance.ScoreField(r.EnrolmentID), Sub: c.personSub(r.Row)}
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
		v, ok := readTenths(r.Text)
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

// readTenths reads points from 0 to 10 with at most one decimal; "" is none.
func readTenths(s string) (*int, bool) {
	if s == "" {
		return nil, true
	}
	whole, part, _ := strings.Cut(strings.ReplaceAll(s, ",", "."), ".")
	if len(whole) == 0 || len(whole) > 2 || len(part) > 1 || strings.Trim(whole+part, "0123456789") != "" {
		return nil, false
	}
	if part == "" {
		part = "0"
	}
	v, err := strconv.Atoi(whole + part)
	if err != nil || v > attendance.MostTenths {
		return nil, false
	}
	return &v, true
}
