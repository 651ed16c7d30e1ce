package ledger

import (
	"maps"
	"slices"
	"sync"

	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// book is what a transaction writes into the ledger at its end.
type book struct {
	tx       *store.Tx
	plans    []*plan.Plan    // whose ledgers are kept
	touched  map[uint64]bool // cadres
	moved    map[uint64]bool // those of them whose postings may change
	settle   map[place]bool
	offices  map[uint64]bool       // every group of theirs is to be settled
	counted  map[uint64]bool       // organisations that gave counts only before
	changes  changes               // of rosters and of who is covered
	standsOn map[uint64]models.Day // by plan
	posts    bool                  // what has been entered is posted, whatever else there is

	posted map[uint64]*person // postings as they were when the cadre was touched
	known  map[uint64]*office // organisations as they are read
}

type bookKey struct{}

// open gives the book of the transaction. No ledger is built anew while one is open.
func open(tx *store.Tx) (*book, error) {
	b, err := tx.Keep(bookKey{}, func() (any, func() error, error) {
		b := &book{tx: tx, touched: map[uint64]bool{}, moved: map[uint64]bool{}, settle: map[place]bool{}, offices: map[uint64]bool{}, counted: map[uint64]bool{}, changes: changes{},
			posted: map[uint64]*person{}, known: map[uint64]*office{}, standsOn: map[uint64]models.Day{}}
		q := "SELECT plan_id, fingerprint, stands_on FROM coverage_ledgers"
		if mysql(tx.DB) {
			q += " LOCK IN SHARE MODE" // a build that is under way is waited for, and one that is to come waits
		}
		var ledgers []models.CoverageLedger
		err := tx.Raw(q).Scan(&ledgers).Error
		if err != nil {
			return nil, nil, err
		}
		for i, l := range ledgers {
			b.standsOn[l.PlanID] = l.StandsOn
			ledgers[i].StandsOn = 0 // is no rule
		}
		if b.plans, err = rules(tx, ledgers); err != nil || len(b.plans) == 0 {
			return b, nil, err
		}
		return b, b.close, nil
	})
	if err != nil {
		return nil, err
	}
	return b.(*book), nil
}

// ruled are plans by what their ledgers are kept for, which holds all that a ledger asks of them: they are read once.
var ruled sync.Map

// rules gives the plans whose ledgers are kept, with the rules for which they are.
func rules(tx *store.Tx, ledgers []models.CoverageLedger) (kept []*plan.Plan, err error) {
	var all []*plan.Plan
	for _, l := range ledgers {
		if l.Fingerprint == "" {
			continue
		}
		if p, ok := ruled.Load(l); ok {
			kept = append(kept, p.(*plan.Plan))
			continue
		}
		if all == nil {
			if all, err = plan.All(tx.Statement.Context, tx.DB); err != nil {
				return nil, err
			}
		}
		for _, p := range all {
			if p.ID != l.PlanID {
				continue
			}
			kept = append(kept, p)
			if Fingerprint(p) == l.Fingerprint {
				ruled.Store(l, p)
			}
		}
	}
	return kept, nil
}

// Cadres says that postings or completions of cadres are about to change in the transaction. Their rows are locked in the order of their ids,
// so that two who change what one person has completed see each other. Called again for the same cadres it does nothing.
func Cadres(tx *store.Tx, ids ...uint64) error { return touch(tx, ids, true) }

// Completions is Cadres for those of whom nothing but completions changes.
func Completions(tx *store.Tx, cadres ...uint64) error { return touch(tx, cadres, false) }

func touch(tx *store.Tx, ids []uint64, move bool) error {
	b, err := open(tx)
	if err != nil || len(b.plans) == 0 {
		return err
	}
	var fresh []uint64
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if move {
			b.moved[id] = true
		}
		if !b.touched[id] {
			b.touched[id] = true
			fresh = append(fresh, id)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	for part := range slices.Chunk(fresh, many) {
		var locked []uint64
		if err := tx.Lock().Model(&models.Cadre{}).Where("id IN ?", part).Order("id").Pluck("id", &locked).Error; err != nil {
			return err
		}
	}
	return b.people(fresh, true, func(e entry, s Sum) { b.changes.add(e, Sum{}.minus(s)) })
}

// Organisations says that organisations begin, or that their lifetimes, kinds, levels or whether they give counts only are about to change.
func Organisations(tx *store.Tx, ids ...uint64) error {
	b, err := open(tx)
	if err != nil || len(b.plans) == 0 {
		return err
	}
	var fresh []uint64
	for _, id := range ids {
		if !b.offices[id] {
			b.offices[id] = true
			fresh = append(fresh, id)
		}
	}
	for part := range slices.Chunk(fresh, many) {
		var cadres, counted []uint64
		if err := tx.Model(&models.Posting{}).Where("organisation_id IN ?", part).Distinct().Pluck("cadre_id", &cadres).Error; err != nil {
			return err
		}
		if err := tx.Model(&models.Organisation{}).Where("id IN ? AND counts_only = ?", part, true).Pluck("id", &counted).Error; err != nil {
			return err
		}
		for _, id := range counted {
			b.counted[id] = true
		}
		if err := Cadres(tx, cadres...); err != nil {
			return err
		}
	}
	return nil
}

// Headcount says that what an organisation declares of a group changes in the transaction.
func Headcount(tx *store.Tx, organisation, group uint64) error {
	b, err := open(tx)
	if err != nil || len(b.plans) == 0 {
		return err
	}
	b.settle[place{organisation, group}] = true
	return nil
}

// close writes what changed.
func (b *book) close() error {
	if len(b.offices) > 0 {
		// What was known of organisations was how they were before.
		clear(b.known)
		clear(b.posted)
	}
	if err := b.people(slices.Sorted(maps.Keys(b.touched)), false, b.changes.add); err != nil {
		return err
	}
	for e, s := range b.changes {
		if s.Roster != 0 {
			b.settle[e.place] = true
		}
	}
	for id := range b.offices {
		for _, p := range b.plans {
			for _, g := range p.Groups {
				b.settle[place{id, g.ID}] = true
			}
		}
	}
	if len(b.settle) == 0 && !b.posts && len(b.changes) <= manyEntries && mysql(b.tx.DB) {
		return b.enter()
	}
	if len(b.settle) > 0 || b.posts { // what is settled is worked out from all that has been said
		if err := b.take(); err != nil {
			return err
		}
	}
	if len(b.changes) == 0 && len(b.settle) == 0 {
		return nil
	}
	for x := range b.settle {
		b.know(x.organisation)
	}
	for e := range b.changes {
		b.know(e.organisation)
	}
	if err := b.readOffices(); err != nil {
		return err
	}
	if err := b.settleAll(); err != nil {
		return err
	}
	if err := writeRows(b.tx.DB, rolled(b.changes, b.known)); err != nil {
		return err
	}
	return b.writeStandings()
}

// know says that an organisation is to be read, unless it has been.
func (b *book) know(id uint64) *office {
	if b.known[id] == nil {
		b.known[id] = new(office)
	}
	return b.known[id]
}

// settleAll puts, for each group of an organisation whose roster or declaration changed, what follows from that in place of the plain
// changes of its people.
func (b *book) settleAll() error {
	places := slices.SortedFunc(maps.Keys(b.settle), comparePlaces)
	if len(places) == 0 {
		return nil
	}
	if err := b.lock(places); err != nil {
		return err
	}
	was, err := ownRows(b.tx.DB, places)
	if err != nil {
		return err
	}
	declared, err := headcounts(b.tx.DB, places)
	if err != nil {
		return err
	}
	people := map[place]map[models.Day]Sum{}
	for e, s := range b.changes {
		if b.settle[e.place] {
			if people[e.place] == nil {
				people[e.place] = map[models.Day]Sum{}
			}
			people[e.place][e.day] = s
			delete(b.changes, e)
		}
	}
	for _, x := range places {
		o, p := b.known[x.organisation], planOf(b.plans, x.group)
		if o.ID == 0 || p == nil {
			continue
		}
		own := people[x]
		if own == nil {
			own = map[models.Day]Sum{}
		}
		if !b.counted[x.organisation] && !(o.CountsOnly && !b.offices[x.organisation]) {
			for d, s := range was[x] {
				y := own[d]
				y.add(s.ofPeople())
				own[d] = y
			}
		}
		for d, s := range settled(p, o, x.group, own, declared[x]) {
			b.changes.add(entry{x, d}, s)
		}
		for d, s := range was[x] {
			b.changes.add(entry{x, d}, Sum{}.minus(s))
		}
	}
	return nil
}

func planOf(plans []*plan.Plan, group uint64) *plan.Plan {
	for _, p := range plans {
		if p.Group(group) != nil {
			return p
		}
	}
	return nil
}

// lock holds the places until the end of the transaction: who settles one sees what others settled.
func (b *book) lock(places []place) error {
	rows := make([]row, len(places))
	for i, x := range places {
		rows[i] = row{entry{x, lockDay}, tierLock, Sum{}}
	}
	return writeRows(b.tx.DB, rows)
}

// rolled gives the rows of changes, with those of the organisations above, in the order of the table.
func rolled(own changes, offices map[uint64]*office) []row {
	type key struct {
		entry
		tier int
	}
	sums := make(map[key]Sum, 3*len(own))
	for e, s := range own {
		sums[key{e, tierOwn}] = s
		for _, id := range offices[e.organisation].above {
			at := e
			at.organisation = id
			x := sums[key{at, tierBelow}]
			x.add(s)
			sums[key{at, tierBelow}] = x
			at.day = monthOf(e.day)
			x = sums[key{at, tierMonths}]
			x.add(s)
			sums[key{at, tierMonths}] = x
		}
	}
	rows := make([]row, 0, len(sums))
	for k, s := range sums {
		if s != (Sum{}) {
			rows = append(rows, row{k.entry, k.tier, s})
		}
	}
	slices.SortFunc(rows, compareRows)
	return rows
}
