package handlers

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/page"
	"taphuan/app/plan"
	"taphuan/app/venue"
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

// courseForm is a course as a page sends it: things of the plan and organisations by their codes, figures as typed.
type courseForm struct {
	Title    string   `form:"title"`
	Type     string   `form:"course_type"`
	Host     string   `form:"host"`
	VenueID  string   `form:"venue_id"`
	Venue    string   `form:"venue"`
	Link     string   `form:"link"`
	Capacity string   `form:"capacity"`
	Rule     string   `form:"rule_percent"`
	MinScore string   `form:"min_score"`
	Topics   []string `form:"topics" binding:"max=100"`
	Groups   []string `form:"groups" binding:"max=100"`
	Note     string   `form:"note"`
	Version  int      `form:"version"`
}

// formOf fills the form with what the course says now.
func formOf(d *course.Detail) courseForm {
	f := courseForm{Title: d.Title, Type: d.Type.Code, Host: d.Host.Code, Venue: d.Venue, Link: d.Link, Capacity: strconv.Itoa(d.Capacity),
		Rule: strconv.Itoa(d.RulePercent), Note: d.Note, Version: d.Version}
	if d.VenueID != nil {
		f.VenueID = strconv.FormatUint(*d.VenueID, 10)
	}
	if d.MinScoreTenths != nil {
		f.MinScore = strings.ReplaceAll(strconv.FormatFloat(float64(*d.MinScoreTenths)/10, 'f', -1, 64), ".", ",")
	}
	for _, t := range d.Topics {
		f.Topics = append(f.Topics, t.Code)
	}
	for _, g := range d.Groups {
		f.Groups = append(f.Groups, g.Code)
	}
	return f
}

// number reads a whole number that somebody typed.
func number(f *errs.Fields, field, typed string) int {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	if err != nil {
		f.Add(field, "number")
	}
	return n
}

// tenths reads a score out of ten with at most one decimal, written with a comma or a point; "" is none.
func tenths(f *errs.Fields, field, typed string) *int {
	typed = strings.ReplaceAll(strings.TrimSpace(typed), ",", ".")
	if typed == "" {
		return nil
	}
	x, err := strconv.ParseFloat(typed, 64)
	if err != nil || math.IsNaN(x) || math.Abs(x) > 1000 || math.Abs(x*10-math.Round(x*10)) > 1e-6 {
		f.Add(field, "score_form")
		return nil
	}
	n := int(math.Round(x * 10))
	if n < 1 || n > 100 {
		f.Add(field, "score_form")
	}
	return &n
}

// input turns codes into ids; what there is none of becomes 0, which the service refuses at its field.
func (s *Server) courseInput(c *Ctx, p *plan.Plan, f courseForm) (course.Input, error) {
	var wrong errs.Fields
	in := course.Input{Title: f.Title, Venue: f.Venue, Link: f.Link, Note: f.Note, Version: f.Version, CourseTypeID: typeID(p, f.Type),
		Capacity: number(&wrong, "capacity", f.Capacity), RulePercent: number(&wrong, "rule_percent", f.Rule), MinScoreTenths: tenths(&wrong, "min_score", f.MinScore),
		VenueID: choice(&wrong, "venue_id", f.VenueID)}
	if err := wrong.Err(); err != nil {
		return in, err
	}
	o, err := s.roster.OrganisationByCode(c.Ctx(), f.Host)
	if err != nil && !errs.Is(err, "not_found") {
		return in, err
	}
	in.HostID = o.ID
	for _, code := range f.Topics {
		in.TopicIDs = append(in.TopicIDs, topicID(p, code))
	}
	for _, code := range f.Groups {
		var id uint64
		if g := p.GroupByCode(code); g != nil {
			id = g.ID
		}
		in.GroupIDs = append(in.GroupIDs, id)
	}
	return in, nil
}

// choice reads the id of what somebody chose in a list; "" is nothing.
func choice(f *errs.Fields, field, value string) uint64 {
	if value == "" {
		return 0
	}
	id, err := strconv.ParseUint(value, 10, 63)
	if err != nil || id == 0 {
		f.Add(field, "choice")
	}
	return id
}

func topicID(p *plan.Plan, code string) uint64 {
	for _, t := range p.Topics {
		if t.Code == code {
			return t.ID
		}
	}
	return 0
}

