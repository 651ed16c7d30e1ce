package handlers

import (
	"context"
	"math"
	"net/http"
	"strconv"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/page"
	"taphuan/app/plan"
	"taphuan/models"
)

// apiCourse is a course as the API gives it; lists leave out what only one course's answer holds.
type apiCourse struct {
	ID           uint64             `json:"id"`
	Code         string             `json:"code"`
	Title        string             `json:"title"`
	Type         string             `json:"course_type,omitempty"` // code
	TypeName     string             `json:"course_type_name"`
	State        models.CourseState `json:"state"`
	Host         string             `json:"host,omitempty"` // code of the organisation
	HostName     string             `json:"host_name"`
	Venue        string             `json:"venue"`
	VenueID      *uint64            `json:"venue_id"` // null: in words only, or nowhere
	Link         string             `json:"link"`
	Capacity     int                `json:"capacity"`
	RulePercent  int                `json:"rule_percent"`
	MinScore     *float64           `json:"min_score"` // points out of ten; null: none is needed
	FirstDay     models.Day         `json:"first_day"`
	LastDay      models.Day         `json:"last_day"`
	Note         string             `json:"note"`
	CancelReason string             `json:"cancel_reason"`
	Enrolled     int                `json:"enrolled"`
	Waiting      int                `json:"waiting"`
	Nominated    int                `json:"nominated"`
	Completed    int                `json:"completed"`
	Version      int                `json:"version"`

	Topics     []string           `json:"topics,omitempty"`     // codes
	Groups     []string           `json:"groups,omitempty"`     // codes
	Components []models.Component `json:"components,omitempty"` // that completions bring
	Steps      []course.Step      `json:"steps,omitempty"`      // that make sense now
	Sessions   []apiSession       `json:"sessions,omitempty"`
	Staff      []apiStaff         `json:"staff,omitempty"`
}

type apiStaff struct {
	AccountID uint64           `json:"account_id"`
	Name      string           `json:"name"`
	Role      models.StaffRole `json:"role"`
}

type apiSession struct {
	ID        uint64     `json:"id"`
	CourseID  uint64     `json:"course_id"`
	Day       models.Day `json:"day"`
	Start     string     `json:"start"` // 07:30, local
	End       string     `json:"end"`
	Minutes   int        `json:"minutes"`
	Room      string     `json:"room"`
	RoomID    *uint64    `json:"room_id"` // of the course's venue; null: in words only, or nowhere
	Title     string     `json:"title"`
	Cancelled bool       `json:"cancelled"`
	Version   int64      `json:"version"`
	Clashes   []apiClash `json:"clashes"`
}

// apiClash is another course's session that wants the same room or trainer; course and course_id are left out where it is out of scope.
type apiClash struct {
	Kind     course.ClashKind `json:"kind"`
	What     string           `json:"what"` // the room or the trainer
	CourseID uint64           `json:"course_id,omitempty"`
	Course   string           `json:"course,omitempty"`
	Start    string           `json:"start"`
	End      string           `json:"end"`
}

func points(tenths *int) *float64 {
	if tenths == nil {
		return nil
	}
	x := float64(*tenths) / 10
	return &x
}

func toAPICourse(c models.Course, typeName, host string, n course.Counts) apiCourse {
	return apiCourse{ID: c.ID, Code: c.Code, Title: c.Title, TypeName: typeName, State: c.State, HostName: host, Venue: c.Venue, VenueID: c.VenueID, Link: c.Link, Capacity: c.Capacity,
		RulePercent: c.RulePercent, MinScore: points(c.MinScoreTenths), FirstDay: c.FirstDay, LastDay: c.LastDay, Note: c.Note, CancelReason: c.CancelReason,
		Enrolled: n.Enrolled, Waiting: n.Waiting, Nominated: n.Nominated, Completed: n.Completed, Version: c.Version}
}

