package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// Fingerprint says for which rules a ledger is kept: another one must be built where it changes.
func Fingerprint(p *plan.Plan) string {
	groups := make([]uint64, len(p.Groups))
	for i, g := range p.Groups {
		groups[i] = g.ID
	}
	type component struct {
		Component models.Component
		Expires   *int
	}
	components := make([]component, len(p.Components))
	for i, c := range p.Components {
		components[i] = component{c.Component, c.ExpiresMonths}
	}
	form := 1
	if p.Expires() {
		form = 2 // rows say who lapses
	}
	b, err := json.Marshal(struct {
		Form       int // of the rows
		From, To   models.Day
		Components []component
		Groups     []uint64
		Expected   []models.ExpectedGroup
	}{form, p.FromDay, p.ToDay, components, groups, p.Expected})
	if err != nil {
		panic(err) // numbers and names
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Kept says whether the ledger is kept for the rules of the plan as they are. Where it is not, figures are counted from their sources.
func Kept(db *gorm.DB, p *plan.Plan) (bool, error) {
	var n int64
	err := db.Model(&models.CoverageLedger{}).Where("plan_id = ? AND fingerprint = ?", p.ID, Fingerprint(p)).Count(&n).Error
	return n > 0, err
}

// Ensure builds the ledgers anew if a plan has none, or one for other rules, posts what has been entered, and brings standings to the present day. It says whether it
// built any.
func Ensure(ctx context.Context, db *store.DB) (built bool, err error) {
	plans, err := plan.All(ctx, db.Read(ctx))
	if err != nil {
		return false, err
	}
	var missing []uint64
	for _, p := range plans {
		kept, err := Kept(db.Read(ctx), p)
		if err != nil {
			return false, err
		}
		if !kept {
			missing = append(missing, p.ID)
		}
	}
	if len(missing) > 0 {
		if err := build(ctx, db, missing, false); err != nil {
			return true, err
		}
	}
	return len(missing) > 0, cmp.Or(Post(ctx, db), Stand(ctx, db))
}

// Forget says that the rules of a plan are about to change in the transaction: whoever writes what they count waits, figures are counted from
// their sources, and Ensure builds the plan's ledger anew.
func Forget(tx *store.Tx, planID uint64) error {
	return tx.Model(&models.CoverageLedger{}).Where("plan_id = ?", planID).Update("fingerprint", "").Error
}

// Build builds the ledgers of all plans anew from their sources. Whoever wants to change what they follow from waits meanwhile; readers
// count from the sources. A build that is broken off leaves no ledger, and Ensure begins again.
func Build(ctx context.Context, db *store.DB) error {
	plans, err := plan.All(ctx, db.Read(ctx))
	if err != nil {
		return err
	}
	ids := make([]uint64, len(plans))
	for i, p := range plans {
		ids[i] = p.ID
	}
	return build(ctx, db, ids, true)
}

// build builds the ledgers of some plans; those of the others stay, and without anew those that somebody else has built meanwhile.
func build(ctx context.Context, db *store.DB, ids []uint64, anew bool) error {
	by := store.By{Action: "ledger"}
	others := int64(0)
	begin := func(tx *store.Tx) ([]*plan.Plan, error) { // rows that stand are locked: nobody else writes until the end of the transaction
		if err := tx.Lock().Find(new([]models.CoverageLedger)).Error; err != nil {
			return nil, err
		}
		plans, err := plan.All(ctx, tx.DB)
		plans = slices.DeleteFunc(plans, func(p *plan.Plan) bool {
			kept := false
			if err == nil && !anew {
				kept, err = Kept(tx.DB, p)
			}
			return kept || !slices.Contains(ids, p.ID)
		})
		if err != nil || len(plans) == 0 {
			return nil, err
		}
		built := make([]uint64, len(plans))
		kept := make([]models.CoverageLedger, len(plans))
		for i, p := range plans {
			built[i] = p.ID
			kept[i] = models.CoverageLedger{PlanID: p.ID, BuiltAt: tx.Now}
		}
		if err := tx.Model(&models.CoverageLedger{}).Where("plan_id NOT IN ?", built).Count(&others).Error; err != nil {
			return nil, err
		}
		return plans, tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&kept).Error
	}
	// First by itself, so that a build that is broken off leaves none that looks whole.
	if _, err := db.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		_, err := begin(tx)
		return 0, err
	}); err != nil {
		return err
	}
	_, err := db.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		plans, err := begin(tx)
		if err != nil || len(plans) == 0 {
			return 0, err
		}
		out, beside := tx.DB, 0
		if db.Dialect == store.MySQL { // rows go in by themselves: as one transaction they would have to be kept for its undoing
			out, beside = db.Read(ctx), 2
		}
		if others == 0 {
			err = emptyAll(out)
		}
		for _, p := range plans {
			if groups, _ := groupsOf(p); others > 0 && err == nil {
				err = empty(out, groups)
			}
		}
		if err != nil {
			return 0, err
		}
		w := &writer{out: out, beside: beside}
		err = compute(tx.DB, plans, w.add)
		if err = cmp.Or(err, w.end()); err != nil {
			return 0, err
		}
		for _, p := range plans {
			if err := stand(out, p, 0, tx.Today); err != nil {
				return 0, err
			}
			q := tx.Model(&models.CoverageLedger{}).Where("plan_id = ?", p.ID).Updates(map[string]any{"fingerprint": Fingerprint(p), "stands_on": tx.Today})
			if q.Error != nil {
				return 0, q.Error
			}
		}
		return 0, nil
	})
	return err
}

