package proposal

import (
	"cmp"
	"maps"
	"slices"

	"taphuan/app/errs"
	"taphuan/app/proposal/siting"
	"taphuan/models"
)

// find works out the options: with the fewest days, with the least travel, and between the two where they differ by more than one class. It
// refuses where nobody has to be invited ("proposal_target_met") or can be ("proposal_nobody"), where all rooms are too small
// ("proposal_rooms_small") or there are too few people for a class ("proposal_least_many"), and what is too large to be worked out
// ("proposal_too_large").
func (w *world) find() (Found, error) {
	f := w.found
	wanted, asked, unnamed := 0, 0, 0
	for _, g := range f.Goals {
		wanted, asked, unnamed = wanted+g.Wanted, asked+g.Asked, unnamed+g.Unnamed()
	}
	p, in := w.problem()
	switch {
	case wanted == 0:
		return f, errs.OnField("groups", "proposal_target_met")
	case asked == 0:
		return f, errs.OnField("groups", "proposal_nobody", errs.Params{"missing": f.Missing, "provided": f.Provided, "away": f.Away, "useless": f.Useless, "unnamed": unnamed})
	case slices.Max(p.Seats) < w.ask.Least:
		return f, errs.OnField("rooms", "proposal_rooms_small", errs.Params{"n": w.ask.Least})
	case len(w.people) < w.ask.Least:
		return f, errs.OnField("least", "proposal_least_many", errs.Params{"n": len(w.people)})
	case p.Size() > siting.MaxSize:
		return f, errs.OnField("organisation", "proposal_too_large")
	}
	most := w.ask.classes()
	fewest, bound, err := w.enough(p, &f, most)
	if err != nil {
		return f, err
	}
	answers := travel(p, fewest, max(fewest, min(most, len(w.people)/w.ask.Least)))
	if len(answers) == 0 {
		return f, errs.OnField("least", "proposal_least_many", errs.Params{"n": len(w.people)})
	}
	for i, a := range answers {
		o := w.option(p, in, a)
		o.Fewest = bound
		switch {
		case i == 0:
			o.Aim = FewestDays
		case i == len(answers)-1:
			o.Aim = LeastTravel
		default:
			o.Aim = Between
		}
		f.Options = append(f.Options, o)
	}
	return f, nil
}

// enough gives the fewest classes for what is asked, or for the largest share of it that so many classes can take, and notes that share.
func (w *world) enough(p *siting.Problem, f *Found, most int) (fewest, bound int, err error) {
	f.Share = 1000
	if fewest, bound, ok := p.Fewest(most); ok {
		return fewest, bound, nil
	}
	if n, _, ok := p.Fewest(maxProposal); ok {
		f.Enough = n * w.ask.Each
	}
	asked := slices.Clone(p.Need)
	share := func(mille int) (ok bool) {
		for i, n := range asked {
			p.Need[i] = n * mille / 1000
		}
		fewest, bound, ok = p.Fewest(most)
		return ok && slices.Max(p.Need) > 0
	}
	low, high := 0, 1000 // enough, and too much
	for low+1 < high {
		if mid := (low + high) / 2; share(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	if !share(low) {
		return 0, 0, errs.OnField("least", "proposal_least_many", errs.Params{"n": len(w.people)})
	}
	f.Share = low
	for i := range f.Goals {
		f.Goals[i].Asked = p.Need[i]
	}
	return fewest, bound, nil
}

// travel gives answers with the fewest classes, with as many as make the least travel, and with a number between.
func travel(p *siting.Problem, fewest, most int) []siting.Answer {
	first, ok := p.Travel(fewest)
	if !ok {
		return nil
	}
	out := []siting.Answer{first}
	if most <= fewest {
		return out
	}
	last, _ := p.Travel(most, first)
	if last.Held() <= first.Held() || last.Km >= first.Km {
		return out
	}
	if n := (first.Held() + last.Held()) / 2; n > first.Held() {
		if middle, _ := p.Travel(n, first); middle.Km < first.Km && middle.Held() > first.Held() && middle.Held() < last.Held() {
			out = append(out, middle)
		}
	}
	return append(out, last)
}

// option turns an answer into classes with people, rooms and days.
func (w *world) option(p *siting.Problem, in [][]person, a siting.Answer) Option {
	o := Option{Km: a.Km, Bound: a.Bound, Invited: make([]int, len(w.groups))}
	next := make([]int, len(in)) // by cell: who has a class already
	cal := &calendar{ask: w.ask, taken: clone(w.booked), classes: map[models.Day]int{}}
	for s, area := range w.sites {
		if a.Classes[s] == 0 {
			continue
		}
		var here []person
		for c := range in {
			n := a.Send[c][s]
			here = append(here, in[c][next[c]:next[c]+n]...)
			next[c] += n
		}
		for i := range a.Classes[s] {
			some := here[len(here)*i/a.Classes[s] : len(here)*(i+1)/a.Classes[s]]
			o.Classes = append(o.Classes, w.class(cal, area, some, &o))
		}
	}
	slices.SortStableFunc(o.Classes, func(a, b Class) int { return cmp.Compare(firstDay(a), firstDay(b)) })
	return o
}

// class is a class in an area with its people, in the smallest room that holds them and is free first.
func (w *world) class(cal *calendar, area uint64, people []person, o *Option) Class {
	var c Class
	large := slices.DeleteFunc(slices.Clone(w.rooms[area]), func(r room) bool { return r.Capacity < len(people) })
	r, days, ok := cal.place(large)
	if !ok {
		r = large[0]
	}
	c.Venue, c.Place, c.Room, c.Name, c.Seats, c.Days = r.VenueID, r.Venue.Words(), r.ID, r.Name, r.Capacity, days
	day := w.ask.From
	if len(days) > 0 {
		day = days[0]
	}
	if there := w.organisations[area]; there.ExistsOn(day) {
		c.Area = there.Name
	} else if r.Venue.OrganisationID != nil {
		c.Area = w.organisations[*r.Venue.OrganisationID].Commune()
	}
	groups, from := make([]int, len(w.groups)), make([][]uint64, len(w.areas))
	for _, x := range people {
		c.People = append(c.People, x.id)
		from[x.area] = append(from[x.area], x.office)
		for i := range groups {
			groups[i] += int(x.groups >> i & 1)
		}
	}
	for i, n := range groups {
		if o.Invited[i] += n; n > 0 {
			c.Groups = append(c.Groups, Count{w.groups[i].Code, n})
		}
	}
	for i, offices := range from {
		if len(offices) > 0 {
			x := w.origin(w.organisations[w.areas[i]], offices, day)
			x.Km = Km(w.organisations[w.areas[i]], w.organisations[area])
			c.From = append(c.From, x)
			o.Far = max(o.Far, x.Km)
		}
	}
	slices.SortStableFunc(c.From, func(a, b Origin) int { return cmp.Compare(a.Km, b.Km) })
	return c
}

// origin says from where in an area people of these offices, one for each, come on the day.
func (w *world) origin(area models.Organisation, offices []uint64, day models.Day) Origin {
	x := Origin{N: len(offices)}
	if area.ExistsOn(day) || area.ID == 0 {
		x.Area = area.Name
		return x
	}
	people := map[string]int{}
	for _, id := range offices {
		people[w.organisations[id].Commune()]++
	}
	x.Offices = people[""]
	delete(people, "")
	x.Communes = slices.SortedFunc(maps.Keys(people), func(a, b string) int { return cmp.Or(cmp.Compare(people[b], people[a]), cmp.Compare(a, b)) })
	return x
}
