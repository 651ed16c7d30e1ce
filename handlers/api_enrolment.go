package handlers

import (
	"net/http"
	"time"

	"taphuan/app/enrolment"
	"taphuan/app/page"
	"taphuan/models"
)

// apiEnrolment is an enrolment as the API gives it.
type apiEnrolment struct {
	ID            uint64                `json:"id"`
	CourseID      uint64                `json:"course_id"`
	Course        string                `json:"course"`
	CadreID       uint64                `json:"cadre_id"`
	Name          string                `json:"name"`
	BirthYear     int                   `json:"birth_year"` // 0 when unknown
	Title         string                `json:"title"`
	Organisation  string                `json:"organisation"` // code
	OrgName       string                `json:"organisation_name"`
	State         models.EnrolmentState `json:"state" enum:"nominated,enrolled,waiting,refused,withdrawn"`
	Source        string                `json:"source" enum:"coordinator,nomination"`
	Position      int                   `json:"position"` // on the waiting list, from 1; 0 for who does not wait
	Reason        string                `json:"reason"`   // of a refusal or withdrawal
	NominatedBy   string                `json:"nominated_by"`
	Score         *float64              `json:"score"`                                   // points out of ten; null: none
	Outcome       models.Outcome        `json:"outcome" enum:",completed,not_completed"` // empty while the course is not closed
	OutcomeReason string                `json:"outcome_reason"`
	Attended      *int                  `json:"attended_minutes"`
	Total         *int                  `json:"total_minutes"`
}

func toAPIEnrolments(rows []enrolment.Row) []apiEnrolment {
	out := make([]apiEnrolment, len(rows))
	for i, r := range rows {
		out[i] = apiEnrolment{ID: r.ID, CourseID: r.CourseID, Course: r.Course, CadreID: r.CadreID, Name: r.Name, BirthYear: r.BirthYear, Title: r.Title,
			Organisation: r.OrgCode, OrgName: r.Organisation, State: r.State, Source: r.Source, Position: r.Position, Reason: r.Reason, NominatedBy: r.NominatedBy,
			Score: points(r.ScoreTenths), Outcome: r.Outcome, OutcomeReason: r.OutcomeReason, Attended: r.Attended, Total: r.Total}
	}
	return out
}

type apiEnrolmentFilter struct {
	State        models.EnrolmentState `form:"state" binding:"omitempty,oneof=enrolled waiting nominated refused withdrawn" enum:"enrolled,waiting,nominated,refused,withdrawn"`
	Text         string                `form:"q" binding:"max=200"`
	Organisation string                `form:"org" binding:"max=40"`     // code: that organisation and all below
	After        string                `form:"after" binding:"max=2000"` // next of the page before
}

type apiEnrolments struct {
	Total      int64          `json:"total"`
	More       bool           `json:"more_than_total"` // there are more, and nobody counted them
	Next       string         `json:"next"`            // to be asked for as after; empty on the last page
	Capacity   int            `json:"capacity"`
	Enrolled   int            `json:"enrolled"` // seats taken, in the whole course
	Waiting    int            `json:"waiting"`
	Enrolments []apiEnrolment `json:"enrolments"`
}

func (s *Server) apiEnrolmentList(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var f apiEnrolmentFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	l, err := s.enrolment.List(c.Ctx(), c.Actor, id, enrolment.ListFilter{State: f.State, Text: f.Text, Organisation: f.Organisation, Ask: page.Ask{After: f.After}})
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, apiEnrolments{Total: l.Total.N, More: l.Total.More, Next: l.After, Capacity: l.Course.Capacity, Enrolled: l.Enrolled, Waiting: l.Waiting, Enrolments: toAPIEnrolments(l.Rows)})
}

type apiCadreIDs struct {
	Cadres []uint64 `json:"cadre_ids" binding:"required" required:"true"` // ids, at most 2,000
}

type apiEnrolResult struct {
	Enrolled int `json:"enrolled"` // have a seat now
	Waiting  int `json:"waiting"`  // are on the waiting list now
	Already  int `json:"already"`  // were left as they were
	Mailed   int `json:"mailed"`   // with invite: of those who got a seat, get a mail
	Paper    int `json:"paper"`    // with invite: of those who got a seat, need a printed letter
}

func toAPIEnrolResult(r enrolment.Result) apiEnrolResult {
	return apiEnrolResult{r.Enrolled, r.Waiting, r.Already, r.Mailed, r.Paper}
}