// writer writes the rows of a build, some at a time. Where there is more than one connection, a few statements are under way beside what brings the
// rows that follow.
type writer struct {
	out    *gorm.DB
	rows   []row
	beside int // how many statements are under way at once; 0: whoever adds waits for them
	under  []func() (struct{}, error)
}

func (w *writer) add(r row) error {
	if w.rows = append(w.rows, r); len(w.rows) < atOnce {
		return nil
	}
	return w.write()
}

// write begins to write the rows at hand. An error may be that of a statement before it.
func (w *writer) write() error {
	rows := w.rows
	w.rows = make([]row, 0, atOnce)
	insertAll := func() (struct{}, error) {
		slices.SortFunc(rows, compareRows)
		sql, _ := insert(rows)
		return struct{}{}, w.out.Exec(sql).Error
	}
	if w.beside == 0 {
		_, err := insertAll()
		return err
	}
	var err error
	if len(w.under) == w.beside {
		_, err = w.under[0]()
		w.under = w.under[1:]
	}
	w.under = append(w.under, store.Aside(insertAll))
	return err
}

// end writes what is left and waits for all that is under way.
func (w *writer) end() (err error) {
	if len(w.rows) > 0 {
		err = w.write()
	}
	for _, done := range w.under {
		_, e := done()
		err = cmp.Or(err, e)
	}
	return err
}

// Drop takes away what is kept of a plan that is about to be deleted.
func Drop(tx *store.Tx, p *plan.Plan) error {
	groups, _ := groupsOf(p)
	if err := empty(tx.DB, groups); err != nil {
		return err
	}
	return tx.Where("plan_id = ?", p.ID).Delete(&models.CoverageLedger{}).Error
}

// DropGroup takes away what is kept of a target group that is about to be deleted. The plan's ledger has been forgotten (Forget).
func DropGroup(tx *store.Tx, group uint64) error { return empty(tx.DB, []uint64{group}) }

// emptyAll takes away all rows that there are.
func emptyAll(db *gorm.DB) error {
	sql := "DELETE FROM "
	if mysql(db) {
		sql = "TRUNCATE TABLE "
	}
	return cmp.Or(db.Exec(sql+"coverage_changes").Error, db.Exec(sql+"coverage_standings").Error, db.Exec(sql+"coverage_entries").Error)
}

// empty takes away the rows of groups, a number of organisations at a time, in the order of the table.
func empty(db *gorm.DB, groups []uint64) error {
	var last uint64
	if err := db.Model(&models.Organisation{}).Select("COALESCE(MAX(id), 0)").Scan(&last).Error; err != nil {
		return err
	}
	for from := uint64(0); from <= last; from += many {
		err := db.Exec("DELETE FROM coverage_changes WHERE organisation_id BETWEEN ? AND ? AND group_id IN ?", from, from+many-1, groups).Error
		if err != nil {
			return err
		}
	}
	return cmp.Or(db.Exec("DELETE FROM coverage_standings WHERE group_id IN ?", groups).Error, db.Exec("DELETE FROM coverage_entries WHERE group_id IN ?", groups).Error)
}

// atOnce is how many rows one statement of a build writes.
const atOnce = 2000

// span of ids of cadres that are read together.
const cadresAtOnce = 20_000

// event is a change of one person's in one organisation and group: small, since there are some for every person.
type event struct {
	place                               uint32 // of the organisation in tree order, and of the group
	day                                 int32
	roster, covered, recognised, lapsed int8
}

// compute gives every row of the ledgers, in the tree's order of organisations.
func compute(db *gorm.DB, plans []*plan.Plan, do func(row) error) error {
	c := &computing{db: db, plans: plans, groupAt: map[uint64]int{}, officeAt: map[uint64]int{}, byID: map[uint64]*office{}, do: do}
	for _, p := range plans {
		for _, g := range p.Groups {
			c.groupAt[g.ID] = len(c.groups)
			c.groups = append(c.groups, g.ID)
		}
	}
	var all []models.Organisation
	if err := db.Select("id, kind, level, path, from_day, to_day, counts_only").Order("path").Find(&all).Error; err != nil {
		return err
	}
	for i, o := range all {
		x := &office{Organisation: o}
		c.offices, c.officeAt[o.ID], c.byID[o.ID] = append(c.offices, x), i, x
	}
	if err := c.readPeople(); err != nil {
		return err
	}
	slices.SortFunc(c.events, func(a, b event) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.day, b.day)) })
	return c.climb()
}

