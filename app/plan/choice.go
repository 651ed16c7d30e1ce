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
	RootPath string
	RootName string
}

// Holds says whether an organisation lies in the plan's tree, or the whole tree below it.
func (b Brief) Holds(path string) bool {
	return strings.HasPrefix(path, b.RootPath) || strings.HasPrefix(b.RootPath, path)
}

// Briefs reads all plans, in the order in which Current looks for the one in force: those that began last come first. One statement.
func Briefs(ctx context.Context, db *gorm.DB) (all []Brief, err error) {
	err = db.WithContext(ctx).Model(&models.Plan{}).Joins("JOIN organisations o ON o.id = plans.root_id").
		Select("plans.*, o.path AS root_path, o.name AS root_name").Order("plans.from_day DESC, plans.id DESC").Scan(&all).Error
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

type onceKey struct{}

// read are the plans that have been read in a context.
type read struct {
	mu    sync.Mutex
	plans map[uint64]*Plan
}

// Once lets each plan be read once in the context: for what changes nothing, so that all of it is of the same rules.
func Once(ctx context.Context) context.Context {
	return context.WithValue(ctx, onceKey{}, &read{plans: map[uint64]*Plan{}})
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

// InForce gives the plan that is shown first on a day: of those whose period covers it the one that an administrator chose, else the first;
// where there are none, the first of all. The plans are in the order of Briefs, and there must be one.
func InForce(all []Brief, day models.Day) Brief {
	return slices.MaxFunc(all, func(a, b Brief) int {
		return cmp.Compare(rank(a.Plan, a.ShownFirst, day), rank(b.Plan, b.ShownFirst, day))
	})
}

// rank orders plans by whether they are in force on a day, and of those by whether they are marked. Of equals the first is taken.
func rank(p models.Plan, mark *bool, day models.Day) int {
	switch {
	case !p.Covers(day):
		return 0
	case mark == nil:
		return 1
	}
	return 2
}

// InOpen gives the plan whose figures are the open ones on a day: of those whose period covers it the one that an administrator chose, else the
// first; where there are none, the first of all. Which plan is shown first changes nothing. The plans are in the order of Briefs, and there must be one.
func InOpen(all []Brief, day models.Day) Brief {
	return slices.MaxFunc(all, func(a, b Brief) int {
		return cmp.Compare(rank(a.Plan, a.ShownOpen, day), rank(b.Plan, b.ShownOpen, day))
	})
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
	return load(db.WithContext(ctx), InOpen(all, day).Plan)
}

// CurrentID is the id of the plan that Current would read, 0 where there is none, in one statement.
func CurrentID(ctx context.Context, db *gorm.DB, day models.Day) (uint64, error) {
	p, err := current(ctx, db, day)
	if errs.Is(err, "not_found") {
		return 0, nil
	}
	return p.ID, err
}

// Root is the organisation whose tree the plan covers that Current would read. It refuses as Current does.
func Root(ctx context.Context, db *gorm.DB, day models.Day) (root models.Organisation, err error) {
	p, err := current(ctx, db, day)
	if err != nil {
		return root, err
	}
	return root, db.WithContext(ctx).Take(&root, p.RootID).Error
}

// current finds the plan that was chosen, else the one in force on the day.
func current(ctx context.Context, db *gorm.DB, day models.Day) (models.Plan, error) {
	c, _ := ctx.Value(choiceKey{}).(choice)
	q := db.WithContext(ctx).Order("from_day DESC, id DESC")
	switch {
	case c.id != 0:
		q = q.Where("id = ?", c.id)
	case c.among != nil:
		q = q.Where("id IN ?", c.among)
	}
	var plans []models.Plan
	if err := q.Find(&plans).Error; err != nil {
		return models.Plan{}, err
	}
	if len(plans) == 0 {
		return models.Plan{}, errs.NotFound("plan")
	}
	return slices.MaxFunc(plans, func(a, b models.Plan) int { return cmp.Compare(rank(a, a.ShownFirst, day), rank(b, b.ShownFirst, day)) }), nil
}
