package handlers

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/history"
	"taphuan/app/page"
	"taphuan/models"
	"taphuan/views"
)

type enrolmentFilter struct {
	State        models.EnrolmentState `form:"state" binding:"omitempty,oneof=enrolled waiting nominated refused withdrawn"`
	Text         string                `form:"q" binding:"max=200"`
	Organisation string                `form:"org" binding:"max=40"`
	page.Ask
}

func (f enrolmentFilter) filter() enrolment.ListFilter {
	return enrolment.ListFilter{State: cmp.Or(f.State, models.EnrolmentEnrolled), Text: f.Text, Organisation: f.Organisation, Ask: f.Ask}
}

// chosenForm is what a list with boxes sends.
type chosenForm struct {
	IDs    []uint64 `form:"id"`
	Reason string   `form:"reason"`
	All    bool     `form:"all"`                               // everybody found, whatever is ticked
	First  int      `form:"first" binding:"min=0,max=1000000"` // so many of those found, from the top
	Clash  bool     `form:"despite_clash"`                     // yes to people who are in another course at the same time
	Invite bool     `form:"invite"`                            // invitations go out to those who get a seat
}

// found says whether the form asks for those found rather than for those ticked.
func (f chosenForm) found() bool { return f.All || f.First > 0 }

// placing is how people are to be given places, as the form says.
func (s *Server) placing(c *Ctx, f chosenForm) (how []enrolment.Option, err error) {
	if f.Clash {
		how = append(how, enrolment.DespiteClash)
	}
	if f.Invite {
		var invited enrolment.Option
		invited, err = s.invitation.Seats(c.Ctx())
		how = append(how, invited)
	}
	return how, err
}

type enrolmentListData struct {
	*enrolment.List
	ticked
	Form          enrolmentFilter
	Organisations []views.Option
	MayWrite      bool // the actor may enrol and withdraw, and the course takes people
	MayInvite     bool // its first session is still to come
	MayCheck      bool // the actor records whose name was checked on the sign-in sheet
	MayNominate   bool
	Invitations   bool // the actor may see who is invited and what they answered
	Reason        string
	Here          string // this page with its filters, for forms that come back
}

// Count is how many stand in a state, of those whom the actor may see.
func (d enrolmentListData) Count(state string) int { return d.Counts[models.EnrolmentState(state)] }

// Closed says whether the outcomes are decided.
func (d enrolmentListData) Closed() bool { return d.Course.State == models.CourseClosed }

// Imported says whether the people came in with a course of the past: nobody was invited, waited or held a seat.
func (d enrolmentListData) Imported() bool {
	return d.Closed() && slices.ContainsFunc(d.Rows, func(r enrolment.Row) bool { return r.Source == history.SourceImport })
}

// Clashing says whether somebody on the page is in another course at the same time.
func (d enrolmentListData) Clashing() bool { return clashing(d.Rows) }

func clashing(rows []enrolment.Row) bool {
	return slices.ContainsFunc(rows, func(r enrolment.Row) bool { return len(r.Clashes) > 0 })
}

// Free is how many seats nobody holds.
func (d enrolmentListData) Free() int { return max(d.Course.Capacity-d.Enrolled, 0) }

// Ends says whether those on the list can be taken out of the course.
func (d enrolmentListData) Ends() bool {
	return d.MayWrite && (d.Form.State == models.EnrolmentEnrolled || d.Form.State == models.EnrolmentWaiting)
}

// Decides says whether those on the list wait for the actor's decision.
func (d enrolmentListData) Decides() bool {
	return d.MayWrite && d.Form.State == models.EnrolmentNominated
}

func (s *Server) enrolmentListData(c *Ctx) (enrolmentListData, error) {
	var d enrolmentListData
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if err := c.bindQuery(&d.Form); err != nil {
		return d, err
	}
	d.Form.State = cmp.Or(d.Form.State, models.EnrolmentEnrolled)
	if d.List, err = s.enrolment.List(c.Ctx(), c.Actor, id, d.Form.filter()); err != nil {
		return d, err
	}
	takes := d.Course.State == models.CourseOpen || d.Course.State == models.CourseRunning
	d.MayWrite = takes && c.Actor.May(access.EnrolmentWrite)
	seated := d.Form.State == models.EnrolmentEnrolled
	d.MayInvite = seated && d.MayWrite && d.Course.FirstDay >= c.Today()
	d.MayCheck = seated && d.Course.State != models.CourseDraft && d.Course.State != models.CourseCancelled && c.Actor.May(access.AttendanceWrite)
	d.MayNominate = d.Course.State == models.CourseOpen && c.Actor.May(access.Nominate) && !d.MayWrite
	d.Invitations = d.Course.State != models.CourseDraft && c.Actor.May(access.NominationRead)
	d.Here = "/courses/" + strconv.FormatUint(id, 10) + "/enrolments?" + c.Request.URL.RawQuery
	d.Organisations, err = s.organisationFilter(c)
	return d, err
}

