package ledger

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// Difference is a row of the ledger that is not what follows from the sources.
type Difference struct {
	OrganisationID, GroupID uint64
	Tier                    int
	Day                     models.Day
	Is, Should              Sum
}

// tierStanding is that of standings, which have a table of their own.
const tierStanding = 4

// Check posts what has been entered, computes every row of the ledgers that are kept anew from its sources and gives those that differ, and how many rows there should be. Nobody should write
// meanwhile; where somebody did, what they changed may be named.
func Check(ctx context.Context, db *store.DB) (differences []Difference, rows int, err error) {
	if err := Post(ctx, db); err != nil {
		return nil, 0, err
	}
	read := db.Read(ctx)
	all, err := plan.All(ctx, read)
	if err != nil {
		return nil, 0, err
	}
	var plans []*plan.Plan
	unkept := map[uint64]bool{}       // groups
	days := map[uint64][]models.Day{} // of standings, by group
	for _, p := range all {
		kept, err := Kept(read, p)
		if err != nil {
			return nil, 0, err
		}
		if kept {
			plans = append(plans, p)
			if err := readStandDays(read, p, days); err != nil {
				return nil, 0, err
			}
			continue
		}
		for _, g := range p.Groups {
			unkept[g.ID] = true
		}
	}
	type key struct {
		entry
		tier int
	}
	should := map[key]Sum{}
	if err := compute(read, plans, func(r row) error {
		should[key{r.entry, r.tier}] = r.Sum
		for _, d := range days[r.group] {
			if r.tier == tierOwn && r.day <= d {
				k := key{entry{r.place, d}, tierStanding}
				x := should[k]
				x.add(r.Sum)
				x.Lapsed = 0
				should[k] = x
			}
		}
		return nil
	}); err != nil {
		return nil, 0, err
	}
	rows = len(should)
	var k key
	var d int32
	var s Sum
	sql := "SELECT organisation_id, group_id, tier, " + dayNumber(read, "day") + " AS day, " + written + " FROM coverage_changes WHERE tier <> ? UNION ALL" +
		" SELECT COALESCE((SELECT o.id FROM organisations o WHERE o.path = s.path AND o.id = s.organisation_id), 0), group_id, ?, " + dayNumber(read, "day") + ", " + columns + ", 0 FROM coverage_standings s"
	err = store.Each(read.Raw(sql, tierLock, tierStanding), func() {
		k.day = models.Day(d)
		if unkept[k.group] || k.tier == tierStanding && !slices.Contains(days[k.group], k.day) {
			return
		}
		if want := should[k]; want != s {
			differences = append(differences, Difference{k.organisation, k.group, k.tier, k.day, s, want})
		}
		delete(should, k)
	}, append([]any{&k.organisation, &k.group, &k.tier, &d}, s.all()...)...)
	for k, want := range should {
		if want == (Sum{}) { // of a standing: who has nothing by then may be left out
			continue
		}
		differences = append(differences, Difference{k.organisation, k.group, k.tier, k.day, Sum{}, want})
	}
	slices.SortFunc(differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.OrganisationID, b.OrganisationID), cmp.Compare(a.GroupID, b.GroupID), cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Day, b.Day))
	})
	return differences, rows, err
}

// readStandDays notes, for the groups of a plan, of which days there are standings.
func readStandDays(db *gorm.DB, p *plan.Plan, days map[uint64][]models.Day) error {
	l, err := standsOn(db, p)
	for _, g := range p.Groups {
		days[g.ID] = standDays(p, l)
	}
	return err
}
