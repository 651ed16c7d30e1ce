package enrolment

import (
	"context"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/page"
	"taphuan/models"
)

// NominationFilter narrows nominations; zero fields do not.
type NominationFilter struct {
	CourseID     uint64
	State        models.EnrolmentState
	Text         string   // as in Filter
	Organisation string   // code: that organisation and all below
	IDs          []uint64 // of enrolments, the ticked ones; nil for all
	page.Ask              // as in ListFilter
	Everybody    bool     // as in ListFilter
}

// NominationList is one page of nominations, by the course's first day, then by given name.
type NominationList struct {
	page.Page[Row]
	Decides bool // the actor decides; else the nominations are own ones
}

// Nominations lists, for those who decide, all nominations that wait for a decision, over all courses that still take people; for
// heads those of own cadres in whatever state, latest course first. A bounded number of statements whatever the length.
func (s *Service) Nominations(ctx context.Context, actor access.Actor, f NominationFilter) (*NominationList, error) {
	db := s.DB.Read(ctx)
	out := &NominationList{Decides: actor.May(access.EnrolmentWrite)}
	orders := listOrders
	orders.Default = "latest"
	if out.Decides {
		orders.Default = "course"
	}
	q, err := s.nominations(db, actor, f)
	if err != nil {
		return nil, err
	}
	if out.Page, err = read(q, orders, f.Ask, f.Everybody); err != nil {
		return nil, err
	}
	if out.Decides {
		if err := addFree(db, out.Rows); err != nil {
			return nil, err
		}
	}
	if err := addClashes(db, out.Rows); err != nil {
		return nil, err
	}
	return out, addPositions(db, out.Rows)
}

// nominations is the query of those whom the filter finds.
func (s *Service) nominations(db *gorm.DB, actor access.Actor, f NominationFilter) (*gorm.DB, error) {
	now := s.DB.Time()
	q := rowsOf(db, models.DayOf(now)).Scopes(nameWords(f.Text))
	if actor.May(access.EnrolmentWrite) {
		q = q.Scopes(access.Enrolments(actor, access.EnrolmentWrite, now)).
			Where("enrolments.state = ? AND courses.state IN ?", models.EnrolmentNominated, []models.CourseState{models.CourseOpen, models.CourseRunning})
	} else {
		q = q.Scopes(access.Enrolments(actor, access.Nominate, now)).Where("enrolments.source <> ?", SourceCoordinator)
		if f.State != "" {
			q = q.Where("enrolments.state = ?", f.State)
		}
	}
	if f.IDs != nil {
		q = q.Where("enrolments.id IN ?", f.IDs)
	}
	if f.CourseID != 0 {
		q = q.Where("courses.id = ?", f.CourseID)
	}
	return below(db, q, f.Organisation)
}

// nominationIDs gives the nominations whom the filter finds, whatever the page, for those who decide on all of them at once, and of a
// head's own those that may still be taken back. It refuses "nobody_found" and "too_many_chosen".
func (s *Service) nominationIDs(ctx context.Context, actor access.Actor, f NominationFilter) ([]uint64, error) {
	q, err := s.nominations(s.DB.Read(ctx), actor, f)
	if err != nil {
		return nil, err
	}
	if !actor.May(access.EnrolmentWrite) {
		q = q.Where("enrolments.state IN ? AND courses.state = ? AND (courses.first_day IS NULL OR courses.first_day > ?)", inCourse, models.CourseOpen, models.DayOf(s.DB.Time()))
	}
	return idsOf(q)
}

// NominatedCourse is a course for which somebody has been nominated.
type NominatedCourse struct {
	CourseID    uint64
	Code, Title string
	State       models.CourseState
	Deadline    models.Day
	N           int // people whom Nominations lists for it
}

// maxNominatedCourses is how many courses a filter of nominations offers, the latest ones.
const maxNominatedCourses = 100

// NominatedFor gives the courses of the nominations that the actor sees in Nominations, latest first.
func (s *Service) NominatedFor(ctx context.Context, actor access.Actor) (out []NominatedCourse, err error) {
	q, err := s.nominations(s.DB.Read(ctx), actor, NominationFilter{})
	if err != nil {
		return nil, err
	}
	err = q.Select("courses.id AS course_id, courses.code, courses.title, courses.state, courses.nomination_deadline AS deadline, COUNT(*) AS n").
		Group("courses.id, courses.code, courses.title, courses.state, courses.nomination_deadline, courses.first_day").
		Order("courses.first_day DESC, courses.id DESC").Limit(maxNominatedCourses).Scan(&out).Error
	return out, err
}

// OpenCourse is a course for which a head may put people forward today.
type OpenCourse struct {
	models.Course
	Nominated int     // of own cadres, who were not refused or withdrawn
	Taken     int     // seats
	Quotas    []Quota // that bind the head
}

// Free is how many seats nobody holds.
func (c OpenCourse) Free() int { return max(c.Capacity-c.Taken, 0) }

// Quota is the quota that leaves the fewest, nil where none binds.
func (c OpenCourse) Quota() *Quota {
	if q, ok := Narrowest(c.Quotas); ok {
		return &q
	}
	return nil
}

// Takes says whether the quotas leave anybody to nominate.
func (c OpenCourse) Takes() bool {
	q := c.Quota()
	return q == nil || q.Left() > 0
}

// OpenCourses gives the courses for which the actor may nominate today, those first whose deadline, or first day, comes first. Five
// statements at most, however many there are.
func (s *Service) OpenCourses(ctx context.Context, actor access.Actor) ([]OpenCourse, error) {
	db, now := s.DB.Read(ctx), s.DB.Time()
	today := models.DayOf(now)
	var courses []models.Course
	err := db.Scopes(access.Courses(actor, access.Nominate, now)).
		Where("courses.state = ? AND (courses.first_day IS NULL OR courses.first_day > ?) AND (courses.nomination_deadline IS NULL OR courses.nomination_deadline >= ?)", models.CourseOpen, today, today).
		Order("COALESCE(courses.nomination_deadline, courses.first_day, '9999-12-31'), courses.id").Limit(maxNominatedCourses).Find(&courses).Error
	if err != nil || len(courses) == 0 {
		return nil, err
	}
	quotas, err := quotasOf(db, courses)
	if err != nil {
		return nil, err
	}
	ids := make([]uint64, len(courses))
	for i, c := range courses {
		ids[i] = c.ID
	}
	count := func(q *gorm.DB) (map[uint64]int, error) {
		var rows []struct {
			CourseID uint64
			N        int
		}
		err := q.Where("enrolments.course_id IN ?", ids).Select("enrolments.course_id, COUNT(*) AS n").Group("enrolments.course_id").Scan(&rows).Error
		out := make(map[uint64]int, len(rows))
		for _, r := range rows {
			out[r.CourseID] = r.N
		}
		return out, err
	}
	taken, err := count(db.Model(&models.Enrolment{}).Where("enrolments.state = ?", models.EnrolmentEnrolled))
	if err != nil {
		return nil, err
	}
	own, err := count(db.Model(&models.Enrolment{}).Scopes(access.Enrolments(actor, access.Nominate, now)).Where("enrolments.source <> ? AND enrolments.state IN ?", SourceCoordinator, inCourse))
	if err != nil {
		return nil, err
	}
	out := make([]OpenCourse, len(courses))
	for i, c := range courses {
		out[i] = OpenCourse{Course: c, Nominated: own[c.ID], Taken: taken[c.ID], Quotas: quotas[c.ID].binding(actor.HomeOrganisations())}
	}
	return out, nil
}
