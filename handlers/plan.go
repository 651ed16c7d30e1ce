package handlers

import (
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/models"
	"taphuan/views"
)

// planFigures is a plan with where the reader's organisation stands in it, or the whole.
type planFigures struct {
	*plan.Plan
	Report *coverage.Report // nil where there is none on any day
	Groups []planGroup
	Name   string
	Last   models.Day
	Shown  []planShown
}

// planShown says in what a plan goes before others, and why.
type planShown struct{ Kind, Tag, Why string }

// planGroup is a group with whether its target is met.
type planGroup struct {
	coverageGroup
	State string
}

// metState says whether a target is met: "met", "missed", or "" where there is nobody.
func metState(f coverage.Figure, target int) string {
	switch met := f.Met(target); {
	case met == nil:
		return ""
	case *met:
		return "met"
	}
	return "missed"
}

// planListData is the page of all plans side by side.
type planListData struct {
	Plans    []planFigures
	MayWrite bool
	Several  bool // there are more plans than one: which goes before the others can be chosen
}

func (s *Server) planListData(c *Ctx) (d planListData, err error) {
	all, err := plan.Briefs(c.Ctx(), s.DB.Read(c.Ctx()))
	if err != nil {
		return d, err
	}
	d.MayWrite, d.Several = c.Actor.May(access.SettingsWrite), len(all) > 1
	seen := slices.DeleteFunc(slices.Clone(all), func(b plan.Brief) bool { return !c.seesPlan(b) })
	open := ""
	if on, err := s.settings.Open(c.Ctx()); err != nil {
		return d, err
	} else if on && d.Several {
		open = plan.InOpen(all, c.Today()).Code
	}
	for _, b := range seen {
		x := planFigures{Name: b.Name(c.Lang), Last: b.ToDay.AddDays(-1)}
		if d.Several {
			x.Shown = c.planShown(b, plan.InForce(seen, c.Today()).Code, open)
		}
		x.Report, err = s.coverage.Overview(plan.Choose(c.Ctx(), b.ID), c.Actor, coverage.Query{})
		switch {
		case errs.Is(err, "day_outside_plan") || errs.Is(err, "day_outside_organisation"):
			if x.Plan, err = plan.OfID(c.Ctx(), s.DB.Read(c.Ctx()), b.ID); err != nil {
				return d, err
			}
		case err != nil:
			return d, err
		default:
			x.Plan = x.Report.Plan
			for _, g := range coverageGroups(c.Lang, x.Report, x.Report.Top()) {
				g.Href += "&plan=" + b.Code
				x.Groups = append(x.Groups, planGroup{g, metState(g.Figure, g.TargetPercent)})
			}
		}
		d.Plans = append(d.Plans, x)
	}
	return d, nil
}

// planShown says whether the reader sees a plan first, and whether its figures are the open ones, given the plans that are; and why. What an
// administrator chose is said where it has no effect, too.
func (c *Ctx) planShown(b plan.Brief, first, open string) (out []planShown) {
	covers := b.Covers(c.Today())
	why := func(chosen bool) string {
		switch {
		case chosen && covers:
			return c.T("plan.why_chosen")
		case covers:
			return c.T("plan.why_made_first")
		case chosen:
			return c.T("plan.why_not_in_force")
		case b.ToDay <= c.Today():
			return c.T("plan.why_ended_last")
		}
		return c.T("plan.why_begins_first")
	}
	switch {
	case b.Code == first:
		out = append(out, planShown{"info", c.T("plan.first_shown"), why(b.ShownFirst != nil)})
	case b.ShownFirst != nil && covers:
		out = append(out, planShown{"neutral", c.T("plan.first_chosen"), c.T("plan.why_of_root", "name", b.Root.Name)})
	case b.ShownFirst != nil:
		out = append(out, planShown{"neutral", c.T("plan.first_chosen"), why(true)})
	}
	switch {
	case b.Code == open:
		out = append(out, planShown{"info", c.T("plan.open_shown"), why(b.ShownOpen != nil)})
	case b.ShownOpen != nil && open == "":
		out = append(out, planShown{"neutral", c.T("plan.open_chosen"), c.T("plan.why_closed")})
	case b.ShownOpen != nil:
		out = append(out, planShown{"neutral", c.T("plan.open_chosen"), why(true)})
	}
	return out
}

// planList puts the plans side by side: what each asks of whom until when, and where the reader's organisation, or the whole, stands today.
func (s *Server) planList(c *Ctx) error {
	d, err := s.planListData(c)
	if err != nil {
		return err
	}
	return c.Page("plan/list", d)
}

// planFirst chooses the plan that everybody sees first of those of its root, or no longer.
func (s *Server) planFirst(c *Ctx) error { return s.planMark(c, planning.MarkFirst) }

// planOpen chooses the plan whose figures are the open ones, or no longer.
func (s *Server) planOpen(c *Ctx) error { return s.planMark(c, planning.MarkOpen) }

