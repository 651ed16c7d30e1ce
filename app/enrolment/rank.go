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

	Before      int // Rank's: of the same office and group, how many stand before who would become covered
	short, band int // of the gap that those leave: persons, and points in steps of ten
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
		return cmp.Or(cmp.Compare(a.Office, b.Office), cmp.Compare(a.Group, b.Group), compareBool(a.Held, b.Held), cmp.Compare(a.Benefit, b.Benefit), cmp.Compare(a.Name, b.Name), cmp.Compare(a.CadreID, b.CadreID))
	})
	before := 0 // of the same office and group, who would become covered
	for i := range list {
		x := &list[i]
		if i > 0 && (x.Office != list[i-1].Office || x.Group != list[i-1].Group) {
			before = 0
		}
		if x.short, x.band = 0, 0; x.Benefit != BringsNothing {
			x.Before = before
			left := x.Gap.after(before)
			x.short, x.band = left.Persons(), left.Points()/10
		}
		if x.Benefit == Completes && !x.Held {
			before++
		}
	}
	slices.SortFunc(list, func(a, b Standing) int {
		return cmp.Or(compareBool(a.Benefit == BringsNothing, b.Benefit == BringsNothing), cmp.Compare(b.short, a.short), cmp.Compare(b.band, a.band), cmp.Compare(a.Near, b.Near),
			cmp.Compare(a.Benefit, b.Benefit), compareBool(a.Held, b.Held), cmp.Compare(b.Gap.Missing(), a.Gap.Missing()), cmp.Compare(a.Name, b.Name), cmp.Compare(a.CadreID, b.CadreID))
	})
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
