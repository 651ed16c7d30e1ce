package trainer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	ics "github.com/arran4/golang-ical"

	"taphuan/models"
)

// Candidate is a trainer who could teach in a course.
type Candidate struct {
	Row
	Matches []models.Topic // of the course, that the expertise reaches
	Busy    []Busy         // what else they teach while the course is held
}

// Busy is another session at the time of one of the course's.
type Busy struct {
	AccountID   uint64
	Code        string // of the other course
	Day         models.Day
	StartMinute int
	EndMinute   int
}

// Fit lists who could teach in a course and does not yet: those who know its topics first, then those who are free, then those who
// teach least this year. Clashes are shown and forbid nothing. Eight queries.
func (s *Service) Fit(ctx context.Context, courseID uint64) ([]Candidate, error) {
	db, today := s.DB.Read(ctx), models.DayOf(s.DB.Time())
	var rows []Row
	err := trainers(db, today).Where("NOT EXISTS (SELECT 1 FROM course_staff x WHERE x.course_id = ? AND x.account_id = accounts.id AND x.role = ?)", courseID, models.StaffTrainer).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	topics, err := s.fill(db, today, rows)
	if err != nil {
		return nil, err
	}
	var wanted []uint64
	if err := db.Model(&models.CourseTopic{}).Where("course_id = ?", courseID).Pluck("topic_id", &wanted).Error; err != nil {
		return nil, err
	}
	var busy []Busy
	err = db.Table("course_sessions mine").Joins("JOIN course_sessions others ON others.day = mine.day AND others.start_minute < mine.end_minute AND others.end_minute > mine.start_minute AND others.course_id <> mine.course_id").
		Joins("JOIN courses ON courses.id = others.course_id").Joins("JOIN course_staff x ON x.course_id = others.course_id").
		Where("mine.course_id = ? AND mine.cancelled = ? AND others.cancelled = ? AND courses.state <> ? AND x.role = ?", courseID, false, false, models.CourseCancelled, models.StaffTrainer).
		Select("x.account_id, courses.code, others.day, others.start_minute, others.end_minute").Order("others.day, others.start_minute").Scan(&busy).Error
	if err != nil {
		return nil, err
	}
	out := make([]Candidate, len(rows))
	for i, r := range rows {
		out[i].Row = r
		for _, t := range topics {
			if slices.Contains(wanted, t.ID) && knows(r.Topics, topics, t.ID) {
				out[i].Matches = append(out[i].Matches, t)
			}
		}
		for _, b := range busy {
			if b.AccountID == r.AccountID {
				out[i].Busy = append(out[i].Busy, b)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(len(b.Matches), len(a.Matches)), cmp.Compare(min(len(a.Busy), 1), min(len(b.Busy), 1)),
			cmp.Compare(a.Load.HeldMinutes+a.Load.PlannedMinutes, b.Load.HeldMinutes+b.Load.PlannedMinutes))
	})
	return out, nil
}

// Lesson is a session that a trainer teaches.
type Lesson struct {
	models.Session
	Code   string
	Course string
	Venue  string
	State  models.CourseState
}

// maxLessons is how many sessions a trainer's own list shows.
const maxLessons = 200

// Coming lists the sessions from today on in which the account teaches, in the order of time.
func (s *Service) Coming(ctx context.Context, accountID uint64) ([]Lesson, error) {
	var out []Lesson
	err := s.DB.Read(ctx).Table("course_sessions").Joins("JOIN courses ON courses.id = course_sessions.course_id").
		Joins("JOIN course_staff ON course_staff.course_id = courses.id AND course_staff.role = ? AND course_staff.account_id = ?", models.StaffTrainer, accountID).
		Where("course_sessions.cancelled = ? AND courses.state <> ? AND course_sessions.day >= ?", false, models.CourseCancelled, models.DayOf(s.DB.Time())).
		Select("course_sessions.*, courses.code, courses.title AS course, courses.venue, courses.state").
		Order("course_sessions.day, course_sessions.start_minute, course_sessions.id").Limit(maxLessons).Scan(&out).Error
	return out, err
}

// Calendar gives the coming sessions of the account as a calendar file (RFC 5545). Times are UTC, so that no program has to know a
// time zone; an event keeps its UID, so that the file of another day brings it up to date.
func (s *Service) Calendar(ctx context.Context, accountID uint64) ([]byte, error) {
	lessons, err := s.Coming(ctx, accountID)
	if err != nil {
		return nil, err
	}
	cal := ics.NewCalendarFor("taphuan")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRTimezone("Asia/Ho_Chi_Minh")
	for _, x := range lessons {
		e := cal.AddEvent(fmt.Sprintf("lesson-%d@taphuan", x.ID))
		e.SetDtStampTime(x.UpdatedAt)
		e.SetStartAt(x.Starts())
		e.SetEndAt(x.Ends())
		e.SetSummary(x.Course)
		if where := x.Where(); where != "" {
			e.SetLocation(where)
		}
		if x.Title != "" {
			e.SetDescription(x.Title)
		}
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows)), nil
}

// Where says room and venue.
func (x Lesson) Where() string {
	switch {
	case x.Room == "":
		return x.Venue
	case x.Venue == "":
		return x.Room
	}
	return x.Room + ", " + x.Venue
}