type courseFormData struct {
	Course  *course.Detail // nil for a new one
	Form    courseForm
	Types   []views.Option
	Hosts   []views.Option
	Venues  []views.Option
	Groups  []views.Option
	Topics  []topicChoice
	Decided bool // closed: what it was decided by stays
	Most    int
}

type topicChoice struct {
	Code, Name string
	Part       bool // of the area above
	Checked    bool
}

func (s *Server) courseFormData(c *Ctx, p *plan.Plan, d *course.Detail, f courseForm) (courseFormData, error) {
	out := courseFormData{Course: d, Form: f, Decided: d != nil && d.State == models.CourseClosed, Most: course.MaxCapacity}
	for _, t := range p.CourseTypes {
		var brings []string
		for _, k := range p.Components {
			if slices.Contains(p.TypeComponents[t.ID], k.Component) {
				brings = append(brings, k.Name(c.Lang))
			}
		}
		out.Types = append(out.Types, views.Option{Value: t.Code, Label: t.Name(c.Lang), Hint: c.T("course.brings", "components", strings.Join(brings, " · "))})
	}
	for _, g := range p.Groups {
		out.Groups = append(out.Groups, views.Option{Value: g.Code, Label: g.Name(c.Lang)})
	}
	for _, t := range p.Topics {
		x := topicChoice{Code: t.Code, Name: t.Name(c.Lang), Part: t.ParentID != nil}
		for _, code := range f.Topics {
			x.Checked = x.Checked || code == t.Code
		}
		out.Topics = append(out.Topics, x)
	}
	venues, err := s.venue.List(c.Ctx(), venue.Filter{})
	if err != nil {
		return out, err
	}
	out.Venues = venueOptions(c, venues, d)
	orgs, err := s.roster.Organisations(c.Ctx(), c.Actor, access.RosterRead, c.Today())
	there := d == nil
	for _, o := range orgs {
		out.Hosts = append(out.Hosts, views.Option{Value: o.Code, Label: o.Name, Depth: o.Depth})
		there = there || o.Code == d.Host.Code
	}
	if !there { // a host that has ended since stays the course's
		out.Hosts = append(out.Hosts, views.Option{Value: d.Host.Code, Label: d.Host.Name})
	}
	return out, err
}

// venueOptions lists the venues to choose from, with the largest room of each; one that was retired since stays the course's.
func venueOptions(c *Ctx, venues []venue.Row, d *course.Detail) []views.Option {
	there := d == nil || d.VenueID == nil
	var out []views.Option
	for _, v := range venues {
		o := views.Option{Value: v.ID, Label: v.Words()}
		if len(v.Rooms) > 0 {
			o.Label = c.T("course.venue_seats", "name", o.Label, "n", v.Rooms[0].Capacity)
		}
		out = append(out, o)
		there = there || v.ID == *d.VenueID
	}
	if !there {
		out = append(out, views.Option{Value: *d.VenueID, Label: d.Venue})
	}
	return out
}

// courseNew shows the form of a new course.
func (s *Server) courseNew(c *Ctx) error {
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return err
	}
	f := courseForm{Capacity: "50", Rule: "80"}
	if len(p.CourseTypes) > 0 {
		f.Type = p.CourseTypes[0].Code
	}
	d, err := s.courseFormData(c, p, nil, f)
	if err != nil {
		return err
	}
	return c.Page("course/form", d)
}

// courseCreate makes a draft.
func (s *Server) courseCreate(c *Ctx) error {
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return err
	}
	var f courseForm
	var in course.Input
	var id uint64
	refusal := c.BindForm(&f)
	if refusal == nil {
		in, refusal = s.courseInput(c, p, f)
	}
	if refusal == nil {
		id, refusal = s.course.Create(c.Ctx(), c.Actor, in)
	}
	if refusal != nil {
		d, err := s.courseFormData(c, p, nil, f)
		if err != nil {
			return err
		}
		return c.Invalid("course/form", d, refusal)
	}
	return c.Done(coursePath(id), "course.created")
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