func (s *Server) planMark(c *Ctx, mark planning.Mark) error {
	var f struct {
		Version int  `form:"version" binding:"min=0"`
		On      bool `form:"on"`
	}
	err := c.BindForm(&f)
	if err == nil {
		err = s.planning.Mark(c.Ctx(), c.Actor, c.Param("code"), f.Version, mark, f.On)
	}
	if err != nil {
		d, again := s.planListData(c)
		if again != nil {
			return again
		}
		return c.Invalid("plan/list", d, err)
	}
	return c.Done("/plans", "plan.marked")
}

// planData is the page of a plan.
type planData struct {
	*plan.Plan
	Lead     *models.Organisation
	Last     models.Day
	MayWrite bool
	Expiring bool // some component expires
}

// planOf reads a plan that the actor may see by the code in the path. It refuses others with not_found.
func (s *Server) planOf(c *Ctx) (*plan.Plan, error) {
	all, err := plan.Briefs(c.Ctx(), s.DB.Read(c.Ctx()))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(b plan.Brief) bool { return b.Code == c.Param("code") && c.seesPlan(b) })
	if i < 0 {
		return nil, errs.NotFound("plan")
	}
	return plan.OfID(c.Ctx(), s.DB.Read(c.Ctx()), all[i].ID)
}

func (s *Server) planData(c *Ctx) (d planData, err error) {
	if d.Plan, err = s.planOf(c); err != nil {
		return d, err
	}
	d.Last, d.MayWrite = d.ToDay.AddDays(-1), c.Actor.May(access.SettingsWrite)
	d.Expiring = slices.ContainsFunc(d.Components, func(x models.PlanComponent) bool { return x.ExpiresMonths != nil })
	if d.LeadID != nil {
		d.Lead = &models.Organisation{}
		err = s.DB.Read(c.Ctx()).Take(d.Lead, *d.LeadID).Error
	}
	return d, err
}

// Brings says which components a course type brings, in words.
func (d planData) Brings(lang string, t models.CourseType) string {
	var words []string
	for _, x := range d.Components {
		if slices.Contains(d.TypeComponents[t.ID], x.Component) {
			words = append(words, x.Name(lang))
		}
	}
	return strings.Join(words, "; ")
}

// Parts are the parts of a topic.
func (d planData) Parts(id uint64) (out []models.Topic) {
	for _, t := range d.Topics {
		if t.ParentID != nil && *t.ParentID == id {
			out = append(out, t)
		}
	}
	return out
}

// planShow shows what a plan asks for: its period, lead, groups with their targets, components with how long they last, course types, topics.
func (s *Server) planShow(c *Ctx) error {
	d, err := s.planData(c)
	if err != nil {
		return err
	}
	return c.Page("plan/show", d)
}

type planCopyForm struct {
	Code     string     `form:"code" binding:"max=100"`
	NameVi   string     `form:"name_vi" binding:"max=1000"`
	NameEn   string     `form:"name_en" binding:"max=1000"`
	Decision string     `form:"decision" binding:"max=1000"`
	Root     string     `form:"root" binding:"max=40"`
	First    models.Day `form:"first"`
	Last     models.Day `form:"last"`
	Carry    bool       `form:"carry"`
}

type planCopyData struct {
	planData
	Form  planCopyForm
	Roots []views.Option
}

func (s *Server) planCopyData(c *Ctx, f planCopyForm) (d planCopyData, err error) {
	if d.planData, err = s.planData(c); err != nil {
		return d, err
	}
	d.Form = f
	orgs, err := s.roster.Organisations(c.Ctx(), c.Actor, access.RosterRead, c.Today())
	for _, o := range orgs {
		d.Roots = append(d.Roots, views.Option{Value: o.Code, Label: o.Name, Depth: o.Depth - orgs[0].Depth})
	}
	return d, err
}

// planCopyPage shows the form of a new plan that is made from another.
func (s *Server) planCopyPage(c *Ctx) error {
	d, err := s.planCopyData(c, planCopyForm{})
	if err != nil {
		return err
	}
	d.Form = planCopyForm{Root: d.Root.Code, First: d.ToDay, Carry: true}
	return c.Page("plan/copy", d)
}

// planCopy makes a plan from another.
func (s *Server) planCopy(c *Ctx) error {
	var f planCopyForm
	err := c.BindForm(&f)
	if err == nil {
		_, err = s.planning.Copy(c.Ctx(), c.Actor, planning.CopyInput{From: c.Param("code"), Code: f.Code, NameVi: f.NameVi, NameEn: f.NameEn, Decision: f.Decision, Root: f.Root,
			First: f.First, Last: f.Last, Carry: f.Carry})
	}
	if err != nil {
		d, again := s.planCopyData(c, f)
		if again != nil {
			return again
		}
		return c.Invalid("plan/copy", d, err)
	}
	return c.Done("/plans/"+strings.ToUpper(strings.TrimSpace(f.Code)), "plan.created")
}
