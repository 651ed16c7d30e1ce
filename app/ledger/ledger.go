// Package ledger keeps coverage as dated, signed changes, so that the figures of any day are a sum of rows and those of an organisation
// with everything below it need no look at who is below.
//
// The changes are written in the transaction of their cause, or entered there to be posted soon (entries.go): whoever changes what coverage depends on says so first (Cadres,
// Organisations, Headcount). What the people contributed before is read then, what they contribute after just before the commit, and the
// difference is written. Nobody has to say what a change means, and what was rolled back to a savepoint leaves nothing.
//
// Rows lie in tiers (docs/decisions/ledger.md): an organisation's own changes by day, and for each organisation above it the sum of those
// below, by day and by month. The figures of a day are then the months before it and the days of its month, whatever the number of cadres.
package ledger

import (
	"taphuan/models"
)

// Sum is what changes of a target group in one organisation on a day, or what such changes add up to. Unlike people, all its parts add
// up over organisations and days.
type Sum struct {
	Roster      int
	Covered     int
	Recognised  int // of the covered: who would not be without recognised training
	Denominator int
	Declared    int // sum of what is declared
	Declaring   int // organisations that have declared something: with none, Declared says nothing
	Unreported  int // organisations that should have cadres of the group and say nothing
	Lapsed      int // who have stopped being covered while they were listed, since something expired: as often as they did. Figures are read without it
}

func (s *Sum) add(t Sum) {
	s.Roster += t.Roster
	s.Covered += t.Covered
	s.Recognised += t.Recognised
	s.Denominator += t.Denominator
	s.Declared += t.Declared
	s.Declaring += t.Declaring
	s.Unreported += t.Unreported
	s.Lapsed += t.Lapsed
}

func (s Sum) minus(t Sum) Sum {
	return Sum{s.Roster - t.Roster, s.Covered - t.Covered, s.Recognised - t.Recognised, s.Denominator - t.Denominator, s.Declared - t.Declared,
		s.Declaring - t.Declaring, s.Unreported - t.Unreported, s.Lapsed - t.Lapsed}
}

// ofPeople is what lists of people bring of it.
func (s Sum) ofPeople() Sum {
	return Sum{Roster: s.Roster, Covered: s.Covered, Recognised: s.Recognised, Lapsed: s.Lapsed}
}

// columns of a sum in the table that figures are read from, in the order of the fields; and all of them.
const (
	columns = "roster, covered, recognised, denominator, declared, declaring, unreported"
	written = columns + ", lapsed"
)

func (s *Sum) fields() []any {
	return []any{&s.Roster, &s.Covered, &s.Recognised, &s.Denominator, &s.Declared, &s.Declaring, &s.Unreported}
}

func (s *Sum) all() []any { return append(s.fields(), &s.Lapsed) }

// The tiers of rows.
const (
	tierOwn    = 0 // of the organisation itself, by day
	tierBelow  = 1 // of all organisations below it, by day
	tierMonths = 2 // of all organisations below it, by month: the day is its first
	tierLock   = 3 // holds nothing: who settles an organisation's group holds this row
)

// lockDay is the day of rows of tierLock.
var lockDay = models.NewDay(1900, 1, 1)

// place is a target group in an organisation.
type place struct{ organisation, group uint64 }

// entry is where a change stands.
type entry struct {
	place
	day models.Day
}

// changes are sums by where they stand.
type changes map[entry]Sum

func (c changes) add(e entry, s Sum) {
	if s == (Sum{}) {
		return
	}
	x := c[e]
	if x.add(s); x == (Sum{}) {
		delete(c, e)
	} else {
		c[e] = x
	}
}

func monthOf(d models.Day) models.Day {
	y, m, _ := d.Date()
	return models.NewDay(y, m, 1)
}
