package handlers

import (
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/planning"
	"taphuan/app/roster"
	"taphuan/models"
	"taphuan/views"
)

// planForm is what may be changed of a plan, as typed.
type planForm struct {
	planData
	Version int
	Typed   map[string]string // by field
	Leads   []views.Option
	Tops    []views.Option  // topics of which another may be a part
	Likes   []views.Option  // groups
	Levels  []views.Option  // of organisations
	Loose   planning.Loose  // what may be taken away
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

// Now says what changes first, a sentence a group: how many would not be covered any more, or would be.
func (d planForm) Now() (out []string) {
	for _, x := range d.Rules.Effect {
		if x.Day != d.Rules.Effect[0].Day {
			break
		}
		key, n := "plan.fewer", x.Before.Covered-x.After.Covered
		if n < 0 {
			key, n = "plan.more", -n
		}
		out = append(out, d.words(key, "n", n, "group", x.Group.Name(d.lang)))
	}
	return out
}

// LooseTopics are the topics that may be taken away.
func (d planForm) LooseTopics() (out []views.Option) {
	for _, t := range d.Loose.Topics {
		out = append(out, views.Option{Value: t.Code, Label: t.Code + ". " + t.Name(d.lang)})
	}
	return out
}

// LooseGroups are the groups that may be taken away.
func (d planForm) LooseGroups() (out []views.Option) {
	for _, g := range d.Loose.Groups {
		out = append(out, views.Option{Value: g.Code, Label: g.Name(d.lang)})
	}
	return out
}

// NewLevels are the levels that were ticked for a new group.
func (d planForm) NewLevels() []string { return strings.Fields(d.Typed["new_group_levels"]) }

// LevelNames names the levels of a new group that says them itself.
func (d planForm) LevelNames() string {
	var out []string
	for _, l := range d.Rules.Levels {
		out = append(out, d.words("roster.level_of."+string(l.Level)))
	}
	return strings.Join(out, ", ")
}

// What says in words what is called by another name, or moved.
func (d planForm) What(x planning.Said) string { return d.words("plan.said_"+x.What, "code", x.Code) }

func (s *Server) planFormData(c *Ctx) (d planForm, err error) {
	if d.planData, err = s.planData(c); err != nil {
		return d, err
	}
	d.words, d.lang, d.Version = c.T, c.Lang, d.Plan.Version
	d.Typed = map[string]string{"first": d.FromDay.String(), "last": d.Last.String(), "lead": ""}
	if d.Lead != nil {
		d.Typed["lead"] = d.Lead.Code
	}
	for _, x := range d.Components {
		d.Typed["expires."+string(x.Component)] = ""
		if x.ExpiresMonths != nil {
			d.Typed["expires."+string(x.Component)] = strconv.Itoa(*x.ExpiresMonths)
		}
	}
	for _, g := range d.Groups {
		d.Typed["target."+g.Code] = strconv.Itoa(g.TargetPercent)
	}
	for n, name := range planning.Names(d.Plan) {
		d.Typed[n.Field()] = name
	}
	return d, nil
}

// planChoices offers the departments that may lead: those at the root's level, and the one that does; and what parts can be added to or taken away.
func (s *Server) planChoices(c *Ctx, d *planForm) (err error) {
	for _, t := range d.Topics {
		if t.ParentID == nil {
			d.Tops = append(d.Tops, views.Option{Value: t.Code, Label: t.Code + ". " + t.Name(c.Lang)})
		}
	}
	for _, g := range d.Groups {
		d.Likes = append(d.Likes, views.Option{Value: g.Code, Label: g.Name(c.Lang)})
	}
	for _, l := range roster.Levels {
		d.Levels = append(d.Levels, views.Option{Value: string(l), Label: c.T("roster.level_of." + string(l))})
	}
	if d.Loose, err = s.planning.Loose(c.Ctx(), d.Plan); err != nil {
		return err
	}
	all, err := s.roster.Organisations(c.Ctx(), c.Actor, access.RosterRead, min(max(c.Today(), d.FromDay), d.Last))
	for _, o := range all {
		if strings.HasPrefix(o.Path, d.Root.Path) && (o.Level == d.Root.Level && !o.Kind.IsTotal() || d.Lead != nil && o.ID == d.Lead.ID) {
			d.Leads = append(d.Leads, views.Option{Value: o.Code, Label: o.Name})
		}
	}
	return err
}

// planEdit shows the form.
func (s *Server) planEdit(c *Ctx) error {
	d, err := s.planFormData(c)
	if err == nil {
		err = s.planChoices(c, &d)
	}
	if err != nil {
		return err
	}
	return c.Page("plan/edit", d)
}

// planInput reads what was typed into the form. What was not sent stays.
func planInput(c *Ctx, d *planForm) (in planning.Input, err error) {
	if in.Version, err = strconv.Atoi(c.PostForm("version")); err != nil || in.Version < 0 {
		return in, errs.Conflict("plan_changed")
	}
	d.Version = in.Version
	in.Expires, in.Targets, in.Names = map[models.Component]*int{}, map[string]int{}, map[planning.Name]string{}
	var bad errs.Fields
	said := func(name string) (typed string, said bool) {
		if typed, said = c.GetPostForm(name); said {
			typed = strings.TrimSpace(typed)
			d.Typed[name] = typed
		}
		return typed, said
	}
	for _, x := range d.Components {
		name := "expires." + string(x.Component)
		if typed, said := said(name); said && typed == "" {
			in.Expires[x.Component] = nil
		} else if n, err := strconv.Atoi(typed); said && err != nil {
			bad.Add(name, "expiry_months", errs.Params{"most": planning.MaxMonths})
		} else if said {
			in.Expires[x.Component] = &n
		}
	}
	for _, g := range d.Groups {
		name := "target." + g.Code
		if typed, said := said(name); said {
			n, err := strconv.Atoi(typed)
			if err != nil {
				bad.Add(name, "target_percent")
			}
			in.Targets[g.Code] = n
		}
	}
	for n := range planning.Names(d.Plan) {
		if typed, said := said(n.Field()); said {
			in.Names[n] = typed
		}
	}
	if typed, said := said("lead"); said {
		in.Lead = &typed
	}
	text := func(name string) string {
		typed, _ := said(name)
		return typed
	}
	d.Typed["new_group_levels"] = strings.Join(c.PostFormArray("new_group_levels"), " ") // the page that asks for a yes sends them in one
	in.Parts = planning.Parts{DropTopic: text("drop_topic"), DropGroup: text("drop_group"), Topic: planning.NewTopic{Of: text("new_topic_of"), NameVi: text("new_topic_vi"), NameEn: text("new_topic_en")},
		Group: planning.NewGroup{Code: text("new_group_code"), NameVi: text("new_group_vi"), NameEn: text("new_group_en"), Short: text("new_group_short"), Percent: text("new_group_target"), Like: text("new_group_like"),
			Levels: d.NewLevels(), Expected: text("new_group_expected") != ""}}
	for name, to := range map[string]**models.Day{"first": &in.First, "last": &in.Last} {
		if typed, said := said(name); said {
			day := new(models.Day)
			if err := day.UnmarshalParam(typed); err != nil {
				bad.Add(name, "day")
				continue
			}
			*to = day
		}
	}
	return in, bad.Err()
}

// planSave says what a change does, and with a yes carries it out.
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
		if err := s.planChoices(c, &d); err != nil {
			return err
		}
		return c.Invalid("plan/edit", d, err)
	}
	return c.Done("/plans/"+d.Code, "plan.saved")
}

// planDeleteData says what keeps a plan from being deleted.
type planDeleteData struct {
	planData
	planning.Hanging
}

func (s *Server) planDeleteData(c *Ctx) (d planDeleteData, err error) {
	if d.planData, err = s.planData(c); err != nil {
		return d, err
	}
	d.Hanging, err = s.planning.Hanging(c.Ctx(), d.Code)
	return d, err
}

// planDeletePage asks before a plan is deleted, or says why it cannot be.
func (s *Server) planDeletePage(c *Ctx) error {
	d, err := s.planDeleteData(c)
	if err != nil {
		return err
	}
	return c.Page("plan/delete", d)
}

// planDelete deletes a plan on which nothing hangs.
func (s *Server) planDelete(c *Ctx) error {
	var f struct {
		Version int `form:"version" binding:"min=0"`
	}
	err := c.BindForm(&f)
	if err == nil {
		err = s.planning.Delete(c.Ctx(), c.Actor, c.Param("code"), f.Version)
	}
	if err != nil {
		d, again := s.planDeleteData(c)
		if again != nil {
			return again
		}
		return c.Invalid("plan/delete", d, err)
	}
	return c.Done("/plans", "plan.deleted", "name", c.Param("code")) // of a form that is sent twice there is no name the second time
}
