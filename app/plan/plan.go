// Package plan reads a plan: its period, target groups, components, topics and course types. They are data, not constants.
package plan

import (
	"context"
	"errors"

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

// Current reads the plan that the context has chosen, else the one in force: the one whose period covers the day, else the latest. Of several
// whose periods do, the one that began last counts. It refuses with not_found where there is none. It takes a bounded number of queries.
func Current(ctx context.Context, db *gorm.DB, day models.Day) (*Plan, error) {
	p, err := current(ctx, db, day)
	if err != nil {
		return nil, err
	}
	return load(db.WithContext(ctx), p)
}

func load(db *gorm.DB, row models.Plan) (*Plan, error) {
	p := &Plan{Plan: row, TypeComponents: map[uint64][]models.Component{}}
	groups := db.Model(&models.TargetGroup{}).Select("id").Where("plan_id = ?", row.ID)
	types := db.Model(&models.CourseType{}).Select("id").Where("plan_id = ?", row.ID)
	var tc []models.CourseTypeComponent
	for _, q := range []*gorm.DB{
		db.Where("id = ?", row.RootID).Take(&p.Root),
		db.Where("plan_id = ?", row.ID).Order("position").Find(&p.Components),
		db.Where("plan_id = ?", row.ID).Order("position").Find(&p.Groups),
		db.Where("group_id IN (?)", groups).Order("group_id, level, from_day").Find(&p.Levels),
		db.Where("group_id IN (?)", groups).Order("group_id, kind, level, from_day").Find(&p.Expected),
		db.Where("plan_id = ?", row.ID).Order("code").Find(&p.Topics),
		db.Where("plan_id = ?", row.ID).Order("position").Find(&p.CourseTypes),
		db.Where("course_type_id IN (?)", types).Order("course_type_id, component").Find(&tc),
	} {
		if q.Error != nil {
			return nil, q.Error
		}
	}
	for _, x := range tc {
		p.TypeComponents[x.CourseTypeID] = append(p.TypeComponents[x.CourseTypeID], x.Component)
	}
	return p, nil
}

// OfID reads the plan with the id. It refuses with not_found and takes a bounded number of queries.
func OfID(ctx context.Context, db *gorm.DB, id uint64) (*Plan, error) {
	var p models.Plan
	err := db.WithContext(ctx).Take(&p, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("plan")
	}
	if err != nil {
		return nil, err
	}
	return load(db.WithContext(ctx), p)
}

// All reads every plan, the oldest first, in a bounded number of queries a plan.
func All(ctx context.Context, db *gorm.DB) ([]*Plan, error) {
	var rows []models.Plan
	if err := db.WithContext(ctx).Order("from_day, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	all := make([]*Plan, len(rows))
	for i, row := range rows {
		var err error
		if all[i], err = load(db.WithContext(ctx), row); err != nil {
			return nil, err
		}
	}
	return all, nil
}
