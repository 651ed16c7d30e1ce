package planning

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Name is something that a plan calls by a name.
type Name struct {
	Of   string // "name" and "decision" of the plan itself, "component", "topic"; of a group "group", "short", and "aliases": a line each
	Code string // of the component, topic or group
	Lang string // "vi" or "en"; "" of the decision and of aliases
}

// Field is how forms and refusals call it: name_vi, decision, topic.II.en, aliases.QCN.
func (n Name) Field() string {
	switch {
	case n.Code != "" && n.Lang == "":
		return n.Of + "." + n.Code
	case n.Code != "":
		return n.Of + "." + n.Code + "." + n.Lang
	case n.Lang != "":
		return n.Of + "_" + n.Lang
	}
	return n.Of
}

// Said is something of a plan that becomes another: a name, the name of the lead, or a day of the period.
type Said struct {
	What          string // "name_vi", "name_en", "decision", "lead", "first", "last", "component", "topic", "group", "short", "aliases"
	Before, After any    // string or models.Day
	Code          string // of the component, topic or group that is called otherwise
}

// Outside is what lies in the one period and not in the other.
type Outside struct {
	Courses int64 // of the plan, not called off, with days outside the new period: they stay
	Lost    int64 // completions that do not count in the plan any more
	Gained  int64 // completions that count in it from now on
}

// Names gives everything that a plan calls by a name, with the names that it has.
func Names(p *plan.Plan) map[Name]string {
	all := map[Name]string{}
	for n, at := range names(p) {
		all[n] = *at
	}
	return all
}

// names finds where the names of a plan stand.
func names(p *plan.Plan) map[Name]*string {
	at := map[Name]*string{{Of: "name", Lang: "vi"}: &p.NameVi, {Of: "name", Lang: "en"}: &p.NameEn, {Of: "decision"}: &p.Decision}
	for i := range p.Components {
		c := &p.Components[i]
		at[Name{"component", string(c.Component), "vi"}], at[Name{"component", string(c.Component), "en"}] = &c.NameVi, &c.NameEn
	}
	for i := range p.Groups {
		g := &p.Groups[i]
		at[Name{"group", g.Code, "vi"}], at[Name{"group", g.Code, "en"}], at[Name{"aliases", g.Code, ""}] = &g.NameVi, &g.NameEn, &g.Aliases
		at[Name{"short", g.Code, "vi"}], at[Name{"short", g.Code, "en"}] = &g.ShortVi, &g.ShortEn
	}
	for i := range p.Topics {
		t := &p.Topics[i]
		at[Name{"topic", t.Code, "vi"}], at[Name{"topic", t.Code, "en"}] = &t.NameVi, &t.NameEn
	}
	return at
}

// rules reads the plan and says what the input changes.
func rules(ctx context.Context, db *gorm.DB, code string, in Input) (*Rules, error) {
	var row models.Plan
	err := db.Scopes(store.Code("code", code)).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("plan")
	}
	if err != nil {
		return nil, err
	}
	r := &Rules{}
	if r.Plan, err = plan.OfID(ctx, db, row.ID); err != nil {
		return nil, err
	}
	if in.Version != row.Version {
		return nil, errs.Conflict("plan_changed")
	}
	after := *r.Plan
	after.Components, after.Groups, after.Topics = slices.Clone(after.Components), slices.Clone(after.Groups), slices.Clone(after.Topics)
	r.After = &after
	var f errs.Fields
	for i := range after.Components {
		c := &after.Components[i]
		months, said := in.Expires[c.Component]
		switch {
		case !said || same(months, c.ExpiresMonths):
			continue
		case months != nil && (*months < 1 || *months > MaxMonths):
			f.Add("expires."+string(c.Component), "expiry_months", errs.Params{"most": MaxMonths})
		}
		c.ExpiresMonths = months
		r.Components = append(r.Components, *c)
	}
	for i := range after.Groups {
		g := &after.Groups[i]
		percent, said := in.Targets[g.Code]
		switch {
		case !said || percent == g.TargetPercent:
			continue
		case percent < 1 || percent > 100:
			f.Add("target."+g.Code, "target_percent")
		}
		g.TargetPercent = percent
		r.Groups = append(r.Groups, *g)
	}
	if err := r.say(db, in, &f); err != nil {
		return nil, err
	}
	if err := r.parts(db, in.Parts, &f); err != nil {
		return nil, err
	}
	r.distinct(&f)
	for c := range in.Expires {
		if r.Plan.Component(c) == nil {
			return nil, errs.NotFound("component")
		}
	}
	for g := range in.Targets {
		if r.Plan.GroupByCode(g) == nil {
			return nil, errs.NotFound("group")
		}
	}
	return r, f.Err()
}

