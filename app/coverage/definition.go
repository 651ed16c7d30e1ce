// Package coverage answers what the plan is judged by: how many of the cadres that should be covered are, for any organisation,
// target group and day, and who is still missing.
//
// This file is the definition itself, over plain facts and without a database. query.go asks the same of the database, a bounded
// number of statements whatever the size; both end in the same fold up the tree (fold.go), and tests hold them to each other.
package coverage

import (
	"slices"

	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/models"
)

// Posting is a cadre at an organisation, as the definition sees it.
type Posting struct {
	CadreID        uint64
	OrganisationID uint64
	LineID         uint64     // the organisation of its professional line, 0 for none
	From, To       models.Day // [From, To)
	Main           bool       // false: concurrent
	Groups         []uint64
}

// Completion is training that a cadre has completed, as the definition sees it.
type Completion struct {
	CadreID    uint64
	Day        models.Day // of the last day of the course
	Voided     bool
	Recognised bool // training held by another body
	Components models.Components
}

// Facts are everything that coverage depends on.
type Facts struct {
	Plan          *plan.Plan
	Organisations []models.Organisation
	Postings      []Posting
	Headcounts    []models.Headcount
	Completions   []Completion
}

// On works out the figures of an organisation and of every organisation below it that exists on the day, each with every group.
// It refuses an organisation that is not among the facts with not_found, and days with day_outside_plan and
// day_outside_organisation.
func (f Facts) On(organisationID uint64, day models.Day) (*Report, error) {
	top, err := f.top(organisationID, day)
	if err != nil {
		return nil, err
	}
	var below []models.Organisation
	for _, o := range f.Organisations {
		if o.ExistsOn(day) && isAtOrBelow(o.Path, top.Path) {
			below = append(below, o)
		}
	}
	slices.SortFunc(below, byPath)
	r := newReport(f.Plan, day, below)

	counting, completions := f.counting(day), f.completed()
	extra := map[uint64][]uint64{} // groups from concurrent postings
	for _, p := range counting {
		if !p.Main {
			extra[p.CadreID] = append(extra[p.CadreID], p.Groups...)
		}
	}
	for _, p := range counting {
		if !p.Main {
			continue
		}
		covered, recognised := 0, 0
		if own := completions[p.CadreID]; len(Lacks(f.Plan, own, day)) == 0 {
			covered = 1
			if len(Lacks(f.Plan, withoutRecognised(own), day)) > 0 {
				recognised = 1
			}
		}
		groups := append(slices.Clone(p.Groups), extra[p.CadreID]...)
		slices.Sort(groups)
		for _, g := range slices.Compact(groups) {
			r.listed(p.OrganisationID, g, 1, covered)
			r.recognised(p.OrganisationID, g, recognised)
		}
	}
	for _, h := range latest(f.Headcounts, day) {
		r.declared(h)
	}
	r.fold()
	return r, nil
}

// top finds the organisation that is asked about, and refuses as On does.
func (f Facts) top(id uint64, day models.Day) (models.Organisation, error) {
	i := slices.IndexFunc(f.Organisations, func(o models.Organisation) bool { return o.ID == id })
	if i < 0 {
		return models.Organisation{}, errs.NotFound("organisation")
	}
	return f.Organisations[i], checkDay(f.Plan, f.Organisations[i], day)
}

// counting gives the postings that count on the day. A posting ends at the latest when its organisation does.
func (f Facts) counting(day models.Day) []Posting {
	ends := map[uint64]models.Day{}
	for _, o := range f.Organisations {
		ends[o.ID] = o.ToDay
	}
	var out []Posting
	for _, p := range f.Postings {
		if p.From <= day && day < min(p.To, ends[p.OrganisationID]) {
			out = append(out, p)
		}
	}
	return out
}

// completed gives the completions of each cadre.
func (f Facts) completed() map[uint64][]Completion {
	out := map[uint64][]Completion{}
	for _, c := range f.Completions {
		out[c.CadreID] = append(out[c.CadreID], c)
	}
	return out
}

// Lacks gives the components that the plan requires and that none of a cadre's completions brings on the day, in the plan's
// order. A cadre who lacks none is covered.
func Lacks(p *plan.Plan, completions []Completion, day models.Day) []models.Component {
	var lacks []models.Component
	for _, c := range p.Components {
		if !slices.ContainsFunc(completions, func(x Completion) bool { return brings(p, x, c, day) }) {
			lacks = append(lacks, c.Component)
		}
	}
	return lacks
}

// withoutRecognised leaves what was completed in courses of our own.
func withoutRecognised(completions []Completion) []Completion {
	return slices.DeleteFunc(slices.Clone(completions), func(c Completion) bool { return c.Recognised })
}

// brings says whether a completion brings the component on the day: not voided, dated within the plan's period and on or before
// the day, and not yet expired.
func brings(p *plan.Plan, x Completion, c models.PlanComponent, day models.Day) bool {
	return !x.Voided && p.Covers(x.Day) && x.Day <= day && day < plan.Expiry(x.Day, c.ExpiresMonths) && x.Components.Has(c.Component)
}

// latest gives, for each organisation and group, what was declared last on or before the day; of two for one day the later recorded.
func latest(all []models.Headcount, day models.Day) []models.Headcount {
	type key struct{ organisation, group uint64 }
	last := map[key]models.Headcount{}
	for _, h := range all {
		k := key{h.OrganisationID, h.GroupID}
		if old, ok := last[k]; h.EffectiveDay <= day && (!ok || laterDeclared(h, old)) {
			last[k] = h
		}
	}
	out := make([]models.Headcount, 0, len(last))
	for _, h := range last {
		out = append(out, h)
	}
	return out
}

func laterDeclared(a, b models.Headcount) bool {
	if a.EffectiveDay != b.EffectiveDay {
		return a.EffectiveDay > b.EffectiveDay
	}
	if !a.CreatedAt.Equal(b.CreatedAt) {
		return a.CreatedAt.After(b.CreatedAt)
	}
	return a.ID > b.ID
}

// checkDay refuses days outside the plan and days on which the organisation does not exist.
func checkDay(p *plan.Plan, o models.Organisation, day models.Day) error {
	if !p.Covers(day) {
		return errs.Invalid("day_outside_plan", errs.Params{"day": day, "from": p.FromDay, "to": p.ToDay.AddDays(-1)})
	}
	if !o.ExistsOn(day) {
		return errs.Invalid("day_outside_organisation", errs.Params{"day": day, "name": o.Name})
	}
	return nil
}