type apiEnrolInput struct {
	Cadres  []uint64 `json:"cadre_ids" binding:"required" required:"true"` // ids, at most 2,000
	Despite bool     `json:"despite_clash"`                                // enrol also who is in another course at the same time
	Invite  bool     `json:"invite"`                                       // send invitations to those who get a seat
}

func (s *Server) apiEnrol(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var in apiEnrolInput
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	how, err := s.placing(c, chosenForm{Clash: in.Despite, Invite: in.Invite})
	if err != nil {
		return err
	}
	r, err := s.enrolment.Enrol(c.Ctx(), c.Actor, id, in.Cadres, how...)
	if err != nil {
		return err
	}
	return c.OK(http.StatusCreated, toAPIEnrolResult(r))
}

type apiNominateResult struct {
	Nominated int `json:"nominated"`
	Already   int `json:"already"` // were nominated or in the course before
}

func (s *Server) apiNominate(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var in apiCadreIDs
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	r, err := s.enrolment.Nominate(c.Ctx(), c.Actor, id, in.Cadres)
	if err != nil {
		return err
	}
	return c.OK(http.StatusCreated, apiNominateResult{r.Changed, r.Already})
}

type apiCandidateFilter struct {
	Text         string           `form:"q" binding:"max=200"`
	Organisation string           `form:"org" binding:"max=40"`   // code: that organisation and all below
	Group        string           `form:"group" binding:"max=40"` // code, or "course": any of the groups at which the course is aimed
	Lacking      bool             `form:"lacking"`                // only who lacks a component that the course brings; people on leave are apart
	Component    models.Component `form:"component" binding:"max=40"`
	Page         int              `form:"page" binding:"min=0,max=1000000"`
}

type apiCandidate struct {
	CadreID      uint64                `json:"cadre_id"`
	Name         string                `json:"name"`
	BirthYear    int                   `json:"birth_year"` // 0 when unknown
	Title        string                `json:"title"`
	Organisation string                `json:"organisation"` // code
	OrgName      string                `json:"organisation_name"`
	Groups       []string              `json:"groups"`
	Lacks        []models.Component    `json:"lacks"` // of what the course brings
	Leave        models.LeaveKind      `json:"leave"` // empty when not away
	Was          models.EnrolmentState `json:"was"`   // refused or withdrawn from this course before
}

type apiCandidates struct {
	Day        models.Day     `json:"day"` // whose roster it is
	Total      int            `json:"total"`
	Page       int            `json:"page"`
	Free       int            `json:"free"` // seats
	Candidates []apiCandidate `json:"candidates"`
	OnLeave    []apiCandidate `json:"on_leave"` // found but away, at most one page
}

func toAPICandidates(rows []enrolment.Candidate) []apiCandidate {
	out := make([]apiCandidate, len(rows))
	for i, r := range rows {
		out[i] = apiCandidate{CadreID: r.CadreID, Name: r.Name, BirthYear: r.BirthYear, Title: r.Title, Organisation: r.OrgCode, OrgName: r.Organisation,
			Groups: append([]string{}, r.Groups...), Lacks: append([]models.Component{}, r.Lacks...), Leave: r.Leave, Was: r.Was}
	}
	return out
}

func (s *Server) apiCandidates(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var f apiCandidateFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	l, err := s.enrolment.Candidates(c.Ctx(), c.Actor, id, enrolment.Filter{Text: f.Text, Organisation: f.Organisation, Group: f.Group, Lacking: f.Lacking, Component: f.Component, Page: f.Page})
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, apiCandidates{Day: l.Day, Total: l.Total, Page: l.Page, Free: l.Free(), Candidates: toAPICandidates(l.Rows), OnLeave: toAPICandidates(l.OnLeave)})
}

type apiNominationFilter struct {
	State models.EnrolmentState `form:"state" binding:"omitempty,oneof=enrolled waiting nominated refused withdrawn" enum:"enrolled,waiting,nominated,refused,withdrawn"` // heads only
	Text  string                `form:"q" binding:"max=200"`
	After string                `form:"after" binding:"max=2000"` // next of the page before
}

type apiNominations struct {
	Total       int64          `json:"total"`
	More        bool           `json:"more_than_total"` // there are more, and nobody counted them
	Next        string         `json:"next"`            // to be asked for as after; empty on the last page
	Nominations []apiEnrolment `json:"nominations"`
}

func (s *Server) apiNominationList(c *Ctx) error { return s.apiNominations(c, 0) }

