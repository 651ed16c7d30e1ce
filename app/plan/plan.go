// Package plan reads a plan: its period, target groups, components, topics and course types. They are data, not constants.
package plan

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/models"
)

// Plan is a plan with what hangs on it, in the plan's order.
type Plan struct {
	models.Plan
	Root           models.Organisation
	Components     []models.PlanComponent
	Groups         []models.TargetGroup
	Levels         []models.TargetGroupLevel
	Expected       []models.ExpectedGroup
	Topics         []models.Topic // parents before their parts
	CourseTypes    []models.CourseType
	TypeComponents map[uint64][]models.Component // by course type
}

// Group gives the group with the id, or nil.
func (p *Plan) Group(id uint64) *models.TargetGroup {
	for i := range p.Groups {
		if p.Groups[i].ID == id {
			return &p.Groups[i]
		}
	}
	return nil
}

// GroupByCode gives the group with the code, or nil.
func (p *Plan) GroupByCode(code string) *models.TargetGroup {
	for i := range p.Groups {
		if p.Groups[i].Code == code {
			return &p.Groups[i]
		}
	}
	return nil
}

// Component gives the component, or nil where the plan does not require it.
func (p *Plan) Component(c models.Component) *models.PlanComponent {
	for i := range p.Components {
		if p.Components[i].Component == c {
			return &p.Components[i]
		}
	}
	return nil
}

// CourseType gives the course type with the id, or nil.
func (p *Plan) CourseType(id uint64) *models.CourseType {
	for i := range p.CourseTypes {
		if p.CourseTypes[i].ID == id {
			return &p.CourseTypes[i]
		}
	}
	return nil
}

// GroupAllowed says whether cadres of the group may be posted at the level on the day.
func (p *Plan) GroupAllowed(groupID uint64, level models.Level, day models.Day) bool {
	for _, l := range p.Levels {
		if l.GroupID == groupID && l.Level == level && l.FromDay <= day && day < l.ToDay {
			return true
		}
	}
	return false
}

// Current reads the plan that the context has chosen, else the one in force on the day, by the rule of InForce. It refuses with not_found where
// there is none. It takes a bounded number of queries.
func Current(ctx context.Context, db *gorm.DB, day models.Day) (*Plan, error) {
	b, err := currentBrief(ctx, db, day)
	if err != nil {
		return nil, err
	}
	if o, ok := ctx.Value(onceKey{}).(*once); ok {
		return o.load(db.WithContext(ctx), b)
	}
	return load(db.WithContext(ctx), b)
}

func load(db *gorm.DB, b Brief) (*Plan, error) {
	all, err := loadAll(db, []Brief{b})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// loadAll reads what hangs on plans, in a bounded number of queries.
func loadAll(db *gorm.DB, rows []Brief) ([]*Plan, error) {
	all := make([]*Plan, len(rows))
	ids := make([]uint64, len(rows))
	plans := make(map[uint64]*Plan, len(rows))
	for i, row := range rows {
		all[i] = &Plan{Plan: row.Plan, Root: row.Root, TypeComponents: map[uint64][]models.Component{}}
		ids[i], plans[row.ID] = row.ID, all[i]
	}
	groups := db.Model(&models.TargetGroup{}).Select("id").Where("plan_id IN ?", ids)
	types := db.Model(&models.CourseType{}).Select("id").Where("plan_id IN ?", ids)
	var (
		components []models.PlanComponent
		group      []models.TargetGroup
		levels     []models.TargetGroupLevel
		expected   []models.ExpectedGroup
		topics     []models.Topic
		courseType []models.CourseType
		brings     []models.CourseTypeComponent
	)
	for _, q := range []*gorm.DB{
		db.Where("plan_id IN ?", ids).Order("position").Find(&components),
		db.Where("plan_id IN ?", ids).Order("position").Find(&group),
		db.Where("group_id IN (?)", groups).Order("group_id, level, from_day").Find(&levels),
		db.Where("group_id IN (?)", groups).Order("group_id, kind, level, from_day").Find(&expected),
		db.Where("plan_id IN ?", ids).Find(&topics),
		db.Where("plan_id IN ?", ids).Order("position").Find(&courseType),
		db.Where("course_type_id IN (?)", types).Order("course_type_id, component").Find(&brings),
	} {
		if q.Error != nil {
			return nil, q.Error
		}
	}
	of := make(map[uint64]*Plan, len(group)) // by group
	for _, x := range components {
		plans[x.PlanID].Components = append(plans[x.PlanID].Components, x)
	}
	for _, x := range group {
		of[x.ID] = plans[x.PlanID]
		of[x.ID].Groups = append(of[x.ID].Groups, x)
	}
	for _, x := range levels {
		of[x.GroupID].Levels = append(of[x.GroupID].Levels, x)
	}
	for _, x := range expected {
		of[x.GroupID].Expected = append(of[x.GroupID].Expected, x)
	}
	slices.SortStableFunc(topics, func(a, b models.Topic) int { return CompareCodes(a.Code, b.Code) })
	for _, x := range topics {
		plans[x.PlanID].Topics = append(plans[x.PlanID].Topics, x)
	}
	typed := make(map[uint64]*Plan, len(courseType))
	for _, x := range courseType {
		typed[x.ID] = plans[x.PlanID]
		typed[x.ID].CourseTypes = append(typed[x.ID].CourseTypes, x)
	}
	for _, x := range brings {
		m := typed[x.CourseTypeID].TypeComponents
		m[x.CourseTypeID] = append(m[x.CourseTypeID], x.Component)
	}
	return all, nil
}

// CompareCodes orders codes of topics as numbers: 1, 1.1, 1.2, 2, 10.
func CompareCodes(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(x, y string) int {
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
}

// OfID reads the plan with the id. It refuses with not_found and takes a bounded number of queries.
func OfID(ctx context.Context, db *gorm.DB, id uint64) (*Plan, error) {
	var b Brief
	err := db.WithContext(ctx).InnerJoins("Root").Take(&b, "plans.id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("plan")
	}
	if err != nil {
		return nil, err
	}
	return load(db.WithContext(ctx), b)
}

// All reads every plan, the oldest first, in a bounded number of queries.
func All(ctx context.Context, db *gorm.DB) ([]*Plan, error) {
	all, err := Briefs(ctx, db)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	slices.Reverse(all)
	return loadAll(db.WithContext(ctx), all)
}