// say takes names, lead and period over into the plan as it would be, and notes what becomes another.
func (r *Rules) say(db *gorm.DB, in Input, f *errs.Fields) error {
	p := r.After
	at := names(p)
	for n, typed := range in.Names {
		name := at[n]
		if name == nil {
			return errs.NotFound(n.Of)
		}
		lines := []string{viet.NFC(typed)}
		if n.Of == "aliases" {
			lines = aliases(typed)
		}
		text := strings.Join(lines, "\n")
		if text == *name {
			continue
		}
		if text == "" && n.Lang == "vi" {
			f.Add(n.Field(), "required")
		}
		for _, line := range lines {
			if most := mostOf(n); utf8.RuneCountInString(line) > most {
				f.Add(n.Field(), "too_long", errs.Params{"n": most})
				break
			}
		}
		*name = text
	}
	r.keepNames(f)
	was := names(r.Plan)
	for n, name := range at {
		if *name == *was[n] {
			continue
		}
		what := n.Of
		if n.Code == "" {
			what = n.Field()
		}
		r.Said = append(r.Said, Said{what, listed(*was[n]), listed(*name), n.Code})
	}
	slices.SortFunc(r.Said, func(a, b Said) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Before.(string), b.Before.(string)), cmp.Compare(a.Code, b.Code), cmp.Compare(a.After.(string), b.After.(string)))
	})
	if in.First != nil && *in.First != p.FromDay {
		r.Said = append(r.Said, Said{What: "first", Before: p.FromDay, After: *in.First})
		p.FromDay, r.Moved = *in.First, true
	}
	if in.Last != nil && *in.Last != p.ToDay-1 {
		r.Said = append(r.Said, Said{What: "last", Before: p.ToDay - 1, After: *in.Last})
		p.ToDay, r.Moved = *in.Last+1, true
	}
	if r.Moved {
		checkPeriod(f, p.FromDay, p.ToDay-1)
		if p.Root.ToDay <= p.FromDay || p.Root.FromDay >= p.ToDay {
			f.Add("first", "plan_root_period", errs.Params{"name": p.Root.Name})
		}
	}
	return r.sayLead(db, in.Lead, f)
}

// mostOf is how long a name may be.
func mostOf(n Name) int {
	switch n.Of {
	case "decision", "component":
		return maxShort
	case "topic":
		return maxTopic
	case "short":
		return maxGroupName
	}
	return maxName
}

func (r *Rules) sayLead(db *gorm.DB, code *string, f *errs.Fields) error {
	if code == nil {
		return nil
	}
	p := r.After
	var was, is models.Organisation
	if p.LeadID != nil {
		if err := db.Take(&was, *p.LeadID).Error; err != nil {
			return err
		}
	}
	switch typed := strings.TrimSpace(*code); {
	case typed == was.Code:
		return nil
	case typed == "":
		p.LeadID = nil
	default:
		err := db.Scopes(store.Code("code", typed)).Take(&is).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			f.Add("lead", "organisation_unknown")
			return nil
		}
		if err != nil {
			return err
		}
		if !strings.HasPrefix(is.Path, p.Root.Path) || is.ToDay <= p.FromDay || is.FromDay >= p.ToDay {
			f.Add("lead", "plan_lead", errs.Params{"name": is.Name})
		}
		p.LeadID = &is.ID
	}
	r.Said = append(r.Said, Said{What: "lead", Before: was.Name, After: is.Name})
	return nil
}

// saveSaid writes the names of parts, and says for the audit what became another.
func saveSaid(tx *store.Tx, r *Rules) (said []string, err error) {
	for i, c := range r.After.Components {
		if was := r.Plan.Components[i]; c.NameVi != was.NameVi || c.NameEn != was.NameEn {
			err = cmp.Or(err, tx.Model(&models.PlanComponent{}).Where("plan_id = ? AND component = ?", c.PlanID, c.Component).Updates(map[string]any{"name_vi": c.NameVi, "name_en": c.NameEn}).Error)
		}
	}
	for i, g := range r.After.Groups {
		if was := r.Plan.Groups[i]; g.NameVi != was.NameVi || g.NameEn != was.NameEn || g.ShortVi != was.ShortVi || g.ShortEn != was.ShortEn || g.Aliases != was.Aliases {
			err = cmp.Or(err, tx.Model(&models.TargetGroup{}).Where("id = ?", g.ID).Updates(map[string]any{"name_vi": g.NameVi, "name_en": g.NameEn, "short_vi": g.ShortVi, "short_en": g.ShortEn, "aliases": g.Aliases}).Error)
		}
	}
	for i, t := range r.After.Topics {
		if was := r.Plan.Topics[i]; t.NameVi != was.NameVi || t.NameEn != was.NameEn {
			err = cmp.Or(err, tx.Model(&models.Topic{}).Where("id = ?", t.ID).Updates(map[string]any{"name_vi": t.NameVi, "name_en": t.NameEn}).Error)
		}
	}
	for _, x := range r.Said {
		said = append(said, text(x.Before)+" → "+text(x.After))
	}
	return said, err
}

// text writes what was said, "–" for nothing.
func text(v any) string {
	if day, ok := v.(models.Day); ok {
		return day.String()
	}
	return cmp.Or(v.(string), "–")
}

// outside counts what lies in the one period and not in the other.
func outside(db *gorm.DB, before, after *plan.Plan) (o Outside, err error) {
	err = db.Model(&models.Course{}).Where("plan_id = ? AND state <> ? AND (first_day < ? OR last_day >= ?)", before.ID, models.CourseCancelled, after.FromDay, after.ToDay).Count(&o.Courses).Error
	count := func(in, out *plan.Plan, n *int64) {
		err = cmp.Or(err, db.Model(&models.Completion{}).Where("voided_at IS NULL AND effective_day >= ? AND effective_day < ? AND NOT (effective_day >= ? AND effective_day < ?)",
			in.FromDay, in.ToDay, out.FromDay, out.ToDay).Count(n).Error)
	}
	count(before, after, &o.Lost)
	count(after, before, &o.Gained)
	return o, err
}
