package handlers

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

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
	MarkedAt  *time.Time       `json:"marked_at"` // or taken back; null: never
	Disputed  bool             `json:"disputed"`  // two sources disagree
}

// apiWalkIn is somebody present who was not enrolled.
type apiWalkIn struct {
	UID       string           `json:"uid"`
	Name      string           `json:"name"`
	Office    string           `json:"office"`
	BirthYear int              `json:"birth_year"` // 0: not known
	Replaces  string           `json:"replaces"`   // name of the person in whose place they came; "" nobody's
	Mark      models.MarkValue `json:"mark"`
	Note      string           `json:"note"`
	MarkedAt  *time.Time       `json:"marked_at"` // or taken back; null: never
}

type apiSheet struct {
	Session  uint64      `json:"session_id"`
	Course   uint64      `json:"course_id"`
	Day      models.Day  `json:"day"`
	Now      time.Time   `json:"now"`  // the server's clock
	Open     bool        `json:"open"` // marks can be changed now
	Attended int         `json:"attended"`
	Unmarked int         `json:"unmarked"`
	Total    int         `json:"total"`
	Marks    []apiMark   `json:"marks"`
	WalkIns  []apiWalkIn `json:"walk_ins"`
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
		Marks: make([]apiMark, len(x.Rows)), WalkIns: make([]apiWalkIn, len(x.WalkIns))}
	for i, r := range x.Rows {
		out.Marks[i] = apiMark{Enrolment: r.EnrolmentID, Cadre: r.CadreID, Name: r.Name, Office: r.Office, Mark: r.Mark, Note: r.Note, MarkedAt: r.MarkedAt, Disputed: r.Disputed}
	}
	for i, w := range x.WalkIns {
		out.WalkIns[i] = apiWalkIn{UID: w.UID, Name: w.Name, Office: w.Office, BirthYear: w.BirthYear, Replaces: w.Replaces, Mark: w.Mark, Note: w.Note, MarkedAt: w.MarkedAt}
	}
	return c.OK(http.StatusOK, out)
}

// apiMarkChange is one change of a mark.
type apiMarkChange struct {
	UID       string           `json:"uid"` // a UUID of the client's own, version 7: what arrives twice counts once; "" has one made
	Session   uint64           `json:"session_id"`
	Enrolment uint64           `json:"enrolment_id"` // who it is about, or
	WalkIn    string           `json:"walk_in_uid"`  // the walk-in with this id, sent before or in the same batch
	Mark      models.MarkValue `json:"mark"`         // present, late, excused, absent; "" takes it back
	Note      string           `json:"note"`
	MarkedAt  time.Time        `json:"marked_at"` // by the client's clock; absent: now
	OffsetMS  *int64           `json:"offset_ms"` // the server's clock minus the client's, in milliseconds; null: marked_at stands as it is
	SeenAt    time.Time        `json:"seen_at"`   // marked_at of what the client showed when it marked; absent: none
	Source    string           `json:"source"`    // list, grid, badge or sheet; absent: list
	All       bool             `json:"all"`       // part of "all present": fills a blank only
}

// apiWalkInNew enters somebody present who is not on the list.
type apiWalkInNew struct {
	UID       string `json:"uid"` // a UUID of the client's own
	Session   uint64 `json:"session_id"`
	Name      string `json:"name"`
	Office    string `json:"office"`
	BirthYear int    `json:"birth_year"`            // 0: not known
	Replaces  uint64 `json:"replaces_enrolment_id"` // in whose place they came; 0: nobody's
}

type apiMarkBatch struct {
	DeviceID string          `json:"device_id"` // a UUID that the client keeps; absent: unknown
	WalkIns  []apiWalkInNew  `json:"walk_ins"`
	Marks    []apiMarkChange `json:"marks"`
}

// apiHeld is the mark that holds for a person.
type apiHeld struct {
	Enrolment uint64           `json:"enrolment_id"`
	Mark      models.MarkValue `json:"mark"`
	Note      string           `json:"note"`
	MarkedAt  *time.Time       `json:"marked_at"` // or taken back; null: never
	Disputed  bool             `json:"disputed"`
}

// apiFate is what became of one thing that was sent.
type apiFate struct {
	UID     string            `json:"uid"`
	Status  attendance.Status `json:"status"`  // stored, repeated (known already), held (came after closing: kept, not applied), refused
	Code    string            `json:"code"`    // why it was refused; else ""
	Message string            `json:"message"` // the same in the reader's language
}

type apiSessionState struct {
	Session  uint64    `json:"session_id"`
	Attended int       `json:"attended"`
	Unmarked int       `json:"unmarked"`
	Total    int       `json:"total"`
	Marks    []apiHeld `json:"marks"` // what holds now for those that were sent
}

type apiMarkResult struct {
	Now      time.Time         `json:"now"` // the server's clock
	WalkIns  []apiFate         `json:"walk_ins"`
	Marks    []apiFate         `json:"marks"` // in the order in which they were sent
	Sessions []apiSessionState `json:"sessions"`
}