// organisationFilter lists the organisations of today as the actor sees them, as a tree; trainers and clerks see none.
func (s *Server) organisationFilter(c *Ctx) ([]views.Option, error) {
	if !c.Actor.May(access.RosterRead) {
		return nil, nil
	}
	orgs, err := s.roster.Organisations(c.Ctx(), c.Actor, access.RosterRead, c.Today())
	out := make([]views.Option, len(orgs))
	least := 0
	for i, o := range orgs {
		if i == 0 || o.Depth < least {
			least = o.Depth
		}
		out[i] = views.Option{Value: o.Code, Label: o.Name, Depth: o.Depth}
	}
	for i := range out {
		out[i].Depth -= least
	}
	return out, err
}

// enrolmentList shows who takes part in a course, by state.
func (s *Server) enrolmentList(c *Ctx) error {
	d, err := s.enrolmentListData(c)
	if err != nil {
		return err
	}
	return c.Page("enrolment/list", d)
}

// enrolmentWithdraw takes the chosen, or everybody whom the filter finds, out of the course.
func (s *Server) enrolmentWithdraw(c *Ctx) error {
	return s.enrolmentAct(c, access.EnrolmentWrite, func(id uint64, f enrolmentAction, ids []uint64) (string, error) {
		r, err := s.enrolment.WithdrawAll(c.Ctx(), c.Actor, ids, f.Reason)
		return c.resultText(r, "enrolment.result_withdrawn"), err
	})
}

// enrolmentInvite invites the chosen, or everybody whom the filter finds.
func (s *Server) enrolmentInvite(c *Ctx) error {
	return s.enrolmentAct(c, access.EnrolmentWrite, func(id uint64, _ enrolmentAction, ids []uint64) (string, error) {
		r, err := s.invitation.Invite(c.Ctx(), c.Actor, id, ids)
		return c.invitedText(r), err
	})
}

// enrolmentOnPaper records that the chosen, or everybody whom the filter finds, were checked on the sign-in sheet.
func (s *Server) enrolmentOnPaper(c *Ctx) error {
	return s.enrolmentAct(c, access.AttendanceWrite, func(id uint64, _ enrolmentAction, ids []uint64) (string, error) {
		n, err := s.names.OnPaper(c.Ctx(), c.Actor, id, ids)
		return c.T("namecheck.recorded", "n", n), err
	})
}

// enrolmentAction is what the list of a course's people sends: what is done to whom, and how they were found.
type enrolmentAction struct {
	enrolmentFilter
	selection
	Reason string `form:"reason"`
}

// enrolmentAct does something to the ticked rows of a course's list, or to all that its filter finds as far as the permission reaches, and
// goes back to it, or shows it again with what was refused.
func (s *Server) enrolmentAct(c *Ctx, p access.Permission, do func(courseID uint64, f enrolmentAction, ids []uint64) (string, error)) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var f enrolmentAction
	var said string
	var ids []uint64
	if err = c.BindForm(&f); err == nil {
		ids, err = f.ids()
	}
	if err == nil && f.All {
		ids, err = s.enrolment.ListIDs(c.Ctx(), c.Actor, p, id, f.filter())
	}
	if err == nil {
		said, err = do(id, f, ids)
	}
	path := "/courses/" + strconv.FormatUint(id, 10) + "/enrolments"
	if err == nil {
		return c.Done(c.back(path), "enrolment.result", "text", said)
	}
	c.asList(path)
	d, e := s.enrolmentListData(c)
	if e != nil {
		return e
	}
	d.ticked, d.Reason = ticked(f.selection), f.Reason
	return c.Invalid("enrolment/list", d, err)
}

// resultText says what a request did; changed is the message for those whom it nominated, refused or withdrew.
func (c *Ctx) resultText(r enrolment.Result, changed string) string {
	var parts []string
	add := func(n int, key string) {
		if n > 0 {
			parts = append(parts, c.T(key, "n", n))
		}
	}
	add(r.Changed, changed)
	if changed == "enrolment.result_withdrawn" {
		add(r.Enrolled, "enrolment.result_moved_up")
	} else {
		add(r.Enrolled, "enrolment.result_enrolled")
	}
	add(r.Waiting, "enrolment.result_waiting")
	add(r.Mailed, "enrolment.result_mailed")
	add(r.Paper, "enrolment.result_paper")
	add(r.Already, "enrolment.result_already")
	return strings.Join(parts, " ")
}

