package enrolment

import (
	"context"
	"slices"
	"time"

	"taphuan/app/access"
	"taphuan/models"
)

// OwnCourse is a course in which a cadre takes, took or was to take part.
type OwnCourse struct {
	EnrolmentID   uint64
	CourseID      uint64
	Title         string
	Code          string
	TypeVi        string
	TypeEn        string
	CourseState   models.CourseState
	State         models.EnrolmentState
	Position      int `gorm:"-"` // on the waiting list, from 1
	Venue         string
	Link          string
	FirstDay      models.Day
	LastDay       models.Day
	CancelReason  string
	Reason        string // of a refusal or withdrawal
	Outcome       models.Outcome
	OutcomeReason string
	Attended      *int             // minutes
	Total         *int             // minutes
	Sessions      []models.Session `gorm:"-"` // not cancelled, in order
	Next          *models.Session  `gorm:"-"` // the one that is on or comes next
}

// OwnCourses are a cadre's courses: those to come, next class first, and past ones, latest first.
type OwnCourses struct {
	Coming []OwnCourse
	Past   []OwnCourse
}

// maxOwn is how many courses a cadre's own list shows, the latest ones.
const maxOwn = 200

// OwnCourses gives the courses of the cadre behind the account; nobody behind it has none. Three statements whatever the length.
func (s *Service) OwnCourses(ctx context.Context, actor access.Actor) (*OwnCourses, error) {
	db := s.DB.Read(ctx)
	now := s.DB.Time()
	var rows []OwnCourse
	err := db.Table("enrolments").Joins("JOIN courses ON courses.id = enrolments.course_id").Joins("JOIN course_types t ON t.id = courses.course_type_id").
		Scopes(access.Enrolments(actor, access.OwnRead, now)).Where("courses.state <> ?", models.CourseDraft).
		Select("enrolments.id AS enrolment_id, courses.id AS course_id, courses.title, courses.code, t.name_vi AS type_vi, t.name_en AS type_en, courses.state AS course_state," +
			" enrolments.state, courses.venue, courses.link, courses.first_day, courses.last_day, courses.cancel_reason, enrolments.reason, enrolments.outcome," +
			" enrolments.outcome_reason, enrolments.attended_minutes AS attended, enrolments.total_minutes AS total").
		Order("courses.last_day DESC, courses.id DESC").Limit(maxOwn).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	var courses, waiting []uint64
	for _, r := range rows {
		courses = append(courses, r.CourseID)
		if r.State == models.EnrolmentWaiting {
			waiting = append(waiting, r.EnrolmentID)
		}
	}
	places, err := positions(db, courses, waiting)
	if err != nil {
		return nil, err
	}
	var sessions []models.Session
	if len(courses) > 0 {
		err := db.Where("course_id IN ? AND cancelled = ?", courses, false).Order("day, start_minute, id").Find(&sessions).Error
		if err != nil {
			return nil, err
		}
	}
	of := map[uint64][]models.Session{}
	for _, x := range sessions {
		of[x.CourseID] = append(of[x.CourseID], x)
	}
	out := &OwnCourses{}
	for _, r := range rows {
		r.Position, r.Sessions = places[r.EnrolmentID], of[r.CourseID]
		if takesPart(models.Course{State: r.CourseState}, 0) == nil && has(r.State) {
			r.Next = nextSession(r.Sessions, now)
			out.Coming = append(out.Coming, r)
		} else {
			out.Past = append(out.Past, r)
		}
	}
	slices.SortStableFunc(out.Coming, func(a, b OwnCourse) int { return compareNext(a.Next, b.Next) })
	return out, nil
}

// OpenAfter gives the courses, open or running, that last until the day or longer and in which the cadre has a seat, waits or was
// nominated, the nearest first: what somebody who leaves the roster on the day leaves behind. The caller has found the cadre in the
// actor's scope.
func (s *Service) OpenAfter(ctx context.Context, cadre uint64, day models.Day) ([]OwnCourse, error) {
	var out []OwnCourse
	err := s.DB.Read(ctx).Table("enrolments").Joins("JOIN courses ON courses.id = enrolments.course_id").
		Where("enrolments.cadre_id = ? AND enrolments.state IN ? AND courses.state IN ? AND (courses.last_day IS NULL OR courses.last_day >= ?)",
			cadre, inCourse, []models.CourseState{models.CourseOpen, models.CourseRunning}, day).
		Select("enrolments.id AS enrolment_id, courses.id AS course_id, courses.title, courses.code, enrolments.state, courses.first_day, courses.last_day").
		Order("courses.first_day, courses.id").Limit(maxOwn).Scan(&out).Error
	return out, err
}

// nextSession gives the first session that has not ended.
func nextSession(sessions []models.Session, now time.Time) *models.Session {
	for i := range sessions {
		if now.Before(sessions[i].Ends()) {
			return &sessions[i]
		}
	}
	return nil
}

// compareNext sorts by what comes next; courses without a session to come stand last.
func compareNext(a, b *models.Session) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Starts().Compare(b.Starts())
}
