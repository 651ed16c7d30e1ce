package handlers

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/venue"
	"taphuan/models"
	"taphuan/views"
)

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
	Template string   `form:"template_id"`
	Version  int      `form:"version"`
}

// formOf fills the form with what the course says now.
func formOf(d *course.Detail) courseForm {
	f := courseForm{Title: d.Title, Type: d.Type.Code, Host: d.Host.Code, Venue: d.Venue, Link: d.Link, Capacity: strconv.Itoa(d.Capacity),
		Rule: strconv.Itoa(d.RulePercent), Note: d.Note, Version: d.Version}
	if d.VenueID != nil {
		f.VenueID = strconv.FormatUint(*d.VenueID, 10)
	}
	if d.TemplateID != nil {
		f.Template = decimal(*d.TemplateID)
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

// courseInput turns codes into ids; what there is none of becomes 0, which the service refuses at its field. It refuses groups that the plan does not have
// ("unknown_target_group").
func (s *Server) courseInput(c *Ctx, p *plan.Plan, f courseForm) (course.Input, error) {
	var wrong errs.Fields
	in := course.Input{Title: f.Title, Venue: f.Venue, Link: f.Link, Note: f.Note, Version: f.Version, CourseTypeID: typeID(p, f.Type),
		Capacity: number(&wrong, "capacity", f.Capacity), RulePercent: number(&wrong, "rule_percent", f.Rule), MinScoreTenths: tenths(&wrong, "min_score", f.MinScore),
		VenueID: choice(&wrong, "venue_id", f.VenueID), TemplateID: new(choice(&wrong, "template_id", f.Template))}
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
		g := p.GroupByCode(code)
		if g == nil { // it may have been taken away since the form was opened
			return in, errs.OnField("groups", "unknown_target_group", errs.Params{"group": code})
		}
		in.GroupIDs = append(in.GroupIDs, g.ID)
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
	Course    *course.Detail // nil for a new one
	Form      courseForm
	Types     []views.Option
	Hosts     []views.Option
	Venues    []views.Option
	Templates []views.Option
	Groups    []views.Option
	Topics    []topicChoice
	Decided   bool // closed: what it was decided by stays
	Most      int
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
	var chosen *uint64
	if d != nil {
		chosen = d.TemplateID
	}
	var err error
	if out.Templates, err = s.templateOptions(c, chosen); err != nil {
		return out, err
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
