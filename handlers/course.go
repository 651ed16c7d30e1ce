package handlers

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/plan"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type courseFilter struct {
	Text  string             `form:"q" binding:"max=200"`
	State models.CourseState `form:"state" binding:"omitempty,oneof=draft open running closed cancelled"`
	Type  string             `form:"type" binding:"max=40"`
	Group string             `form:"group" binding:"max=40"`
	Year  int                `form:"year" binding:"min=0,max=9999"`
	Mine  bool               `form:"mine"`
	Sort  string             `form:"sort" binding:"max=20"`
	Page  int                `form:"page" binding:"min=0,max=1000000"`
}

func (f courseFilter) filter(p *plan.Plan) course.Filter {
	out := course.Filter{Text: f.Text, State: f.State, Year: f.Year, Mine: f.Mine, Sort: f.Sort, Page: f.Page, TypeID: typeID(p, f.Type)}
	if g := p.GroupByCode(f.Group); g != nil {
		out.GroupID = g.ID
	}
	// Codes that the plan does not know find nothing; ignored, they would seem to have found everything.
	if f.Type != "" && out.TypeID == 0 {
		out.TypeID = nothing
	}
	if f.Group != "" && out.GroupID == 0 {
		out.GroupID = nothing
	}
	return out
}

// nothing is an id that nothing has.
const nothing = math.MaxInt64

func typeID(p *plan.Plan, code string) uint64 {
	for _, t := range p.CourseTypes {
		if t.Code == code {
			return t.ID
		}
	}
	return 0
}

type courseListData struct {
	*course.List
	Form     courseFilter
	Size     int
	Types    []views.Option
	Groups   []views.Option
	Years    []views.Option
	MayWrite bool
	Filtered bool
}

// Place is where the page is in its list, for the boxes of its rows.
func (d courseListData) Place() page.Place { return page.Place{Total: page.Total{N: d.Total}} }

// courseList lists the courses in the actor's scope; mine=1 those in which the actor works.
func (s *Server) courseList(c *Ctx) error {
	var f courseFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return err
	}
	l, err := s.course.List(c.Ctx(), c.Actor, f.filter(p))
	if err != nil {
		return err
	}
	d := courseListData{List: l, Form: f, Size: course.PageSize, MayWrite: c.Actor.May(access.CourseWrite),
		Filtered: f.Text != "" || f.State != "" || f.Type != "" || f.Group != "" || f.Year != 0}
	for _, t := range p.CourseTypes {
		d.Types = append(d.Types, views.Option{Value: t.Code, Label: t.Name(c.Lang)})
	}
	for _, g := range p.Groups {
		d.Groups = append(d.Groups, views.Option{Value: g.Code, Label: g.Short(c.Lang)})
	}
	for y := max(c.Today().Year()+1, p.FromDay.Year()); y >= p.FromDay.Year(); y-- {
		d.Years = append(d.Years, views.Option{Value: y, Label: strconv.Itoa(y)})
	}
	return c.Page("course/list", d)
}

// courseSheet gives the list of courses as a workbook: all that the filter finds, or the ticked ones.
func (s *Server) courseSheet(c *Ctx) error {
	var f struct {
		courseFilter
		selection
	}
	if err := c.BindForm(&f); err != nil {
		return err
	}
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return err
	}
	ids, err := f.chosen()
	if err != nil {
		return err
	}
	filter := f.filter(p)
	sheet := workbook.Sheet{Name: c.T("course.title"), Title: c.T("course.title"), Columns: []workbook.Column{{Head: c.T("course.code"), Kind: workbook.Code}, {Head: c.T("course.name"), Width: 50}, {Head: c.T("course.type"), Width: 22}, {Head: c.T("course.host"), Width: 40},
		{Head: c.T("course.from_day"), Kind: workbook.Day}, {Head: c.T("course.to_day"), Kind: workbook.Day}, {Head: c.T("course.state"), Width: 16}, {Head: c.T("course.capacity"), Kind: workbook.Number}, {Head: c.T("course.enrolled"), Kind: workbook.Number}, {Head: c.T("course.waiting"), Kind: workbook.Number}, {Head: c.T("course.completed"), Kind: workbook.Number}}}
	return c.Sheet("lop", sheet, func(row workbook.Row) error {
		for filter.Page = 1; ; filter.Page++ {
			l, err := s.course.List(c.Ctx(), c.Actor, filter)
			if err != nil || len(l.Rows) == 0 {
				return err
			}
			for _, r := range l.Rows {
				if ids != nil && !slices.Contains(ids, r.ID) {
					continue
				}
				if err := row(r.Code, r.Title, r.TypeName(c.Lang), r.Host, r.FirstDay, r.LastDay, c.T("course.states."+string(r.State)), r.Capacity, r.Counts.Enrolled, r.Counts.Waiting, r.Counts.Completed); err != nil {
					return err
				}
			}
		}
	})
}

func coursePath(id uint64) string { return "/courses/" + strconv.FormatUint(id, 10) }

// courseAndPlan reads the course of the path with its plan, for those who may change it.
func (s *Server) courseAndPlan(c *Ctx) (*course.Detail, *plan.Plan, error) {
	id, err := c.ID("id")
	if err != nil {
		return nil, nil, err
	}
	d, err := s.course.Get(c.Ctx(), c.Actor, access.CourseWrite, id)
	if err != nil {
		return nil, nil, err
	}
	p, err := plan.OfID(c.Ctx(), s.DB.Read(c.Ctx()), d.PlanID)
	return d, p, err
}

