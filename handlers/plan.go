package handlers

import (
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/i18n"
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
			return c.T("plan.why_latest")
		case chosen:
			return c.T("plan.why_not_in_force")
		}
		return c.T("plan.why_none_in_force")
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

// planForm is how long components last and which percentages are the targets, as typed.
type planForm struct {
	planData
	Version int
	Expires map[models.Component]string
	Targets map[string]string
	Rules   *planning.Rules // what it would change; nil: the form itself is shown

	words func(key string, args ...any) string
	lang  string
}

// planMet is a group whose target changes, with whether it was met and would be.
type planMet struct {
	planning.Met
	Was, Is string
}

// Met are the groups whose targets change.
func (d planForm) Met() []planMet {
	out := make([]planMet, len(d.Rules.Met))
	for i, x := range d.Rules.Met {
		out[i] = planMet{x, metState(x.Figure, x.Before), metState(x.Figure, x.Group.TargetPercent)}
	}
	return out
}

// Now says in sentences what changes first: how many of each group would not be covered any more, or would be.
func (d planForm) Now() (out []string) {
	for _, x := range d.Rules.Effect {
		if x.Day != d.Rules.Effect[0].Day {
			break
		}
		key, n := "plan.fewer", x.Before.Covered-x.After.Covered
		if n < 0 {
			key, n = "plan.more", -n
		}
		out = append(out, d.words(key, "n", n, "group", x.Group.Name(d.lang), "day", i18n.Day(d.lang, x.Day)))
	}
	return out
}

func (s *Server) planFormData(c *Ctx) (d planForm, err error) {
	if d.planData, err = s.planData(c); err != nil {
		return d, err
	}
	d.words, d.lang = c.T, c.Lang
	d.Version, d.Expires, d.Targets = d.Plan.Version, map[models.Component]string{}, map[string]string{}
	for _, x := range d.Components {
		if x.ExpiresMonths != nil {
			d.Expires[x.Component] = strconv.Itoa(*x.ExpiresMonths)
		}
	}
	for _, g := range d.Groups {
		d.Targets[g.Code] = strconv.Itoa(g.TargetPercent)
	}
	return d, nil
}

// planEdit shows the form.
func (s *Server) planEdit(c *Ctx) error {
	d, err := s.planFormData(c)
	if err != nil {
		return err
	}
	return c.Page("plan/edit", d)
}

// planInput reads what was typed into the form.
func planInput(c *Ctx, d *planForm) (in planning.Input, err error) {
	in = planning.Input{Expires: map[models.Component]*int{}, Targets: map[string]int{}}
	var bad errs.Fields
	if in.Version, err = strconv.Atoi(c.PostForm("version")); err != nil || in.Version < 0 {
		return in, errs.Conflict("plan_changed")
	}
	d.Version = in.Version
	for _, x := range d.Components {
		name := "expires." + string(x.Component)
		typed, said := c.GetPostForm(name)
		if typed = strings.TrimSpace(typed); !said {
			continue
		}
		if d.Expires[x.Component] = typed; typed == "" {
			in.Expires[x.Component] = nil
		} else if n, err := strconv.Atoi(typed); err != nil {
			bad.Add(name, "expiry_months", errs.Params{"most": planning.MaxMonths})
		} else {
			in.Expires[x.Component] = &n
		}
	}
	for _, g := range d.Groups {
		name := "target." + g.Code
		typed, said := c.GetPostForm(name)
		if !said {
			continue
		}
		d.Targets[g.Code] = strings.TrimSpace(typed)
		n, err := strconv.Atoi(d.Targets[g.Code])
		if err != nil {
			bad.Add(name, "target_percent")
		}
		in.Targets[g.Code] = n
	}
	return in, bad.Err()
}

// planSave says what a change of the rules does, and with a yes carries it out.
func (s *Server) planSave(c *Ctx) error {
	d, err := s.planFormData(c)
	if err != nil {
		return err
	}
	in, err := planInput(c, &d)
	if err == nil && c.PostForm("yes") == "" {
		if d.Rules, err = s.planning.Preview(c.Ctx(), d.Code, in); err == nil && !d.Rules.Nothing() {
			return c.Page("plan/confirm", d)
		}
	} else if err == nil {
		err = s.planning.Save(c.Ctx(), c.Actor, d.Code, in)
	}
	if err != nil {
		d.Rules = nil
		return c.Invalid("plan/edit", d, err)
	}
	return c.Done("/plans/"+d.Code, "plan.saved")
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
	least := -1
	for _, o := range orgs {
		if o.Kind.IsTotal() {
			if least < 0 {
				least = o.Depth
			}
			d.Roots = append(d.Roots, views.Option{Value: o.Code, Label: o.Name, Depth: max(o.Depth-least, 0)})
		}
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