func (c *Ctx) toAPIDetail(d *course.Detail) apiCourse {
	out := toAPICourse(d.Course, d.Type.Name(c.Lang), d.Host.Name, d.Counts)
	out.Type, out.Host, out.Components = d.Type.Code, d.Host.Code, d.Components
	if c.Actor.May(access.CourseWrite) {
		out.Steps = d.Steps
	}
	f := formOf(d)
	out.Topics, out.Groups = f.Topics, f.Groups
	for _, x := range d.Sessions {
		out.Sessions = append(out.Sessions, toAPISession(x))
	}
	for _, x := range d.Staff {
		out.Staff = append(out.Staff, apiStaff{x.AccountID, x.Name, x.Role})
	}
	return out
}

func toAPISession(x course.SessionRow) apiSession {
	out := apiSession{ID: x.ID, CourseID: x.CourseID, Day: x.Day, Start: i18n.Clock(x.StartMinute), End: i18n.Clock(x.EndMinute), Minutes: x.Minutes(), Room: x.Room, RoomID: x.RoomID,
		Title: x.Title, Cancelled: x.Cancelled, Version: course.SessionVersion(x.Session), Clashes: []apiClash{}}
	for _, k := range x.Clashes {
		out.Clashes = append(out.Clashes, apiClash{k.Kind, k.What, k.CourseID, k.Course, i18n.Clock(k.Start), i18n.Clock(k.End)})
	}
	return out
}

type apiCourses struct {
	Total   int64       `json:"total"`
	More    bool        `json:"more"` // there are more than total, and nobody counted on
	Next    string      `json:"next"` // after of the next page
	Courses []apiCourse `json:"courses"`
}

func (s *Server) apiCourseList(c *Ctx) error {
	var f courseFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	p, err := s.coursePlan(c, f)
	if err != nil {
		return err
	}
	l, err := s.course.List(c.Ctx(), c.Actor, f.filter(p), page.Ask{Sort: f.Sort, After: f.After})
	if err != nil {
		return err
	}
	out := apiCourses{Total: l.Total.N, More: l.Total.More, Next: l.After, Courses: []apiCourse{}}
	for _, r := range l.Rows {
		out.Courses = append(out.Courses, toAPICourse(r.Course, r.TypeName(c.Lang), r.Host, r.Counts))
	}
	return c.OK(http.StatusOK, out)
}

// apiCourseInput is a new course or a change of one: what is left out keeps its value (of a new course: 80 percent, no score).
// min_score 0 takes the score away. version is needed for a change.
type apiCourseInput struct {
	Title       *string   `json:"title"`
	Type        *string   `json:"course_type"` // code: conference, seminar, talk, briefing, skills
	Host        *string   `json:"host"`        // code of an organisation
	Venue       *string   `json:"venue"`       // takes the course out of a venue that was chosen
	VenueID     *uint64   `json:"venue_id"`    // 0: in words only
	Link        *string   `json:"link"`
	Capacity    *int      `json:"capacity"`
	RulePercent *int      `json:"rule_percent"`
	MinScore    *float64  `json:"min_score"` // points out of ten
	Topics      *[]string `json:"topics" binding:"omitempty,max=100"`
	Groups      *[]string `json:"groups" binding:"omitempty,max=100"`
	Note        *string   `json:"note"`
	Version     int       `json:"version"`
}

// onto changes a form as pages send it, so that both are read in one way.
func (in apiCourseInput) onto(f *courseForm) {
	set := func(into *string, from *string) {
		if from != nil {
			*into = *from
		}
	}
	set(&f.Title, in.Title)
	set(&f.Type, in.Type)
	set(&f.Host, in.Host)
	set(&f.Venue, in.Venue)
	if in.Venue != nil || in.VenueID != nil {
		f.VenueID = ""
	}
	if in.VenueID != nil && *in.VenueID != 0 {
		f.VenueID = strconv.FormatUint(*in.VenueID, 10)
	}
	set(&f.Link, in.Link)
	set(&f.Note, in.Note)
	if in.Capacity != nil {
		f.Capacity = strconv.Itoa(*in.Capacity)
	}
	if in.RulePercent != nil {
		f.Rule = strconv.Itoa(*in.RulePercent)
	}
	if in.MinScore != nil {
		if f.MinScore = strconv.FormatFloat(*in.MinScore, 'f', -1, 64); math.Abs(*in.MinScore) == 0 {
			f.MinScore = ""
		}
	}
	if in.Topics != nil {
		f.Topics = *in.Topics
	}
	if in.Groups != nil {
		f.Groups = *in.Groups
	}
	f.Version = in.Version
}

