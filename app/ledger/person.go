package ledger

import (
	"slices"

	"taphuan/app/plan"
	"taphuan/models"
)

// office is what an organisation brings to figures.
type office struct {
	models.Organisation
	above []uint64 // ids of the organisations above it
}

// lists says whether the organisation has a roster.
func (o *office) lists() bool { return !o.CountsOnly && !o.Kind.IsTotal() }

// posting is a posting as far as figures depend on it.
type posting struct {
	at     *office
	days   span
	main   bool
	groups []uint64
}

// completion is a completion that is not voided.
type completion struct {
	day        models.Day
	recognised bool
	components models.Components
}

// person is all that a cadre brings to figures.
type person struct {
	postings    []posting
	completions []completion
}

// contribute gives what the person adds to the rosters and the covered of each organisation and group, to each of the plans.
func (p *person) contribute(plans []*plan.Plan, add func(entry, Sum)) {
	if len(p.postings) == 0 {
		return
	}
	for _, pl := range plans {
		period := span{pl.FromDay, pl.ToDay}
		var covered, own spans
		known := false
		for i := range pl.Groups {
			g := pl.Groups[i].ID
			in := p.in(g)
			if len(in) == 0 {
				continue
			}
			if !known {
				covered, own, known = p.covered(pl, false), p.covered(pl, true), true
			}
			for _, at := range p.postings {
				if !at.main || !at.at.lists() {
					continue
				}
				days := span{max(at.days.from, at.at.FromDay, period.from), min(at.days.to, at.at.ToDay, period.to)}
				if days.from >= days.to {
					continue
				}
				roster := spans{days}.and(in)
				e := entry{place: place{at.at.ID, g}}
				put(add, e, roster, period, Sum{Roster: 1})
				put(add, e, roster.and(covered), period, Sum{Covered: 1, Recognised: 1})
				put(add, e, roster.and(own), period, Sum{Recognised: -1})
				for _, s := range covered { // it ends where something expires
					if e.day = s.to; e.day < period.to && roster.hold(e.day) {
						add(e, Sum{Lapsed: 1})
					}
				}
			}
		}
	}
}

// put adds a sum on the first day of each span, and takes it away on the day after the last. Nothing happens after the period.
func put(add func(entry, Sum), e entry, days spans, period span, s Sum) {
	for _, d := range days {
		e.day = d.from
		add(e, s)
		if d.to < period.to {
			e.day = d.to
			add(e, Sum{}.minus(s))
		}
	}
}

// in gives the days on which the person has the group, by the main posting or a concurrent one. A posting ends at the latest when its
// organisation does.
func (p *person) in(group uint64) spans {
	var all []span
	for _, x := range p.postings {
		if slices.Contains(x.groups, group) {
			all = append(all, span{x.days.from, min(x.days.to, x.at.ToDay)})
		}
	}
	return joined(all)
}

// covered gives the days on which the person has each component that the plan requires; with own, by courses of our own.
func (p *person) covered(pl *plan.Plan, own bool) spans {
	days := spans{{pl.FromDay, pl.ToDay}}
	for _, c := range pl.Components {
		var all []span
		for _, x := range p.completions {
			if pl.Covers(x.day) && (!own || !x.recognised) && x.components.Has(c.Component) {
				all = append(all, span{x.day, plan.Expiry(x.day, c.ExpiresMonths)})
			}
		}
		if days = days.and(joined(all)); len(days) == 0 {
			return nil
		}
	}
	return days
}
