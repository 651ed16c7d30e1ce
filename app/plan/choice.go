package plan

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Brief is a plan by itself, with where its tree begins.
type Brief struct {
	models.Plan
	Root models.Organisation `gorm:"foreignKey:RootID"`
}

// TableName is the plans' table.
func (Brief) TableName() string { return "plans" }

// Holds says whether an organisation lies in the plan's tree, or the whole tree below it.
func (b Brief) Holds(path string) bool {
	return strings.HasPrefix(path, b.Root.Path) || strings.HasPrefix(b.Root.Path, path)
}

// Briefs reads all plans, those that began last first. One statement.
func Briefs(ctx context.Context, db *gorm.DB) (all []Brief, err error) {
	err = db.WithContext(ctx).InnerJoins("Root").Order("plans.from_day DESC, plans.id DESC").Find(&all).Error
	return all, err
}

type choiceKey struct{}

// choice is which plans a request may mean: one, or the one in force of some.
type choice struct {
	id    uint64
	among []uint64
}

// Choose makes the plan with the id the one that Current gives, whatever the day.
func Choose(ctx context.Context, id uint64) context.Context {
	return context.WithValue(ctx, choiceKey{}, choice{id: id})
}

// Among leaves Current the plans with the ids to find the one in force.
func Among(ctx context.Context, ids []uint64) context.Context {
	return context.WithValue(ctx, choiceKey{}, choice{among: ids})
}

// Memory keeps what hangs on the plans of one database from one request to the next. A change of any of it raises the plan's version, by which it
// is known to be still so.
type Memory struct {
	mu    sync.Mutex
	plans map[uint64]*Plan
}

type onceKey struct{}

// once are the plans as a context sees them.
type once struct {
	memory *Memory
	all    []Brief
	mu     sync.Mutex
	plans  map[uint64]*Plan
}

// Once has the plans of a context be those of all, in the order of Briefs, and what hangs on them read once or remembered: for what changes
// nothing, so that all of it is of the same rules. Such plans are shared, and nobody writes to them.
func Once(ctx context.Context, memory *Memory, all []Brief) context.Context {
	return context.WithValue(ctx, onceKey{}, &once{memory: memory, all: all, plans: map[uint64]*Plan{}})
}

func (o *once) load(db *gorm.DB, b Brief) (*Plan, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := o.plans[b.ID]
	if p == nil {
		var err error
		if p, err = o.memory.load(db, b); err != nil {
			return nil, err
		}
		o.plans[b.ID] = p
	}
	return p, nil
}

func (m *Memory) load(db *gorm.DB, b Brief) (*Plan, error) {
	m.mu.Lock()
	known := m.plans[b.ID]
	m.mu.Unlock()
	if known == nil || known.Version != b.Version || !known.UpdatedAt.Equal(b.UpdatedAt) {
		all, err := loadAll(db, []Brief{b})
		if err != nil {
			return nil, err
		}
		known = all[0]
		m.mu.Lock()
		if m.plans == nil {
			m.plans = map[uint64]*Plan{}
		}
		m.plans[b.ID] = known
		m.mu.Unlock()
	}
	p := *known
	p.Plan, p.Root = b.Plan, b.Root
	return &p, nil
}

// Chosen gives the id of the plan that was chosen, 0 where the day decides.
func Chosen(ctx context.Context) uint64 {
	c, _ := ctx.Value(choiceKey{}).(choice)
	return c.id
}

// ByCode chooses the plan with the code; "" leaves it to the day. It refuses an unknown code with not_found.
func ByCode(ctx context.Context, db *gorm.DB, code string) (context.Context, error) {
	if code == "" {
		return ctx, nil
	}
	var p models.Plan
	err := db.WithContext(ctx).Scopes(store.Code("code", code)).Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ctx, errs.NotFound("plan")
	}
	return Choose(ctx, p.ID), err
}

// InForce gives the plan that is shown first on a day: of those whose period covers it the one that an administrator chose, else the one that was
// made first, so that no plan comes before another by being made. Where there are none, the one that ended last, else the one that begins first.
// There must be a plan.
func InForce(all []Brief, day models.Day) Brief { return firstOf(all, day, shownFirst) }

// InOpen gives the plan whose figures are the open ones on a day, by the same rule. Which plan is shown first changes nothing.
func InOpen(all []Brief, day models.Day) Brief { return firstOf(all, day, shownOpen) }

func firstOf(all []Brief, day models.Day, mark func(models.Plan) *bool) Brief {
	return slices.MinFunc(all, func(a, b Brief) int { return compare(a.Plan, b.Plan, day, mark) })
}

func shownFirst(p models.Plan) *bool { return p.ShownFirst }
func shownOpen(p models.Plan) *bool  { return p.ShownOpen }

// compare is negative where a goes before b on a day.
func compare(a, b models.Plan, day models.Day, mark func(models.Plan) *bool) int {
	chosen := func(p models.Plan) int {
		if p.Covers(day) && mark(p) != nil {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(chosen(a), chosen(b)), cmp.Compare(away(a, day), away(b, day)), cmp.Compare(a.ID, b.ID))
}

// away is how far a plan is from being in force on a day: one that is to come farther than any that has ended.
func away(p models.Plan, day models.Day) models.Day {
	switch {
	case p.Covers(day):
		return 0
	case day < p.FromDay:
		return models.Forever + p.FromDay - day
	}
	return day - p.ToDay + 1
}

// Open reads the plan of InOpen, whatever the context has chosen. It refuses with not_found where there is none.
func Open(ctx context.Context, db *gorm.DB, day models.Day) (*Plan, error) {
	all, err := Briefs(ctx, db)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errs.NotFound("plan")
	}
	return load(db.WithContext(ctx), InOpen(all, day))
}

// CurrentID is the id of the plan that Current would read, 0 where there is none, in one statement.
func CurrentID(ctx context.Context, db *gorm.DB, day models.Day) (uint64, error) {
	b, err := currentBrief(ctx, db, day)
	if errs.Is(err, "not_found") {
		return 0, nil
	}
	return b.ID, err
}

// Root is the organisation whose tree the plan covers that Current would read. It refuses as Current does.
func Root(ctx context.Context, db *gorm.DB, day models.Day) (models.Organisation, error) {
	b, err := currentBrief(ctx, db, day)
	return b.Root, err
}

// currentBrief finds the plan that was chosen, else the one in force on the day.
func currentBrief(ctx context.Context, db *gorm.DB, day models.Day) (Brief, error) {
	var all []Brief
	if o, ok := ctx.Value(onceKey{}).(*once); ok {
		all = slices.Clone(o.all)
	} else {
		var err error
		if all, err = Briefs(ctx, db); err != nil {
			return Brief{}, err
		}
	}
	switch c, _ := ctx.Value(choiceKey{}).(choice); {
	case c.id != 0:
		all = slices.DeleteFunc(all, func(b Brief) bool { return b.ID != c.id })
	case c.among != nil:
		all = slices.DeleteFunc(all, func(b Brief) bool { return !slices.Contains(c.among, b.ID) })
	}
	if len(all) == 0 {
		return Brief{}, errs.NotFound("plan")
	}
	return InForce(all, day), nil
}