// courseCan is what the actor may do beside looking.
type courseCan struct {
	Write, Enrolments, Invitations, Enrol, Nominate, Attendance, Certificates, Feedback bool
}

func (c *Ctx) courseCan() courseCan {
	return courseCan{Write: c.Actor.May(access.CourseWrite), Enrolments: c.Actor.May(access.EnrolmentRead), Enrol: c.Actor.May(access.EnrolmentWrite), Invitations: c.Actor.May(access.NominationRead),
		Nominate:   c.Actor.May(access.Nominate) && !c.Actor.May(access.EnrolmentWrite),
		Attendance: c.Actor.May(access.AttendanceWrite), Certificates: c.Actor.May(access.CertificateIssue), Feedback: c.Actor.May(access.TrainerRead)}
}

type courseData struct {
	*course.Detail
	Can     courseCan
	Brings  string
	Score   *float64 // least, in points
	Staff   []course.StaffRow
	Choices []views.Option // staff who could join
	Chosen  string
	Today   *course.SessionRow // today's next session
	NotYet  string
	Clashes int
	Life    []string // done, current, todo for each state of an ordinary life; nil where it was cancelled
	Topics  []topicChoice
}

func (s *Server) courseData(c *Ctx) (courseData, error) {
	var out courseData
	id, err := c.ID("id")
	if err != nil {
		return out, err
	}
	d, err := s.course.Get(c.Ctx(), c.Actor, access.CourseRead, id)
	if err != nil {
		return out, err
	}
	out = courseData{Detail: d, Can: c.courseCan(), Staff: d.Staff}
	p, err := plan.OfID(c.Ctx(), s.DB.Read(c.Ctx()), d.PlanID)
	if err != nil {
		return out, err
	}
	var brings []string
	for _, k := range p.Components {
		for _, x := range d.Components {
			if x == k.Component {
				brings = append(brings, k.Name(c.Lang))
			}
		}
	}
	out.Brings = strings.Join(brings, " · ")
	for _, t := range d.Topics {
		out.Topics = append(out.Topics, topicChoice{Code: t.Code, Name: t.Name(c.Lang), Part: t.ParentID != nil})
	}
	out.Score = points(d.MinScoreTenths)
	if d.NotYet != nil && out.Can.Write {
		out.NotYet = c.message(d.NotYet.Code, d.NotYet.Params)
	}
	now := s.DB.Time()
	for i, x := range d.Sessions {
		out.Clashes += len(x.Clashes)
		if out.Today == nil && !x.Cancelled && x.Day == c.Today() && now.Before(x.Ends()) {
			out.Today = &d.Sessions[i]
		}
	}
	out.Life = life(d.State)
	if out.Can.Write && d.Changeable() {
		if out.Choices, err = s.staffOptions(c, d.ID, d.Staff); err != nil {
			return out, err
		}
	}
	return out, nil
}

// life lays out where a course stands; a cancelled one has left the way.
func life(state models.CourseState) []string {
	switch state {
	case models.CourseDraft:
		return []string{"current", "todo", "todo", "todo"}
	case models.CourseOpen:
		return []string{"done", "current", "todo", "todo"}
	case models.CourseRunning:
		return []string{"done", "done", "current", "todo"}
	case models.CourseClosed:
		return []string{"done", "done", "done", "done"}
	}
	return nil
}

// courseShow is a course's page: facts, steps, sessions with clashes, staff, how many take part.
func (s *Server) courseShow(c *Ctx) error {
	d, err := s.courseData(c)
	if err != nil {
		return err
	}
	return c.Page("course/show", d)
}

// courseOpen, courseStart: the steps that need no page of their own.
func (s *Server) courseOpen(c *Ctx) error {
	return s.courseAct(c, "course.opened", func(id uint64) error { return s.course.Open(c.Ctx(), c.Actor, id) })
}

func (s *Server) courseStart(c *Ctx) error {
	return s.courseAct(c, "course.started", func(id uint64) error { return s.course.Start(c.Ctx(), c.Actor, id) })
}

// courseAct does one thing to a course and shows its page again, with the refusal if there was one.
func (s *Server) courseAct(c *Ctx, message string, do func(id uint64) error) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if refusal := do(id); refusal != nil {
		d, err := s.courseData(c)
		if err != nil {
			return err
		}
		d.Chosen = c.PostForm("staff")
		return c.Invalid("course/show", d, refusal)
	}
	return c.Done(coursePath(id), message)
}

type cancelData struct {
	*course.Detail
	Reason string
}

// courseCancelPage asks for the reason of a cancellation.
func (s *Server) courseCancelPage(c *Ctx) error {
	d, _, err := s.courseAndPlan(c)
	if err != nil {
		return err
	}
	if !d.May(course.StepCancel) {
		return errs.Conflict("course_step")
	}
	return c.Page("course/cancel", cancelData{Detail: d})
}

// courseCancel cancels a course.
func (s *Server) courseCancel(c *Ctx) error {
	d, _, err := s.courseAndPlan(c)
	if err != nil {
		return err
	}
	reason := c.PostForm("reason")
	if err := s.course.Cancel(c.Ctx(), c.Actor, d.ID, reason); err != nil {
		return c.Invalid("course/cancel", cancelData{d, reason}, err)
	}
	return c.Done(coursePath(d.ID), "course.was_cancelled")
}
