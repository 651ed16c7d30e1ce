package ledger

import (
	"maps"
	"slices"

	"taphuan/app/plan"
	"taphuan/models"
)

// settled gives the changes of a group in one organisation itself, as they follow from the changes of its roster (what is of
// people in own, by day) and from what it declared, in the order of declaring: max() of roster and declaration does not add up over
// time, so this is made anew over the whole of the plan's period.
func settled(p *plan.Plan, o *office, group uint64, own map[models.Day]Sum, declared []models.Headcount) map[models.Day]Sum {
	out := map[models.Day]Sum{}
	if o.Kind.IsTotal() {
		return out
	}
	days := map[models.Day]bool{p.FromDay: true, o.FromDay: true, o.ToDay: true}
	for d := range own {
		days[d] = true
	}
	for _, h := range declared {
		days[h.EffectiveDay] = true
	}
	for _, e := range p.Expected {
		days[e.FromDay], days[e.ToDay] = true, true
	}
	var before, people Sum
	for _, d := range slices.Sorted(maps.Keys(days)) {
		people.add(own[d].ofPeople())
		day := max(d, p.FromDay)
		if day >= p.ToDay {
			break
		}
		now := standing(p, o, group, people, inForce(declared, day), day)
		x := out[day]
		if x.add(now.minus(before)); x == (Sum{}) {
			delete(out, day)
		} else {
			out[day] = x
		}
		before = now
	}
	return out
}

// standing gives the figures of a group in one organisation itself on a day.
func standing(p *plan.Plan, o *office, group uint64, people Sum, h *models.Headcount, day models.Day) Sum {
	if !o.ExistsOn(day) {
		return Sum{Lapsed: people.Lapsed} // what has happened stays
	}
	s := people
	if o.CountsOnly {
		s = Sum{Lapsed: people.Lapsed}
	}
	s.Denominator = s.Roster
	switch {
	case h != nil && h.Declared != nil:
		s.Declared, s.Declaring = *h.Declared, 1
		s.Denominator = max(s.Roster, s.Declared)
		if o.CountsOnly && h.Covered != nil {
			s.Covered = min(*h.Covered, *h.Declared)
		}
	case s.Roster == 0 && p.Expects(o.Organisation, group, day):
		s.Unreported = 1
	}
	return s
}

// inForce gives what was declared last on or before the day, of two for one day the later recorded; declared is in the order of declaring.
func inForce(declared []models.Headcount, day models.Day) *models.Headcount {
	var last *models.Headcount
	for i := range declared {
		if h := &declared[i]; h.EffectiveDay <= day && (last == nil || h.EffectiveDay >= last.EffectiveDay) {
			last = h
		}
	}
	return last
}