// courseEdit shows the form of a course.
func (s *Server) courseEdit(c *Ctx) error {
	d, p, err := s.courseAndPlan(c)
	if err != nil {
		return err
	}
	if d.State == models.CourseCancelled {
		return errs.Conflict("course_ended")
	}
	data, err := s.courseFormData(c, p, d, formOf(d))
	if err != nil {
		return err
	}
	return c.Page("course/form", data)
}

// courseUpdate changes a course.
func (s *Server) courseUpdate(c *Ctx) error {
	d, p, err := s.courseAndPlan(c)
	if err != nil {
		return err
	}
	var f courseForm
	var in course.Input
	refusal := c.BindForm(&f)
	if refusal == nil {
		in, refusal = s.courseInput(c, p, f)
	}
	if refusal == nil {
		refusal = s.course.Update(c.Ctx(), c.Actor, d.ID, in)
	}
	if refusal != nil {
		data, err := s.courseFormData(c, p, d, f)
		if err != nil {
			return err
		}
		return c.Invalid("course/form", data, refusal)
	}
	return c.Done(coursePath(d.ID), "course.saved")
}

// courseCan is what the actor may do beside looking.
type courseCan struct{ Write, Enrolments, Enrol, Nominate, Attendance, Certificates, Feedback bool }

func (c *Ctx) courseCan() courseCan {
	return courseCan{Write: c.Actor.May(access.CourseWrite), Enrolments: c.Actor.May(access.EnrolmentRead), Enrol: c.Actor.May(access.EnrolmentWrite),
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

// staffOptions lists who could join the staff, by role; value is role:account. Trainers who know the course's topics and are free
// stand first, with what they teach this year.
func (s *Server) staffOptions(c *Ctx, courseID uint64, there []course.StaffRow) ([]views.Option, error) {
	fit, err := s.trainer.Fit(c.Ctx(), courseID)
	if err != nil {
		return nil, err
	}
	var out []views.Option
	for _, x := range fit {
		o := views.Option{Value: staffValue(course.StaffRow{Role: models.StaffTrainer, AccountID: x.AccountID}), Group: c.T("role.trainer"), Label: x.Name}
		if from := x.From(); from != "" {
			o.Label += ", " + from
		}
		if len(x.Matches) > 0 {
			var codes []string
			for _, t := range x.Matches {
				codes = append(codes, t.Code)
			}
			o.Group = c.T("trainer.fits")
			o.Label += " · " + c.T("trainer.knows", "topics", strings.Join(codes, ", "))
		}
		o.Label += " · " + c.T("trainer.n_sessions", "n", x.Load.Held+x.Load.Planned)
		if len(x.Busy) > 0 {
			o.Label += " · " + c.T("trainer.busy", "code", x.Busy[0].Code, "day", i18n.Day(c.Lang, x.Busy[0].Day))
		}
		out = append(out, o)
	}
	rows, err := s.course.StaffChoices(c.Ctx())
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	for _, x := range there {
		in[staffValue(x)] = true
	}
	for _, x := range rows {
		if in[staffValue(x)] || x.Role == models.StaffTrainer {
			continue
		}
		o := views.Option{Value: staffValue(x), Label: x.Name, Group: c.T("role." + string(x.Role))}
		if x.Organisation != "" {
			o.Label += ", " + x.Organisation
		}
		out = append(out, o)
	}
	return out, nil
}

func staffValue(x course.StaffRow) string {
	return string(x.Role) + ":" + strconv.FormatUint(x.AccountID, 10)
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

// staffForm names somebody of the staff as role:account.
func (c *Ctx) staffForm() (uint64, models.StaffRole) {
	role, account, _ := strings.Cut(c.PostForm("staff"), ":")
	id, err := strconv.ParseUint(account, 10, 63)
	if err != nil {
		return 0, "" // which the service refuses
	}
	return id, models.StaffRole(role)
}

func (s *Server) staffAdd(c *Ctx) error {
	return s.courseAct(c, "course.staff_added", func(id uint64) error {
		account, role := c.staffForm()
		return s.course.AddStaff(c.Ctx(), c.Actor, id, account, role)
	})
}

func (s *Server) staffRemove(c *Ctx) error {
	return s.courseAct(c, "course.staff_removed", func(id uint64) error {
		account, role := c.staffForm()
		return s.course.RemoveStaff(c.Ctx(), c.Actor, id, account, role)
	})
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
