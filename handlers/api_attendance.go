package handlers

import (
	"net/http"
	"time"

	"taphuan/app/attendance"
	"taphuan/models"
)

// apiMark is a person of a session's list with the mark that holds; "" is none.
type apiMark struct {
	Enrolment uint64           `json:"enrolment"`
	Cadre     uint64           `json:"cadre"`
	Name      string           `json:"name"`
	Office    string           `json:"office"`
	Mark      models.MarkValue `json:"mark"`
	Note      string           `json:"note"`
	MarkedAt  *time.Time       `json:"marked_at"`
}

type apiSheet struct {
	Session  uint64     `json:"session"`
	Course   uint64     `json:"course"`
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
	Enrolment uint64           `json:"enrolment"`
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
	Enrolment uint64           `json:"enrolment"`
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
	Enrolment uint64             `json:"enrolment"`
	Cadre     uint64             `json:"cadre"`
	Name      string             `json:"name"`
	Office    string             `json:"office"`
	Marks     []models.MarkValue `json:"marks"` // one for each session; "" is none
	Minutes   int                `json:"minutes"`
	Percent   *float64           `json:"percent"` // one decimal, rounded down; null when the course has no minutes
	RuleMet   bool               `json:"rule_met"`
	Score     *int               `json:"score_tenths"`
	ScoreMet  bool               `json:"score_met"`
}

type apiReport struct {
	Course      uint64        `json:"course"`
	RulePercent int           `json:"rule_percent"`
	Minutes     int           `json:"minutes"`
	Sessions    []uint64      `json:"sessions"` // in the order of time, without cancelled ones
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
			RuleMet: x.RuleMet, Score: x.Score, ScoreMet: x.ScoreMet}
	}
	return c.OK(http.StatusOK, out)
}

// apiScore is one person's score, in tenths of a point from 0 to 100; null is none.
type apiScore struct {
	Enrolment uint64 `json:"enrolment"`
	Tenths    *int   `json:"tenths"`
}

type apiScoreBatch struct {
	Scores []apiScore `json:"scores"`
}

type apiScoreList struct {
	Course      uint64     `json:"course"`
	LeastTenths *int       `json:"least_tenths"` // null: the course has no score
	Scores      []apiScore `json:"scores"`
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
	out := apiScoreList{Course: id, LeastTenths: x.Course.MinScoreTenths, Scores: make([]apiScore, len(x.Rows))}
	for i, r := range x.Rows {
		out.Scores[i] = apiScore{r.EnrolmentID, r.Tenths}
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
	for _, x := range in.Scores {
		scores[x.Enrolment] = x.Tenths
	}
	if _, err := s.attendance.SaveScores(c.Ctx(), c.Actor, id, scores); err != nil {
		return err
	}
	return s.apiScores(c)
}
