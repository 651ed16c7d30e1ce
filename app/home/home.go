// Package home reads what people come for daily, for their first page: the session at hand, the classes to come, what waits for
// a decision. It only reads; each question takes a fixed number of statements.
package home

import (
	"context"
	"time"

	"taphuan/app/access"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/models"
)

// Service reads first pages.
type Service struct {
	DB *store.DB
}

// Session is a session of a course with what a first page says about it.
type Session struct {
	ID          uint64
	CourseID    uint64
	Day         models.Day
	StartMinute int
	EndMinute   int
	Room        string
	Title       string // of the session, often empty
	Course      string
	Venue       string
	Link        string
	State       models.CourseState
	People      int // enrolled
	Marked      int // of them, with a mark in this session
	Enrolment   models.EnrolmentState
	Now         bool `gorm:"-"` // begins within the hour or is going on
}

// Place is the room and the venue, as far as they are known.
func (s Session) Place() string {
	switch {
	case s.Room == "":
		return s.Venue
	case s.Venue == "" || s.Venue == s.Room:
		return s.Room
	}
	return s.Room + ", " + s.Venue
}

// Left is how many have no mark yet.
func (s Session) Left() int { return max(s.People-s.Marked, 0) }

func (s Session) ended(now time.Time) bool { return !now.Before(s.Day.At(s.EndMinute)) }

// soon is how long before its start a session is the one at hand.
const soon = time.Hour

func (s Session) atHand(now time.Time) bool {
	return !s.ended(now) && !now.Before(s.Day.At(s.StartMinute).Add(-soon))
}

// Teaching is what a trainer or class clerk comes for.
type Teaching struct {
	Next   *Session  // the one going on, or the next
	Others []Session // those after it, the nearest first
	Behind []Session // those that ended with people still unmarked, the latest first
}

// How much first pages show.
const (
	maxSessions    = 8
	maxBehind      = 5
	behindDays     = 30
	maxNominations = 8
	maxCourses     = 8
	maxImports     = 5
)

const sessionColumns = "s.id, s.course_id, s.day, s.start_minute, s.end_minute, s.room, s.title, c.title AS course, c.venue, c.link, c.state"

// Teaching gives the sessions of the courses that the actor teaches or is clerk of; two statements.
func (s *Service) Teaching(ctx context.Context, actor access.Actor) (*Teaching, error) {
	now := s.DB.Time()
	today := models.DayOf(now)
	db := s.DB.Read(ctx)
	from := func() string {
		return "SELECT " + sessionColumns + ", (SELECT COUNT(*) FROM enrolments e WHERE e.course_id = c.id AND e.state = 'enrolled') AS people," +
			" (SELECT COUNT(*) FROM marks m JOIN enrolments e ON e.id = m.enrolment_id WHERE m.session_id = s.id AND m.mark <> '' AND e.state = 'enrolled') AS marked" +
			" FROM course_sessions s JOIN courses c ON c.id = s.course_id WHERE s.cancelled = FALSE AND c.state IN ('open', 'running')" +
			" AND EXISTS (SELECT 1 FROM course_staff cs WHERE cs.course_id = c.id AND cs.account_id = ?)"
	}
	t := &Teaching{}
	var coming, past []Session
	if err := db.Raw(from()+" AND s.day >= ? ORDER BY s.day, s.start_minute, s.id LIMIT ?", actor.AccountID, today, 2*maxSessions).Scan(&coming).Error; err != nil {
		return nil, err
	}
	if err := db.Raw("SELECT * FROM ("+from()+" AND s.day >= ? AND s.day <= ?) x WHERE marked < people ORDER BY day DESC, start_minute DESC, id DESC LIMIT ?",
		actor.AccountID, today.AddDays(-behindDays), today, 2*maxBehind).Scan(&past).Error; err != nil {
		return nil, err
	}
	for _, x := range coming {
		x.Now = x.atHand(now)
		switch {
		case x.ended(now):
		case t.Next == nil:
			t.Next = &x
		case len(t.Others) < maxSessions:
			t.Others = append(t.Others, x)
		}
	}
	for _, x := range past {
		if x.ended(now) && len(t.Behind) < maxBehind {
			t.Behind = append(t.Behind, x)
		}
	}
	return t, nil
}

// Learning gives a cadre's next sessions, the nearest first; one statement.
func (s *Service) Learning(ctx context.Context, actor access.Actor) ([]Session, error) {
	if actor.CadreID == 0 {
		return nil, nil
	}
	now := s.DB.Time()
	var all, out []Session
	err := s.DB.Read(ctx).Raw("SELECT "+sessionColumns+", e.state AS enrolment FROM enrolments e JOIN courses c ON c.id = e.course_id JOIN course_sessions s ON s.course_id = c.id"+
		" WHERE e.cadre_id = ? AND e.state IN ('enrolled', 'waiting', 'nominated') AND c.state IN ('open', 'running') AND s.cancelled = FALSE AND s.day >= ?"+
		" ORDER BY s.day, s.start_minute, s.id LIMIT ?", actor.CadreID, models.DayOf(now), 2*maxSessions).Scan(&all).Error
	for _, x := range all {
		if x.Now = x.atHand(now); !x.ended(now) && len(out) < maxSessions {
			out = append(out, x)
		}
	}
	return out, err
}