// candidateFilter is how people are found; nothing said about groups and gaps means the course's own groups and who still lacks
// what it brings, so "all" and "0" say that neither matters.
type candidateFilter struct {
	Text         string   `form:"q" binding:"max=200"`
	Organisation string   `form:"org" binding:"max=40"`
	Line         bool     `form:"line"` // those of the organisation's professional line, wherever they are posted
	Group        string   `form:"group" binding:"max=40"`
	Lacking      string   `form:"lacking" binding:"max=40"` // "1" any component of the course, "0" whoever, or a component
	Near         string   `form:"near" binding:"omitempty,oneof=commune area"`
	Cadres       []uint64 `form:"cadre" binding:"max=500"` // only these, who were ticked in another list
	Pick         bool     `form:"pick"`                    // tick those found even where a name was searched for: they were chosen elsewhere
	Page         int      `form:"page" binding:"min=0,max=1000000"`
}

const allGroups = "all"

func (f *candidateFilter) filter() enrolment.Filter {
	out := enrolment.Filter{Text: f.Text, Cadres: f.Cadres, Organisation: f.Organisation, Line: f.Line, Group: f.Group, Near: enrolment.Near(f.Near), Page: f.Page}
	if f.Group == "" {
		f.Group = enrolment.CourseGroups
		out.Group = f.Group
	}
	if f.Group == allGroups {
		out.Group = ""
	}
	switch f.Lacking {
	case "", "1":
		f.Lacking = "1"
		out.Lacking = true
	case "0":
	default:
		out.Lacking, out.Component = true, models.Component(f.Lacking)
	}
	return out
}

type candidatesData struct {
	*enrolment.CandidateList
	Form          candidateFilter
	Size          int
	Organisations []views.Option
	GroupOptions  []views.Option
	LackOptions   []views.Option
	NearOptions   []views.Option
	Nominating    bool     // a head puts own cadres forward; else a coordinator enrols
	Open          bool     // the course takes people now
	Past          bool     // the deadline for nominations
	Chosen        []uint64 // whose boxes are ticked
	Despite       bool
	Invites       bool // the course can be invited to: its first session is still to come
	Invite        bool // invitations go out with enrolling
	lang          string
	filter        enrolment.Filter
}

// IsChosen says whether the box of the row is ticked: in the form that was refused, or because a seat is there for the person.
func (d candidatesData) IsChosen(id uint64) bool { return slices.Contains(d.Chosen, id) }

// First is how many of those found can be taken at once: as many as there are seats, or as a head's quotas leave.
func (d candidatesData) First() int {
	n := d.Free()
	if d.Nominating {
		q, _ := enrolment.Narrowest(d.Quotas)
		n = q.Left()
	}
	return min(n, d.Suggested, enrolment.MaxPeople)
}

// pick ticks those who were ticked in another list; else the first of those found, on the first page of a list that was not searched for a
// name.
func (d *candidatesData) pick() {
	for _, r := range d.Rows {
		if d.Open && d.Form.Cadres != nil && !r.Held() {
			d.Chosen = append(d.Chosen, r.CadreID)
		}
	}
	if !d.Open || d.Form.Cadres != nil || d.Page > 1 || d.Form.Lacking == "0" || d.Form.Text != "" && !d.Form.Pick {
		return
	}
	for _, r := range d.Rows {
		if !r.Held() && len(d.Chosen) < d.First() {
			d.Chosen = append(d.Chosen, r.CadreID)
		}
	}
}

// Ranked says whether the list is one of who should come, and not of whoever there is.
func (d candidatesData) Ranked() bool { return d.Form.Lacking != "0" }

// TooMany says whether everybody found is more than one request may name.
func (d candidatesData) TooMany() bool { return d.Suggested > enrolment.MaxPeople }

// Over is how many of everybody found would go to the waiting list.
func (d candidatesData) Over() int { return max(d.Suggested-d.Free(), 0) }

// LacksText names what somebody lacks of what the course brings.
func (d candidatesData) LacksText(r enrolment.Candidate) string {
	var out []string
	for _, k := range d.Components {
		if slices.Contains(r.Lacks, k.Component) {
			out = append(out, k.Name(d.lang))
		}
	}
	return strings.Join(out, "; ")
}

