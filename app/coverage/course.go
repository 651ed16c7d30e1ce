package coverage

import (
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/plan"
	"taphuan/models"
)

// Offer is a course to come, as coverage sees it: what it brings and at whom it is aimed.
type Offer struct {
	ID         uint64
	Code       string
	Title      string
	Venue      string
	State      models.CourseState
	FirstDay   models.Day
	LastDay    models.Day
	Capacity   int
	Taken      int                // enrolled
	Deadline   models.Day         // last day on which heads may nominate; none: until the day before the first
	Components []models.Component `gorm:"-"`
	Groups     []uint64           `gorm:"-"` // ids
}

// Brings says whether the course brings one of the components.
func (o Offer) Brings(components []models.Component) bool {
	return slices.ContainsFunc(components, func(c models.Component) bool { return slices.Contains(o.Components, c) })
}

// Free is how many seats nobody holds.
func (o Offer) Free() int { return max(o.Capacity-o.Taken, 0) }

// maxOffers is how many courses to come are looked at.
const maxOffers = 100

// Offers gives the courses of the plan that are open or running and end today or later, in the actor's scope, the nearest first;
// two statements.
func (s *Service) Offers(ctx context.Context, actor access.Actor, p *plan.Plan) ([]Offer, error) {
	db := s.DB.Read(ctx)
	now := s.DB.Time()
	type row struct {
		Offer
		CourseTypeID uint64
	}
	var rows []row
	err := db.Table("courses").Scopes(access.Courses(actor, access.CourseRead, now)).
		Where("courses.plan_id = ? AND courses.state IN ? AND courses.last_day >= ?", p.ID, []models.CourseState{models.CourseOpen, models.CourseRunning}, models.DayOf(now)).
		Select("courses.id, courses.code, courses.title, courses.venue, courses.state, courses.first_day, courses.last_day, courses.capacity, courses.course_type_id, courses.nomination_deadline AS deadline," +
			" (SELECT COUNT(*) FROM enrolments e WHERE e.course_id = courses.id AND e.state = 'enrolled') AS taken").
		Order("courses.first_day, courses.id").Limit(maxOffers).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	at := make(map[uint64]int, len(rows))
	offers := make([]Offer, len(rows))
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		offers[i], at[r.ID], ids[i] = r.Offer, i, r.ID
		offers[i].Components = p.TypeComponents[r.CourseTypeID]
	}
	var groups []models.CourseGroup
	if err := db.Where("course_id IN ?", ids).Order("course_id, group_id").Find(&groups).Error; err != nil {
		return nil, err
	}
	for _, g := range groups {
		o := &offers[at[g.CourseID]]
		o.Groups = append(o.Groups, g.GroupID)
	}
	return offers, nil
}

// TakesNominations says whether heads may still nominate on the day.
func (o Offer) TakesNominations(day models.Day) bool {
	return o.State == models.CourseOpen && day < o.FirstDay && (o.Deadline == 0 || day <= o.Deadline)
}

// OffersFor gives those of the offers that still take people and bring one of the components: first those with seats, of them those aimed
// at the group.
func OffersFor(offers []Offer, group uint64, components []models.Component) []Offer {
	var out []Offer
	for _, o := range offers {
		if o.State == models.CourseOpen && o.Brings(components) {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b Offer) int {
		return 2*(rank(a.Free() > 0)-rank(b.Free() > 0)) + rank(slices.Contains(a.Groups, group)) - rank(slices.Contains(b.Groups, group))
	})
	return out
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}