func (s *Server) apiCourseCreate(c *Ctx) error {
	var in apiCourseInput
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return err
	}
	f := courseForm{Capacity: "0", Rule: "80"}
	in.onto(&f)
	x, err := s.courseInput(c, p, f)
	if err != nil {
		return err
	}
	id, err := s.course.Create(c.Ctx(), c.Actor, x)
	if err != nil {
		return err
	}
	return s.apiCourseAnswer(c, http.StatusCreated, access.CourseWrite, id)
}

func (s *Server) apiCourseAnswer(c *Ctx, status int, p access.Permission, id uint64) error {
	d, err := s.course.Get(c.Ctx(), c.Actor, p, id)
	if err != nil {
		return err
	}
	return c.OK(status, c.toAPIDetail(d))
}

func (s *Server) apiCourseShow(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	return s.apiCourseAnswer(c, http.StatusOK, access.CourseRead, id)
}

func (s *Server) apiCourseUpdate(c *Ctx) error {
	d, p, err := s.courseAndPlan(c)
	if err != nil {
		return err
	}
	var in apiCourseInput
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	f := formOf(d)
	in.onto(&f)
	x, err := s.courseInput(c, p, f)
	if err != nil {
		return err
	}
	if err := s.course.Update(c.Ctx(), c.Actor, d.ID, x); err != nil {
		return err
	}
	return s.apiCourseAnswer(c, http.StatusOK, access.CourseWrite, d.ID)
}

func (s *Server) apiCourseAct(c *Ctx, do func(context.Context, access.Actor, uint64) error) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := do(c.Ctx(), c.Actor, id); err != nil {
		return err
	}
	return s.apiCourseAnswer(c, http.StatusOK, access.CourseWrite, id)
}

func (s *Server) apiCourseOpen(c *Ctx) error  { return s.apiCourseAct(c, s.course.Open) }
func (s *Server) apiCourseStart(c *Ctx) error { return s.apiCourseAct(c, s.course.Start) }
func (s *Server) apiCourseClose(c *Ctx) error { return s.apiCourseAct(c, s.course.Close) }

type apiReason struct {
	Reason string `json:"reason"`
}

func (s *Server) apiCourseCancel(c *Ctx) error {
	var in apiReason
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	return s.apiCourseAct(c, func(ctx context.Context, a access.Actor, id uint64) error {
		return s.course.Cancel(ctx, a, id, in.Reason)
	})
}

// apiClosing is what closing would decide now.
type apiClosing struct {
	Blocked      string        `json:"blocked"` // code of why the course cannot be closed yet; "" when it can
	TotalMinutes int           `json:"total_minutes"`
	Completed    int           `json:"completed"`
	Decisions    []apiDecision `json:"decisions"` // in the order of names
}

type apiDecision struct {
	EnrolmentID     uint64                `json:"enrolment_id"`
	CadreID         uint64                `json:"cadre_id"`
	Name            string                `json:"name"`
	State           models.EnrolmentState `json:"state"`
	AttendedMinutes int                   `json:"attended_minutes"`
	Score           *float64              `json:"score"`
	Outcome         models.Outcome        `json:"outcome"`
	Reason          string                `json:"reason"`
}