func (s *Server) apiCourseNominations(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	// A course out of scope is not found, rather than without nominations.
	if err := s.enrolment.Seen(c.Ctx(), c.Actor, id); err != nil {
		return err
	}
	return s.apiNominations(c, id)
}

func (s *Server) apiNominations(c *Ctx, courseID uint64) error {
	var f apiNominationFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	l, err := s.enrolment.Nominations(c.Ctx(), c.Actor, enrolment.NominationFilter{CourseID: courseID, State: f.State, Text: f.Text, Ask: page.Ask{After: f.After}})
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, apiNominations{Total: l.Total.N, More: l.Total.More, Next: l.After, Nominations: toAPIEnrolments(l.Rows)})
}

type apiApproval struct {
	Despite bool `json:"despite_clash"` // approve also who is in another course at the same time
}

func (s *Server) apiApprove(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var in apiApproval
	if c.Request.ContentLength != 0 { // nothing to say is no body
		if err := c.BindJSON(&in); err != nil {
			return err
		}
	}
	how, err := s.placing(c, chosenForm{Clash: in.Despite})
	if err != nil {
		return err
	}
	r, err := s.enrolment.Approve(c.Ctx(), c.Actor, []uint64{id}, how...)
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, toAPIEnrolResult(r))
}

type apiEndReason struct {
	Reason string `json:"reason" required:"true"` // at most 500 characters
}

type apiEndResult struct {
	Changed bool `json:"changed"`  // false: somebody had decided before
	MovedUp int  `json:"moved_up"` // how many moved up from the waiting list
}

func (s *Server) apiRefuse(c *Ctx) error {
	return s.apiEnd(c, func(id uint64, reason string) (enrolment.Result, error) {
		return s.enrolment.Refuse(c.Ctx(), c.Actor, []uint64{id}, reason)
	})
}

func (s *Server) apiWithdraw(c *Ctx) error {
	return s.apiEnd(c, func(id uint64, reason string) (enrolment.Result, error) {
		return s.enrolment.Withdraw(c.Ctx(), c.Actor, id, reason)
	})
}

func (s *Server) apiEnd(c *Ctx, do func(id uint64, reason string) (enrolment.Result, error)) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var in apiEndReason
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	r, err := do(id, in.Reason)
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, apiEndResult{r.Changed > 0, r.Enrolled})
}

type apiOwnCourse struct {
	CourseID      uint64                `json:"course_id"`
	Code          string                `json:"code"`
	Title         string                `json:"title"`
	CourseState   models.CourseState    `json:"course_state"`
	State         models.EnrolmentState `json:"state" enum:"nominated,enrolled,waiting,refused,withdrawn"`
	Position      int                   `json:"position"` // on the waiting list, from 1
	Venue         string                `json:"venue"`
	Link          string                `json:"link"`
	FirstDay      models.Day            `json:"first_day"`
	LastDay       models.Day            `json:"last_day"`
	NextStarts    *time.Time            `json:"next_starts"` // null when no session is to come
	NextEnds      *time.Time            `json:"next_ends"`
	NextRoom      string                `json:"next_room"`
	Reason        string                `json:"reason"`
	Outcome       models.Outcome        `json:"outcome" enum:",completed,not_completed"`
	OutcomeReason string                `json:"outcome_reason"`
}

type apiOwnCourses struct {
	Coming []apiOwnCourse `json:"coming"`
	Past   []apiOwnCourse `json:"past"`
}

func toAPIOwnCourses(rows []enrolment.OwnCourse) []apiOwnCourse {
	out := make([]apiOwnCourse, len(rows))
	for i, r := range rows {
		out[i] = apiOwnCourse{CourseID: r.CourseID, Code: r.Code, Title: r.Title, CourseState: r.CourseState, State: r.State, Position: r.Position, Venue: r.Venue, Link: r.Link,
			FirstDay: r.FirstDay, LastDay: r.LastDay, Reason: r.Reason, Outcome: r.Outcome, OutcomeReason: r.OutcomeReason}
		if r.Next != nil {
			starts, ends := r.Next.Starts(), r.Next.Ends()
			out[i].NextStarts, out[i].NextEnds, out[i].NextRoom = &starts, &ends, r.Next.Room
		}
	}
	return out
}

func (s *Server) apiOwnCourses(c *Ctx) error {
	own, err := s.enrolment.OwnCourses(c.Ctx(), c.Actor)
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, apiOwnCourses{toAPIOwnCourses(own.Coming), toAPIOwnCourses(own.Past)})
}
