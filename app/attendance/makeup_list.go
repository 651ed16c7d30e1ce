package attendance

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/models"
)

// mostOthers is how many sessions elsewhere are suggested for a missed one.
const mostOthers = 10

// Elsewhere is a session of another course.
type Elsewhere struct {
	models.Session
	CourseCode, CourseTitle, Venue string
	CourseState                    models.CourseState
}

// Absentee is somebody who missed a session.
type Absentee struct {
	Row
	Attended []Elsewhere // sessions of other courses that they attended, are long enough and make up no other
}

// MissedSession is a session that has been held and that somebody missed.
type MissedSession struct {
	models.Session
	People []Absentee  // by given name
	Others []Elsewhere // held or coming, of courses with the same topics, long enough; the soonest first
}

// MadeUp is a missed session that somebody made up.
type MadeUp struct {
	Row
	Session models.Session
	By      Elsewhere
	Stands  bool // the mark there still says that they attended
}

// MakeUps is who of a course missed what, what could make it up, and what was made up.
type MakeUps struct {
	Course  models.Course
	Missed  []MissedSession
	MadeUp  []MadeUp
	Refusal *errs.Error // why nothing can be changed now; nil: it can
}

// MakeUps reads who missed which session of a course, with the sessions of other courses in the actor's scope that could make it up: a
// number of queries that does not grow with the people. Out of scope is not found.
func (s *Service) MakeUps(ctx context.Context, actor access.Actor, courseID uint64) (*MakeUps, error) {
	report, err := s.Report(ctx, actor, courseID)
	if err != nil {
		return nil, err
	}
	out := &MakeUps{Course: report.Course, Refusal: errs.As(refusal(report.Course, models.Session{}, 0))}
	made, used, err := s.madeUp(ctx, report)
	if err != nil {
		return nil, err
	}
	out.MadeUp = made
	there, err := s.attendedElsewhere(ctx, actor, report)
	if err != nil {
		return nil, err
	}
	others, err := s.suggested(ctx, actor, report.Course)
	if err != nil {
		return nil, err
	}
	now := s.DB.Time()
	for j, x := range report.Sessions {
		if now.Before(x.Ends()) {
			continue
		}
		missed := MissedSession{Session: x}
		fits := func(e Elsewhere) bool { return longEnough(report.Course, x, e.Session) }
		for _, r := range report.Rows {
			if r.Marks[j].Attended() {
				continue
			}
			a := Absentee{Row: r.Row}
			a.Mark = r.Marks[j]
			for _, e := range there[r.CadreID] {
				if fits(e) && !slices.Contains(used[r.CadreID], e.ID) {
					a.Attended = append(a.Attended, e)
				}
			}
			missed.People = append(missed.People, a)
		}
		if len(missed.People) == 0 {
			continue
		}
		for _, e := range others {
			if len(missed.Others) < mostOthers && fits(e) {
				missed.Others = append(missed.Others, e)
			}
		}
		out.Missed = append(out.Missed, missed)
	}
	return out, nil
}

// elsewhere selects sessions with their courses, the sessions as x.
func elsewhere(q *gorm.DB) *gorm.DB {
	return q.Joins("JOIN course_sessions x ON x.course_id = courses.id").Where("x.cancelled = ? AND courses.state IN ?", false, []models.CourseState{models.CourseOpen, models.CourseRunning, models.CourseClosed})
}

const elsewhereColumns = "x.id, x.course_id, x.day, x.start_minute, x.end_minute, x.room, x.title, courses.code AS course_code, courses.title AS course_title, courses.venue, courses.state AS course_state"

// attendedElsewhere reads which sessions of other courses the people of a report attended, by cadre.
func (s *Service) attendedElsewhere(ctx context.Context, actor access.Actor, report *Report) (map[uint64][]Elsewhere, error) {
	var rows []struct {
		Elsewhere
		CadreID uint64
	}
	err := elsewhere(s.DB.Read(ctx).Model(&models.Course{})).Scopes(access.Courses(actor, access.AttendanceWrite, s.DB.Time())).
		Joins("JOIN marks k ON k.session_id = x.id").Joins("JOIN mark_events v ON v.id = k.event_id").Joins("JOIN enrolments e ON e.id = k.enrolment_id").
		Joins("JOIN enrolments own ON own.cadre_id = e.cadre_id AND own.course_id = ? AND own.state = ?", report.Course.ID, models.EnrolmentEnrolled).
		Where("courses.id <> ? AND k.mark IN ? AND v.ref_session_id IS NULL", report.Course.ID, attended).
		Select(elsewhereColumns + ", e.cadre_id").Order("x.day DESC, x.start_minute DESC, x.id").Scan(&rows).Error
	out := map[uint64][]Elsewhere{}
	for _, r := range rows {
		out[r.CadreID] = append(out[r.CadreID], r.Elsewhere)
	}
	return out, err
}

