package handlers

import (
	"math"
	"net/http"
	"time"

	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/models"
)

// apiMark is a person of a session's list with the mark that holds; "" is none.
type apiMark struct {
	Enrolment uint64           `json:"enrolment_id"`
	Cadre     uint64           `json:"cadre_id"`
	Name      string           `json:"name"`
	Office    string           `json:"organisation_name"`
	Mark      models.MarkValue `json:"mark"`
	Note      string           `json:"note"`
	MarkedAt  *time.Time       `json:"marked_at"`
}

type apiSheet struct {
	Session  uint64     `json:"session_id"`
	Course   uint64     `json:"course_id"`
	Day      models.Day `json:"day"`
	Now      time.Time  `json:"now"`  // the server's clock
	Open     bool       `json:"open"` // marks can be changed now
	Attended int        `json:"attended"`
	Unmarked int        `json:"unmarked"`
	Total    int        `json:"total"`
	Marks    []apiMark  `json:"marks"`
}

// apiMarks gives the list of a session with its marks.
func (s *Server) apiMarks(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	x, err := s.attendance.Sheet(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	out := apiSheet{Session: id, Course: x.Course.ID, Day: x.Session.Day, Now: x.Now, Open: x.Refusal == nil, Attended: x.Attended, Unmarked: x.Unmarked, Total: len(x.Rows),
		Marks: make([]apiMark, len(x.Rows))}
	for i, r := range x.Rows {
		out.Marks[i] = apiMark{Enrolment: r.EnrolmentID, Cadre: r.CadreID, Name: r.Name, Office: r.Office, Mark: r.Mark, Note: r.Note, MarkedAt: r.MarkedAt}
	}
	return c.OK(http.StatusOK, out)
}

// apiMarkChange is one change of a mark.
type apiMarkChange struct {
	UID       string           `json:"uid"` // a UUID of the client's own, version 7: what arrives twice counts once; "" has one made
	Enrolment uint64           `json:"enrolment_id"`
	Mark      models.MarkValue `json:"mark"` // present, late, excused, absent; "" takes it back
	Note      string           `json:"note"`
	MarkedAt  time.Time        `json:"marked_at"` // by the client's clock corrected to the server's; absent: now
	All       bool             `json:"all"`       // part of "all present": fills a blank only
}

type apiMarkBatch struct {
	Marks []apiMarkChange `json:"marks"`
}

// apiHeld is the mark that holds for a person.
type apiHeld struct {
	Enrolment uint64           `json:"enrolment_id"`
	Mark      models.MarkValue `json:"mark"`
	Note      string           `json:"note"`
}

type apiMarkResult struct {
	Stored   int       `json:"stored"`
	Repeated int       `json:"repeated"` // known already
	Now      time.Time `json:"now"`      // the server's clock
	Attended int       `json:"attended"`
	Unmarked int       `json:"unmarked"`
	Total    int       `json:"total"`
	Marks    []apiHeld `json:"marks"` // what holds now for those that were sent
}

// apiMarksSave stores changes of marks.
func (s *Server) apiMarksSave(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var in apiMarkBatch
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	marks := make([]attendance.MarkInput, len(in.Marks))
	for i, m := range in.Marks {
		marks[i] = attendance.MarkInput{UID: m.UID, EnrolmentID: m.Enrolment, Mark: m.Mark, Note: m.Note, MarkedAt: m.MarkedAt, All: m.All}
	}
	r, err := s.attendance.Save(c.Ctx(), c.Actor, id, marks)
	if err != nil {
		return err
	}
	out := apiMarkResult{Stored: r.Stored, Repeated: r.Repeated, Now: r.Now, Attended: r.Attended, Unmarked: r.Unmarked, Total: r.Total, Marks: make([]apiHeld, len(r.Marks))}
	for i, m := range r.Marks {
		out.Marks[i] = apiHeld{m.EnrolmentID, m.Mark, m.Note}
	}
	return c.OK(http.StatusOK, out)
}

// apiAttended is what one person attended of a course.
type apiAttended struct {
	Enrolment uint64             `json:"enrolment_id"`
	Cadre     uint64             `json:"cadre_id"`
	Name      string             `json:"name"`
	Office    string             `json:"organisation_name"`
	Marks     []models.MarkValue `json:"marks"` // one for each session; "" is none
	Minutes   int                `json:"minutes"`
	Percent   *float64           `json:"percent"` // one decimal, rounded down; null when the course has no minutes
	RuleMet   bool               `json:"rule_met"`
	Score     *float64           `json:"score"` // points out of ten; null: none yet
	ScoreMet  bool               `json:"score_met"`
}

type apiReport struct {
	Course      uint64        `json:"course_id"`
	RulePercent int           `json:"rule_percent"`
	Minutes     int           `json:"minutes"`
	Sessions    []uint64      `json:"session_ids"` // in the order of time, without cancelled ones
	People      []apiAttended `json:"people"`
}

// apiAttendance gives who attended what of a course.
func (s *Server) apiAttendance(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	r, err := s.attendance.Report(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	out := apiReport{Course: id, RulePercent: r.Course.RulePercent, Minutes: r.Minutes, Sessions: []uint64{}, People: make([]apiAttended, len(r.Rows))}
	for _, x := range r.Sessions {
		out.Sessions = append(out.Sessions, x.ID)
	}
	for i, x := range r.Rows {
		out.People[i] = apiAttended{Enrolment: x.EnrolmentID, Cadre: x.CadreID, Name: x.Name, Office: x.Office, Marks: x.Marks, Minutes: x.Minutes, Percent: r.Percent(x),
			RuleMet: x.RuleMet, Score: points(x.Score), ScoreMet: x.ScoreMet}
	}
	return c.OK(http.StatusOK, out)
}

// apiScore is one person's score, in points from 0 to 10 with at most one decimal; null is none.
type apiScore struct {
	Enrolment uint64   `json:"enrolment_id"`
	Score     *float64 `json:"score"`
}

type apiScoreBatch struct {
	Scores []apiScore `json:"scores"`
}

type apiScoreList struct {
	Course   uint64     `json:"course_id"`
	MinScore *float64   `json:"min_score"` // points out of ten; null: none is needed
	Scores   []apiScore `json:"scores"`
}

// apiScores gives the scores of a course.
func (s *Server) apiScores(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	x, err := s.attendance.Scores(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	out := apiScoreList{Course: id, MinScore: points(x.Course.MinScoreTenths), Scores: make([]apiScore, len(x.Rows))}
	for i, r := range x.Rows {
		out.Scores[i] = apiScore{r.EnrolmentID, points(r.Tenths)}
	}
	return c.OK(http.StatusOK, out)
}

// apiScoresSave sets scores; of several for one person the last counts.
func (s *Server) apiScoresSave(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var in apiScoreBatch
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	scores := make(map[uint64]*int, len(in.Scores))
	var wrong errs.Fields
	for _, x := range in.Scores {
		if x.Score == nil {
			scores[x.Enrolment] = nil
			continue
		}
		n := math.Round(*x.Score * 10)
		if math.Abs(*x.Score*10-n) > 1e-6 || n < 0 || n > attendance.MostTenths {
			wrong.Add(attendance.ScoreField(x.Enrolment), "score_range")
			continue
		}
		scores[x.Enrolment] = new(int(n))
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	if _, err := s.attendance.SaveScores(c.Ctx(), c.Actor, id, scores); err != nil {
		return err
	}
	return s.apiScores(c)
}
