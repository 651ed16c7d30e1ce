package coverage_test

import (
	"math/big"
	"sort"
	"strings"
	"time"

	"taphuan/app/coverage"
	"taphuan/models"
)

// naive is the definition once more, read slowly and sentence by sentence from the domain's rules, with nothing shared with the
// product's own computation but the facts. It looks at every organisation, group and cadre for every figure.
type naive struct{ coverage.Facts }

func (n naive) organisation(id uint64) models.Organisation {
	for _, o := range n.Organisations {
		if o.ID == id {
			return o
		}
	}
	panic("no such organisation")
}

// parents gives an organisation and all those above it, by following parents.
func (n naive) parents(o models.Organisation) map[uint64]bool {
	seen := map[uint64]bool{o.ID: true}
	for o.ParentID != nil {
		o = n.organisation(*o.ParentID)
		seen[o.ID] = true
	}
	return seen
}

func exists(o models.Organisation, d models.Day) bool { return d >= o.FromDay && d < o.ToDay }

// "A posting counts on D if from <= D < to", and "ends at the latest when its organisation does".
func (n naive) counts(p coverage.Posting, d models.Day) bool {
	return p.From <= d && d < p.To && d < n.organisation(p.OrganisationID).ToDay
}

// "Concurrent postings add their groups to the cadre."
func (n naive) hasGroup(cadre, g uint64, d models.Day) bool {
	for _, p := range n.Postings {
		for _, x := range p.Groups {
			if p.CadreID == cadre && x == g && n.counts(p, d) {
				return true
			}
		}
	}
	return false
}

// "roster(o, G, D): cadres whose main posting on D is at o itself and who have G on D."
func (n naive) roster(o models.Organisation, g uint64, d models.Day) map[uint64]bool {
	in := map[uint64]bool{}
	if o.CountsOnly || o.Kind.IsTotal() {
		return in
	}
	for _, p := range n.Postings {
		if p.Main && p.OrganisationID == o.ID && n.counts(p, d) && n.hasGroup(p.CadreID, g, d) {
			in[p.CadreID] = true
		}
	}
	return in
}

// "the latest effective on or before D (of two for one day, the later recorded; none withdraws it)"
func (n naive) headcount(o models.Organisation, g uint64, d models.Day) (found models.Headcount, any bool) {
	if o.Kind.IsTotal() {
		return found, false
	}
	var all []models.Headcount
	for _, h := range n.Headcounts {
		if h.OrganisationID == o.ID && h.GroupID == g && h.EffectiveDay <= d {
			all = append(all, h)
		}
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if a.EffectiveDay != b.EffectiveDay {
			return a.EffectiveDay < b.EffectiveDay
		}
		return a.CreatedAt.Before(b.CreatedAt)
	})
	if len(all) == 0 || all[len(all)-1].Declared == nil {
		return found, false
	}
	return all[len(all)-1], true
}

// "A cadre is covered on D if each component that the plan requires has a completion that is not voided, dated within the plan's
// period, on or before D, and not expired on D."
func (n naive) covered(cadre uint64, d models.Day) bool {
	for _, need := range n.Plan.Components {
		has := false
		for _, c := range n.Completions {
			for _, x := range c.Components.List() {
				if c.CadreID != cadre || x != need.Component || c.Voided || c.Day > d || c.Day < n.Plan.FromDay || c.Day >= n.Plan.ToDay {
					continue
				}
				if need.ExpiresMonths != nil && d >= monthsLater(c.Day, *need.ExpiresMonths) {
					continue
				}
				has = true
			}
		}
		if !has {
			return false
		}
	}
	return true
}

func monthsLater(d models.Day, months int) models.Day {
	y, m, day := d.Date()
	for day > 28 && time.Date(y, m+time.Month(months), day, 0, 0, 0, 0, time.UTC).Day() != day {
		day--
	}
	t := time.Date(y, m+time.Month(months), day, 0, 0, 0, 0, time.UTC)
	return models.NewDay(t.Year(), t.Month(), t.Day())
}

func (n naive) should(o models.Organisation, g uint64, d models.Day) bool {
	for _, e := range n.Plan.Expected {
		if e.Kind == o.Kind && e.Level == o.Level && e.GroupID == g && e.FromDay <= d && d < e.ToDay {
			return true
		}
	}
	return false
}

// treeOrder walks from parents to children; siblings come in the order in which they were written.
func (n naive) treeOrder(top uint64) []models.Organisation {
	out := []models.Organisation{n.organisation(top)}
	for _, o := range n.Organisations {
		if o.ParentID != nil && *o.ParentID == top {
			out = append(out, n.treeOrder(o.ID)...)
		}
	}
	return out
}

func (n naive) rows(top uint64, d models.Day) []coverage.Row {
	var rows []coverage.Row
	for _, o := range n.treeOrder(top) {
		if !exists(o, d) {
			continue
		}
		for _, g := range n.Plan.Groups {
			rows = append(rows, n.row(o, g, d))
		}
	}
	return rows
}

func (n naive) row(top models.Organisation, g models.TargetGroup, d models.Day) coverage.Row {
	r := coverage.Row{Organisation: top.Code, Group: g.Code, TargetPercent: g.TargetPercent}
	for _, o := range n.Organisations {
		if !exists(o, d) || !n.parents(o)[top.ID] {
			continue
		}
		listed := n.roster(o, g.ID, d)
		h, any := n.headcount(o, g.ID, d)
		r.Roster += len(listed)
		own, got := len(listed), 0
		for cadre := range listed {
			if n.covered(cadre, d) {
				got++
			}
		}
		if any {
			own = max(own, *h.Declared)
			sum := *h.Declared
			if r.Declared != nil {
				sum += *r.Declared
			}
			r.Declared = &sum
			if o.CountsOnly && h.Covered != nil {
				got = min(own, *h.Covered)
			}
		}
		if !any && len(listed) == 0 && n.should(o, g.ID, d) {
			r.Unreported++
		}
		r.Denominator += own
		r.Covered += got
	}
	if r.Denominator > 0 {
		r.Percent = roundedDown(r.Covered, r.Denominator)
		met := big.NewRat(int64(r.Covered)*100, int64(r.Denominator)).Cmp(big.NewRat(int64(g.TargetPercent), 1)) >= 0
		r.Met = &met
	}
	return r
}

// roundedDown works with the decimal text of the exact fraction, cut off after the first decimal.
func roundedDown(covered, denominator int) *coverage.Percent {
	text := new(big.Rat).SetFrac64(int64(covered)*100, int64(denominator)).FloatString(40)
	whole, part, _ := strings.Cut(text, ".")
	tenths, ok := new(big.Int).SetString(whole+part[:1], 10)
	if !ok {
		panic(text)
	}
	p := coverage.Percent(tenths.Int64())
	return &p
}