type computing struct {
	db       *gorm.DB
	plans    []*plan.Plan
	groups   []uint64
	groupAt  map[uint64]int
	offices  []*office // in tree order
	officeAt map[uint64]int
	byID     map[uint64]*office
	events   []event
	do       func(row) error
	declared map[place][]models.Headcount // of the organisations at hand
}

func (c *computing) readPeople() error {
	var last uint64
	if err := c.db.Model(&models.Cadre{}).Select("COALESCE(MAX(id), 0)").Scan(&last).Error; err != nil {
		return err
	}
	people := make([]person, cadresAtOnce)
	add := func(e entry, s Sum) {
		c.events = append(c.events, event{uint32(c.officeAt[e.organisation]*len(c.groups) + c.groupAt[e.group]), int32(e.day), int8(s.Roster), int8(s.Covered), int8(s.Recognised), int8(s.Lapsed)})
	}
	for from := uint64(0); from <= last; from += cadresAtOnce {
		for i := range people {
			people[i].postings, people[i].completions = people[i].postings[:0], people[i].completions[:0]
		}
		args := []any{from, from + cadresAtOnce - 1}
		if err := readPostings(c.db, " WHERE p.cadre_id BETWEEN ? AND ?", args, func(id uint64) *office { return c.byID[id] }, func(cadre uint64, p posting) {
			x := &people[cadre-from]
			x.postings = append(x.postings, p)
		}); err != nil {
			return err
		}
		if err := readCompletions(c.db, " AND co.cadre_id BETWEEN ? AND ?", args, func(cadre uint64, k completion) {
			x := &people[cadre-from]
			x.completions = append(x.completions, k)
		}); err != nil {
			return err
		}
		for i := range people {
			people[i].contribute(c.plans, add)
		}
	}
	return nil
}

// climb walks the organisations in tree order with the sums of those above it on its way.
func (c *computing) climb() error {
	type level struct {
		office *office
		sums   map[entry]Sum // of those below, by group and day
	}
	var above []level
	leave := func() error {
		x := above[len(above)-1]
		above = above[:len(above)-1]
		return c.writeBelow(x.sums)
	}
	next := 0
	for i, o := range c.offices {
		for len(above) > 0 && !isBelow(o.Path, above[len(above)-1].office.Path) {
			if err := leave(); err != nil {
				return err
			}
		}
		declared, err := c.declaredBy(i)
		if err != nil {
			return err
		}
		for g, group := range c.groups {
			own := map[models.Day]Sum{}
			for ; next < len(c.events) && int(c.events[next].place) == i*len(c.groups)+g; next++ {
				e := c.events[next]
				s := own[models.Day(e.day)]
				s.add(Sum{Roster: int(e.roster), Covered: int(e.covered), Recognised: int(e.recognised), Lapsed: int(e.lapsed)})
				own[models.Day(e.day)] = s
			}
			x := place{o.ID, group}
			for day, s := range settled(planOf(c.plans, group), o, group, own, declared[x]) {
				if err := c.do(row{entry{x, day}, tierOwn, s}); err != nil {
					return err
				}
				for _, a := range above {
					e := entry{place{a.office.ID, group}, day}
					y := a.sums[e]
					y.add(s)
					a.sums[e] = y
				}
			}
		}
		above = append(above, level{o, map[entry]Sum{}})
	}
	for len(above) > 0 {
		if err := leave(); err != nil {
			return err
		}
	}
	return nil
}

func (c *computing) writeBelow(sums map[entry]Sum) error {
	months := map[entry]Sum{}
	for e, s := range sums {
		if s == (Sum{}) {
			continue
		}
		if err := c.do(row{e, tierBelow, s}); err != nil {
			return err
		}
		e.day = monthOf(e.day)
		x := months[e]
		x.add(s)
		months[e] = x
	}
	for e, s := range months {
		if s == (Sum{}) {
			continue
		}
		if err := c.do(row{e, tierMonths, s}); err != nil {
			return err
		}
	}
	return nil
}

// declaredBy reads what organisations declared, for many organisations at once.
func (c *computing) declaredBy(i int) (map[place][]models.Headcount, error) {
	if i%many == 0 {
		ids := make([]uint64, 0, many)
		for _, o := range c.offices[i:min(i+many, len(c.offices))] {
			ids = append(ids, o.ID)
		}
		places := make([]place, 0, len(ids)*len(c.groups))
		for _, id := range ids {
			for _, g := range c.groups {
				places = append(places, place{id, g})
			}
		}
		var err error
		if c.declared, err = headcounts(c.db, places); err != nil {
			return nil, err
		}
	}
	return c.declared, nil
}

func isBelow(path, above string) bool { return len(path) > len(above) && path[:len(above)] == above }
