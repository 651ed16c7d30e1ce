package coverage

import (
	"context"
	"maps"
	"slices"

	"taphuan/app/plan"
	"taphuan/app/roster"
	"taphuan/models"
)

// Change is a figure that a change of postings changes.
type Change struct {
	Organisation  models.Organisation // with everything below it
	Group         models.TargetGroup
	Day           models.Day
	Before, After Figure
}

// PostingsOf gives a history's postings as the definition sees them.
func PostingsOf(ps []roster.HistoryPosting) []Posting {
	out := make([]Posting, len(ps))
	for i, p := range ps {
		out[i] = Posting{CadreID: p.CadreID, OrganisationID: p.OrganisationID, From: p.FromDay, To: p.ToDay, Main: p.Main, Groups: p.Groups}
	}
	return out
}

// Effect says which figures change when cadres have the postings after in place of those before, all that they have: of each
// organisation at which one of them has a main posting, today and at each year's end within the plan, by organisation, day and
// group. The definition works out both sides, from the same facts. Nothing is written, and postings need not be stored. A cadre
// who is not stored yet has the id 0.
func (s *Service) Effect(ctx context.Context, before, after []Posting) ([]Change, error) {
	db := s.DB.Read(ctx)
	today := models.DayOf(s.DB.Time())
	p, err := plan.Current(ctx, db, today)
	if err != nil {
		return nil, err
	}
	days := effectDays(p, today, before, after)
	cadres, places := map[uint64]bool{}, map[uint64]bool{}
	for _, x := range slices.Concat(before, after) {
		cadres[x.CadreID] = true
		if x.Main {
			places[x.OrganisationID] = true
		}
	}
	if len(days) == 0 || len(places) == 0 {
		return nil, nil
	}
	var orgs []models.Organisation
	if err := db.Where("id IN ?", slices.Sorted(maps.Keys(places))).Order("path").Find(&orgs).Error; err != nil {
		return nil, err
	}
	var out []Change
	for _, o := range orgs {
		a := &asked{db: db, sqls: dialect(s.DB.Dialect), plan: p, top: o, day: days[len(days)-1]}
		f, err := a.facts(days[0])
		if err != nil {
			return nil, err
		}
		f.Completions = slices.DeleteFunc(f.Completions, func(c Completion) bool { return cadres[c.CadreID] })
		if err := a.readCompletions(&f, func(w *sqlWriter) { w.add(" AND co.cadre_id IN ?", slices.Sorted(maps.Keys(cadres))) }); err != nil {
			return nil, err
		}
		others := slices.DeleteFunc(f.Postings, func(x Posting) bool { return cadres[x.CadreID] })
		changes, err := f.changes(o, days, slices.Concat(others, before), slices.Concat(others, after))
		if err != nil {
			return nil, err
		}
		out = append(out, changes...)
	}
	return out, nil
}

// changes compares the figures of an organisation by two states of the postings.
func (f Facts) changes(o models.Organisation, days []models.Day, before, after []Posting) ([]Change, error) {
	var out []Change
	for _, day := range days {
		if !o.ExistsOn(day) {
			continue
		}
		f.Postings = before
		was, err := f.On(o.ID, day)
		if err != nil {
			return nil, err
		}
		f.Postings = after
		is, err := f.On(o.ID, day)
		if err != nil {
			return nil, err
		}
		for i, g := range f.Plan.Groups {
			b, a := was.Top().Figures[i], is.Top().Figures[i]
			if b.Roster != a.Roster || b.Denominator != a.Denominator || b.Covered != a.Covered || b.Unreported != a.Unreported {
				out = append(out, Change{o, g, day, b, a})
			}
		}
	}
	return out, nil
}

// effectDays are today and the last days of the plan's years, in order, as far as the two states of the postings differ on them.
func effectDays(p *plan.Plan, today models.Day, before, after []Posting) []models.Day {
	days := map[models.Day]bool{today: p.Covers(today)}
	for y := p.FromDay.Year(); y <= p.ToDay.Year(); y++ {
		day := models.NewDay(y, 12, 31)
		days[day] = p.Covers(day)
	}
	on := func(ps []Posting, day models.Day) (out []Posting) {
		for _, x := range ps {
			if x.From <= day && day < x.To {
				x.From, x.To = 0, 0
				out = append(out, x)
			}
		}
		return out
	}
	same := func(x, y Posting) bool {
		return x.CadreID == y.CadreID && x.OrganisationID == y.OrganisationID && x.Main == y.Main && slices.Equal(x.Groups, y.Groups)
	}
	maps.DeleteFunc(days, func(day models.Day, covered bool) bool {
		return !covered || slices.EqualFunc(on(before, day), on(after, day), same)
	})
	return slices.Sorted(maps.Keys(days))
}