// Nomination is a course in which people who were put forward wait for a decision.
type Nomination struct {
	CourseID uint64
	Course   string
	FirstDay models.Day
	Capacity int
	Taken    int // enrolled
	N        int // waiting for the decision, as far as the actor's scope reaches
}

// Nominations gives the courses with nominations that wait, the nearest first; one statement.
func (s *Service) Nominations(ctx context.Context, actor access.Actor) ([]Nomination, error) {
	var out []Nomination
	err := s.DB.Read(ctx).Table("enrolments").Joins("JOIN courses ON courses.id = enrolments.course_id").
		Scopes(access.Enrolments(actor, access.EnrolmentRead, s.DB.Time())).
		Where("enrolments.state = ? AND courses.state IN ?", models.EnrolmentNominated, []models.CourseState{models.CourseOpen, models.CourseRunning}).
		Group("courses.id, courses.title, courses.first_day, courses.capacity").
		Select("courses.id AS course_id, courses.title AS course, courses.first_day, courses.capacity, COUNT(*) AS n," +
			" (SELECT COUNT(*) FROM enrolments t WHERE t.course_id = courses.id AND t.state = 'enrolled') AS taken").
		Order("courses.first_day, courses.id").Limit(maxNominations).Scan(&out).Error
	return out, err
}

// Course is a course that waits to be closed.
type Course struct {
	ID      uint64
	Code    string
	Title   string
	LastDay models.Day
	State   models.CourseState
}

// Import is a roster from a workbook that waits to be confirmed.
type Import struct {
	ID        uint64
	FileName  string
	CreatedAt time.Time
	Account   string
}

// Desk is what waits at the desk of a coordinator.
type Desk struct {
	ToClose []Course  // ended and not closed, the longest first
	Week    []Session // of this week, from Monday to Sunday
	Imports []Import  // read and not confirmed, the oldest first

	Recognitions int64 // of training elsewhere, proposed and not decided
	Unplaced     int64 // cadres whose organisation ended, and who have no place since
}

// Desk gives the work that waits for those who run the whole plan; five statements.
func (s *Service) Desk(ctx context.Context, actor access.Actor) (*Desk, error) {
	db := s.DB.Read(ctx)
	now := s.DB.Time()
	today := models.DayOf(now)
	d := &Desk{}
	if actor.Whole(access.CourseWrite) {
		err := db.Table("courses").Select("id, code, title, last_day, state").
			Where("state IN ? AND (last_day < ? OR last_day = ? AND NOT EXISTS (SELECT 1 FROM course_sessions s WHERE s.course_id = courses.id AND s.cancelled = FALSE AND s.day = ? AND s.end_minute > ?))",
				[]models.CourseState{models.CourseOpen, models.CourseRunning}, today, today, today, int(now.Sub(today.At(0)).Minutes())).
			Order("last_day, id").Limit(maxCourses).Scan(&d.ToClose).Error
		if err != nil {
			return nil, err
		}
		monday := today.AddDays(-(int(today.Weekday()) + 6) % 7)
		err = db.Raw("SELECT "+sessionColumns+", (SELECT COUNT(*) FROM enrolments e WHERE e.course_id = c.id AND e.state = 'enrolled') AS people"+
			" FROM course_sessions s JOIN courses c ON c.id = s.course_id WHERE s.cancelled = FALSE AND c.state IN ('open', 'running', 'closed') AND s.day >= ? AND s.day < ?"+
			" ORDER BY s.day, s.start_minute, s.id LIMIT ?", monday, monday.AddDays(7), 3*maxSessions).Scan(&d.Week).Error
		if err != nil {
			return nil, err
		}
		for i := range d.Week {
			d.Week[i].Now = d.Week[i].atHand(now)
		}
	}
	if actor.Whole(access.CompletionApprove) {
		if err := db.Model(&models.Recognition{}).Where("state = ?", models.RecognitionProposed).Count(&d.Recognitions).Error; err != nil {
			return nil, err
		}
	}
	if actor.Whole(access.OrganisationWrite) {
		var err error
		if d.Unplaced, err = roster.UnplacedCount(db, today); err != nil {
			return nil, err
		}
	}
	if actor.Whole(access.RosterImport) {
		err := db.Table("roster_imports i").Joins("LEFT JOIN accounts a ON a.id = i.account_id").Select("i.id, i.file_name, i.created_at, COALESCE(a.name, '') AS account").
			Where("i.state = ?", models.ImportRead).Order("i.created_at, i.id").Limit(maxImports).Scan(&d.Imports).Error
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}