// marksBody bounds what a batch may weigh, in bytes: a queue that has grown for days, and some more.
const marksBody = 8 << 20

// sentBatch is a batch as it comes, its parts unread.
type sentBatch struct {
	DeviceID string            `json:"device_id"`
	WalkIns  []json.RawMessage `json:"walk_ins"`
	Marks    []json.RawMessage `json:"marks"`
}

// readBatch takes a batch apart so that what is wrong in one mark is that mark's own refusal.
func (c *Ctx) readBatch() (b attendance.Batch, err error) {
	var in sentBatch
	if err := c.BindJSON(&in); err != nil {
		return b, err
	}
	return toBatch(in), nil
}

// toBatch reads the parts of a batch; what cannot be read is refused by itself.
func toBatch(in sentBatch) attendance.Batch {
	b := attendance.Batch{DeviceID: in.DeviceID, WalkIns: make([]attendance.WalkInInput, len(in.WalkIns)), Marks: make([]attendance.MarkInput, len(in.Marks))}
	for i, raw := range in.WalkIns {
		var w apiWalkInNew
		why := readPart(raw, &w)
		b.WalkIns[i] = attendance.WalkInInput{UID: w.UID, SessionID: w.Session, Name: w.Name, Office: w.Office, BirthYear: w.BirthYear, ReplacesID: w.Replaces, Refusal: why}
	}
	for i, raw := range in.Marks {
		var m apiMarkChange
		why := readPart(raw, &m)
		x := attendance.MarkInput{UID: m.UID, SessionID: m.Session, EnrolmentID: m.Enrolment, WalkInUID: m.WalkIn, Mark: m.Mark, Note: m.Note, MarkedAt: m.MarkedAt,
			SeenAt: m.SeenAt, Source: m.Source, All: m.All, Refusal: why}
		switch {
		case m.OffsetMS == nil:
		case *m.OffsetMS > mostOffset.Milliseconds() || *m.OffsetMS < -mostOffset.Milliseconds():
			x.Refusal = errs.Invalid("mark_time")
		default:
			x.Offset = new(time.Duration(*m.OffsetMS) * time.Millisecond)
		}
		if m.Source != "" && !slices.Contains(sentSources, m.Source) {
			x.Refusal = errs.Invalid("mark_source")
		}
		b.Marks[i] = x
	}
	return b
}

// mostOffset is by how much a phone's clock may be off: one that forgot the time says 1970.
const mostOffset = 100 * 365 * 24 * time.Hour

// sentSources are what a client may say of where a mark comes from; the others are known by how they come.
var sentSources = []string{attendance.SourceList, attendance.SourceGrid, attendance.SourceBadge, attendance.SourceSheet}

// readPart reads one mark or walk-in; its id is read as far as it can be, since the client knows it by that.
func readPart(raw json.RawMessage, into any) *errs.Error {
	if !utf8.Valid(raw) {
		if err := json.Unmarshal(raw, into); err != nil {
			return errs.Invalid("mark_unreadable")
		}
		return errs.Invalid("mark_utf8")
	}
	if err := decodeJSON(bytes.NewReader(raw), into); err != nil {
		return errs.Invalid("mark_unreadable")
	}
	if err := idsFit(into); err != nil {
		return errs.Invalid("mark_unreadable")
	}
	return nil
}

// apiMarksSave stores a batch of marks and walk-ins of any sessions.
func (s *Server) apiMarksSave(c *Ctx) error {
	// A page that was opened by one account may send when another has signed in on the same phone.
	if whose := c.GetHeader("Taphuan-Account"); whose != "" && whose != strconv.FormatUint(c.Actor.AccountID, 10) {
		return errs.Unauthenticated("other_account")
	}
	b, err := c.readBatch()
	if err != nil {
		return err
	}
	r, err := s.attendance.Record(c.Ctx(), c.Actor, b)
	if err != nil {
		return err
	}
	out := apiMarkResult{Now: r.Now, WalkIns: c.fates(r.WalkIns), Marks: c.fates(r.Marks), Sessions: make([]apiSessionState, len(r.Sessions))}
	for i, x := range r.Sessions {
		state := apiSessionState{Session: x.SessionID, Attended: x.Attended, Unmarked: x.Unmarked, Total: x.Total, Marks: make([]apiHeld, len(x.Marks))}
		for k, m := range x.Marks {
			state.Marks[k] = apiHeld{m.EnrolmentID, m.Mark, m.Note, m.MarkedAt, m.Disputed}
		}
		out.Sessions[i] = state
	}
	return c.OK(http.StatusOK, out)
}

func (c *Ctx) fates(list []attendance.Fate) []apiFate {
	out := make([]apiFate, len(list))
	for i, f := range list {
		out[i] = apiFate{UID: f.UID, Status: f.Status}
		if code, params := f.Why(); code != "" {
			out[i].Code, out[i].Message = code, c.message(code, params)
		}
	}
	return out
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