func (s *Server) apiClosing(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	p, err := s.course.Preview(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	out := apiClosing{TotalMinutes: p.Rule.TotalMinutes, Completed: p.Completed(), Decisions: []apiDecision{}}
	if p.Blocked != nil {
		out.Blocked = p.Blocked.Code
	}
	for _, d := range p.Decisions {
		out.Decisions = append(out.Decisions, apiDecision{d.EnrolmentID, d.CadreID, d.Name, d.State, d.Attended, d.Score(), d.Outcome, d.Reason})
	}
	return c.OK(http.StatusOK, out)
}

type apiSessions struct {
	Sessions []apiSession `json:"sessions"`
}

func (s *Server) apiSessionList(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	d, err := s.course.Get(c.Ctx(), c.Actor, access.CourseRead, id)
	if err != nil {
		return err
	}
	out := apiSessions{Sessions: []apiSession{}}
	for _, x := range d.Sessions {
		out.Sessions = append(out.Sessions, toAPISession(x))
	}
	return c.OK(http.StatusOK, out)
}

// apiSessionAnswer answers with one session as its course's page shows it.
func (s *Server) apiSessionAnswer(c *Ctx, status int, courseID, id uint64) error {
	d, err := s.course.Get(c.Ctx(), c.Actor, access.CourseWrite, courseID)
	if err != nil {
		return err
	}
	for _, x := range d.Sessions {
		if x.ID == id {
			return c.OK(status, toAPISession(x))
		}
	}
	return errs.NotFound("session")
}

func (s *Server) apiSessionCreate(c *Ctx) error {
	courseID, err := c.ID("id")
	if err != nil {
		return err
	}
	var f sessionForm
	if err := c.BindJSON(&f); err != nil {
		return err
	}
	in, err := f.input()
	if err != nil {
		return err
	}
	id, err := s.course.AddSession(c.Ctx(), c.Actor, courseID, in)
	if err != nil {
		return err
	}
	return s.apiSessionAnswer(c, http.StatusCreated, courseID, id)
}

// apiSessionPatch is a change of a session; what is left out stays.
type apiSessionPatch struct {
	Day     *string `json:"day"`
	Start   *string `json:"start"`
	End     *string `json:"end"`
	Room    *string `json:"room"`    // takes the session out of a room that was chosen
	RoomID  *uint64 `json:"room_id"` // 0: in words only
	Title   *string `json:"title"`
	Version int64   `json:"version"` // of the session that was read; 0: not looked at
}

func (s *Server) apiSessionUpdate(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	k, x, err := s.course.Session(c.Ctx(), c.Actor, access.CourseWrite, id)
	if err != nil {
		return err
	}
	var p apiSessionPatch
	if err := c.BindJSON(&p); err != nil {
		return err
	}
	f := sessionFormOf(x)
	for into, from := range map[*string]*string{&f.Day: p.Day, &f.Start: p.Start, &f.End: p.End, &f.Room: p.Room, &f.Title: p.Title} {
		if from != nil {
			*into = *from
		}
	}
	if p.Room != nil {
		f.RoomID = 0
	}
	if p.RoomID != nil {
		f.RoomID = *p.RoomID
	}
	if p.Version != 0 {
		f.Version = p.Version
	}
	in, err := f.input()
	if err != nil {
		return err
	}
	if err := s.course.UpdateSession(c.Ctx(), c.Actor, id, in); err != nil {
		return err
	}
	return s.apiSessionAnswer(c, http.StatusOK, k.ID, id)
}

func (s *Server) apiSessionCancel(c *Ctx) error { return s.apiSessionAct(c, s.course.CancelSession) }

func (s *Server) apiSessionRestore(c *Ctx) error { return s.apiSessionAct(c, s.course.RestoreSession) }

func (s *Server) apiSessionAct(c *Ctx, do func(context.Context, access.Actor, uint64) error) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	k, _, err := s.course.Session(c.Ctx(), c.Actor, access.CourseWrite, id)
	if err != nil {
		return err
	}
	if err := do(c.Ctx(), c.Actor, id); err != nil {
		return err
	}
	return s.apiSessionAnswer(c, http.StatusOK, k.ID, id)
}
