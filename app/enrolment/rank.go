package enrolment

import (
	"cmp"
	"slices"

	"taphuan/app/coverage"
)

// Nearness says how near an office lies to a course's venue.
type Nearness int

// The steps of nearness: in the venue's commune, in its (former) district, elsewhere or nobody knows.
const (
	SameCommune Nearness = iota
	SameArea
	Elsewhere
)

// Benefit is what a course does for somebody.
type Benefit int

// The benefits: afterwards nothing is lacking, something still is, or the course brings nothing that was lacking.
const (
	Completes Benefit = iota
	Helps
	BringsNothing
)

// Gap is how far an organisation is from the target of a group.
type Gap struct {
	coverage.Figure
	Target int // percent
}

// Persons is how many more must be covered to meet the target.
func (g Gap) Persons() int { return g.ToTarget(g.Target) }

// Percent is covered of the denominator, for pages; nil with denominator 0.
func (g Gap) Percent() *float64 {
	p := g.Figure.Percent()
	if p == nil {
		return nil
	}
	f := p.Float()
	return &f
}

// TargetPercent is the target, for pages.
func (g Gap) TargetPercent() float64 { return float64(g.Target) }

// Points is how many percentage points are short of the target, rounded up, so that 0 means that it is met.
func (g Gap) Points() int {
	if g.Denominator == 0 {
		return 0
	}
	return max((g.Target*g.Denominator-100*g.Covered+g.Denominator-1)/g.Denominator, 0)
}

// after is the gap once n more are covered.
func (g Gap) after(n int) Gap {
	g.Covered = min(g.Covered+n, g.Denominator)
	return g
}

// Standing is what somebody's place among the suggested follows from.
type Standing struct {
	CadreID uint64
	Office  uint64 // organisation of the main posting
	Group   uint64 // the one of the course's groups in which the office's gap is widest; 0 for none
	Gap     Gap    // of the office in that group
	Near    Nearness
	Benefit Benefit
	Held    bool // has a clash, or withdrew or was refused before: not taken unless chosen by name
	Name    int  // place in the order of given names

	Before int // Rank's: of the same office and group, how many stand before who would become covered
}

// Rank puts people in the order in which they should come:
//
//  1. those whom the course brings something before those whom it does not;
//  2. who comes from the office that lacks more persons to its target, then more percentage points (in steps of ten); each of an office who
//     would become covered narrows its gap for the next, so that a course does not fill with one office;
//  3. who is nearer to the venue;
//  4. who would become covered by this course before who would still lack something;
//  5. who comes from the office in which more are missing, then by given name.
//
// Of equals, and within an office, people who are held stand behind the others. The order is the same for the same people, however they came.
func Rank(list []Standing) {
	slices.SortFunc(list, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.CadreID, b.CadreID))
	})
	type seat struct{ office, group uint64 }
	before := map[seat]int{} // of the same office and group, who would become covered
	for i := range list {
		if x := &list[i]; x.Benefit == Completes && !x.Held {
			x.Before = before[seat{x.Office, x.Group}]
			before[seat{x.Office, x.Group}]++
		}
	}
	type place struct {
		key uint64
		at  int
	}
	places := make([]place, len(list))
	for i := range list {
		x := &list[i]
		switch {
		case x.Benefit == BringsNothing:
			x.Before = 0
		case x.Benefit != Completes || x.Held:
			x.Before = before[seat{x.Office, x.Group}]
		}
		places[i] = place{x.key(), i}
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Compare(a.at, b.at)
	})
	ranked := make([]Standing, len(list))
	for i, p := range places {
		ranked[i] = list[p.at]
	}
	copy(list, ranked)
}

// key puts what people are compared by, all but the name, into one number, since there are many to compare: less comes first.
func (s *Standing) key() (key uint64) {
	add := func(n, bits int) { key = key<<bits | uint64(min(max(n, 0), 1<<bits-1)) }
	most := func(n, bits int) { add(1<<bits-1-n, bits) }
	short, band := 0, 0
	if s.Benefit == BringsNothing {
		add(1, 1)
	} else {
		add(0, 1)
		left := s.Gap.after(s.Before)
		short, band = left.Persons(), left.Points()/10
	}
	const persons = 24
	most(short, persons)
	most(band, 4)
	add(int(s.Near), 2)
	add(int(s.Benefit), 2)
	if s.Held {
		add(1, 1)
	} else {
		add(0, 1)
	}
	most(s.Gap.Missing(), persons)
	return key
}