func (s *Server) candidatesData(c *Ctx, nominating bool) (candidatesData, error) {
	d := candidatesData{Size: enrolment.PageSize, Nominating: nominating, lang: c.Lang}
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if err := c.bindQuery(&d.Form); err != nil {
		return d, err
	}
	d.filter = d.Form.filter()
	find := s.enrolment.Candidates
	if nominating {
		find = s.enrolment.OwnCandidates
	}
	if d.CandidateList, err = find(c.Ctx(), c.Actor, id, d.filter); err != nil {
		return d, err
	}
	d.Past = d.Course.NominationDeadline != 0 && d.Course.NominationDeadline < c.Today()
	if nominating {
		d.Open = d.Course.State == models.CourseOpen && (d.Course.FirstDay == 0 || d.Day == d.Course.FirstDay && c.Today() < d.Course.FirstDay) && !d.Past
	} else {
		d.Open = d.Course.State == models.CourseOpen || d.Course.State == models.CourseRunning
		d.Invites = d.Open && d.Course.FirstDay >= c.Today()
		d.Invite = d.Invites
	}
	if len(d.Aims) > 0 {
		d.GroupOptions = append(d.GroupOptions, views.Option{Value: enrolment.CourseGroups, Label: c.T("enrolment.group_course", "groups", strings.Join(d.Aims, ", "))})
	} else if d.Form.Group == enrolment.CourseGroups {
		d.Form.Group = allGroups // a course that is aimed at nobody takes everybody
	}
	d.GroupOptions = append(d.GroupOptions, views.Option{Value: allGroups, Label: c.T("enrolment.group_all")})
	for _, g := range d.Groups {
		d.GroupOptions = append(d.GroupOptions, views.Option{Value: g.Code, Label: g.Code + " · " + g.Short(c.Lang)})
	}
	d.LackOptions = []views.Option{{Value: "1", Label: c.T("enrolment.lack_any")}}
	if len(d.Components) > 1 {
		for _, k := range d.Components {
			d.LackOptions = append(d.LackOptions, views.Option{Value: string(k.Component), Label: c.T("enrolment.lack_one", "component", k.Name(c.Lang))})
		}
	}
	d.LackOptions = append(d.LackOptions, views.Option{Value: "0", Label: c.T("enrolment.lack_none")})
	if d.Venue != "" {
		d.NearOptions = []views.Option{{Value: enrolment.NearCommune, Label: c.T("enrolment.near_commune", "place", d.Venue)}, {Value: enrolment.NearArea, Label: c.T("enrolment.near_area")}}
	}
	d.pick()
	d.Organisations, err = s.organisationFilter(c)
	return d, err
}

// enrolmentNew finds cadres for a course: by organisation, group, gap or name.
func (s *Server) enrolmentNew(c *Ctx) error {
	d, err := s.candidatesData(c, false)
	if err != nil {
		return err
	}
	return c.Page("enrolment/new", d)
}

// enrolmentCreate enrols the chosen, or everybody found.
func (s *Server) enrolmentCreate(c *Ctx) error {
	d, err := s.candidatesData(c, false)
	if err != nil {
		return err
	}
	var f chosenForm
	var r enrolment.Result
	if err = c.BindForm(&f); err == nil {
		r, err = s.enrolChosen(c, d, f)
	}
	if err != nil {
		d.Chosen, d.Despite, d.Invite = f.IDs, f.Clash, f.Invite
		return c.Invalid("enrolment/new", d, candidateGone(err))
	}
	to := "/courses/" + strconv.FormatUint(d.Course.ID, 10) + "/enrolments"
	if r.Enrolled == 0 && r.Waiting > 0 {
		to += "?state=waiting"
	}
	return c.Done(to, "enrolment.result", "text", c.resultText(r, "enrolment.result_nominated"))
}

func (s *Server) enrolChosen(c *Ctx, d candidatesData, f chosenForm) (enrolment.Result, error) {
	how, err := s.placing(c, f)
	if err != nil {
		return enrolment.Result{}, err
	}
	if f.found() {
		return s.enrolment.EnrolFound(c.Ctx(), c.Actor, d.Course.ID, d.filter, f.First, how...)
	}
	return s.enrolment.Enrol(c.Ctx(), c.Actor, d.Course.ID, f.IDs, how...)
}

// candidateGone says of a chosen cadre who is not there (any more) what to do about it, in place of a page that was not found.
func candidateGone(err error) error {
	if errs.Is(err, "not_found") {
		return errs.Conflict("candidate_gone")
	}
	return err
}

// bindQuery reads a query, whatever the method.
func (c *Ctx) bindQuery(into any) error {
	if err := bindError(c.ShouldBindQuery(into)); err != nil {
		return err
	}
	return idsFit(into)
}