// suggested reads sessions of other courses from today on that share a topic with the course, or its type where it has no topics.
func (s *Service) suggested(ctx context.Context, actor access.Actor, c models.Course) (list []Elsewhere, err error) {
	db := s.DB.Read(ctx)
	var topics int64
	if err := db.Model(&models.CourseTopic{}).Where("course_id = ?", c.ID).Count(&topics).Error; err != nil {
		return nil, err
	}
	q := elsewhere(db.Model(&models.Course{})).Scopes(access.Courses(actor, access.AttendanceWrite, s.DB.Time())).
		Where("courses.id <> ? AND x.day >= ?", c.ID, models.DayOf(s.DB.Time()))
	if topics > 0 {
		q = q.Where("EXISTS (SELECT 1 FROM course_topics a JOIN course_topics b ON b.topic_id = a.topic_id WHERE a.course_id = courses.id AND b.course_id = ?)", c.ID)
	} else {
		q = q.Where("courses.course_type_id = ?", c.CourseTypeID)
	}
	err = q.Select(elsewhereColumns).Order("x.day, x.start_minute, x.id").Limit(100).Scan(&list).Error
	return list, err
}

// madeUp reads the make-ups of a course, and which sessions elsewhere its people have used, by cadre.
func (s *Service) madeUp(ctx context.Context, report *Report) ([]MadeUp, map[uint64][]uint64, error) {
	var rows []struct {
		Elsewhere
		EnrolmentID, SessionID, CadreID, OfCourse uint64
		Stands                                    bool
	}
	err := s.DB.Read(ctx).Table("marks k").Joins("JOIN mark_events v ON v.id = k.event_id").Joins("JOIN enrolments e ON e.id = k.enrolment_id").
		Joins("JOIN enrolments own ON own.cadre_id = e.cadre_id AND own.course_id = ?", report.Course.ID).
		Joins("JOIN course_sessions x ON x.id = v.ref_session_id").Joins("JOIN courses ON courses.id = x.course_id").
		Select(elsewhereColumns + ", k.enrolment_id, k.session_id, e.cadre_id, e.course_id AS of_course, " +
			"EXISTS (SELECT 1 FROM marks o JOIN enrolments oe ON oe.id = o.enrolment_id WHERE o.session_id = x.id AND oe.cadre_id = e.cadre_id AND o.mark IN ('present', 'late')) AS stands").Scan(&rows).Error
	if err != nil {
		return nil, nil, err
	}
	used := map[uint64][]uint64{}
	type place struct{ enrolment, session uint64 }
	by := map[place]int{}
	for i, r := range rows {
		used[r.CadreID] = append(used[r.CadreID], r.ID)
		if r.OfCourse == report.Course.ID {
			by[place{r.EnrolmentID, r.SessionID}] = i
		}
	}
	var made []MadeUp
	for _, x := range report.Sessions {
		for _, p := range report.Rows {
			if i, ok := by[place{p.EnrolmentID, x.ID}]; ok {
				made = append(made, MadeUp{Row: p.Row, Session: x, By: rows[i].Elsewhere, Stands: rows[i].Stands})
			}
		}
	}
	return made, used, nil
}

// instead reads the sessions that a person attended to make up a session, by id.
func (s *Service) instead(ctx context.Context, sessionID, enrolmentID uint64) (map[uint64]*Elsewhere, error) {
	var list []Elsewhere
	err := s.DB.Read(ctx).Table("mark_events v").Joins("JOIN course_sessions x ON x.id = v.ref_session_id").Joins("JOIN courses ON courses.id = x.course_id").
		Where("v.session_id = ? AND v.enrolment_id = ?", sessionID, enrolmentID).Select(elsewhereColumns).Scan(&list).Error
	out := make(map[uint64]*Elsewhere, len(list))
	for i := range list {
		out[list[i].ID] = &list[i]
	}
	return out, err
}
