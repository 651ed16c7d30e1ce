package course

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/models"
	"taphuan/models/viet"
)

// Counts are the enrolments of a course by state, and the outcomes that closing decided.
type Counts struct {
	Enrolled, Waiting, Nominated, Refused, Withdrawn int
	Completed, NotCompleted                          int
	Imported                                         int // came in with a course of the past: nobody was invited or nominated
}

func (c *Counts) add(state models.EnrolmentState, outcome models.Outcome, n int) {
	switch state {
	case models.EnrolmentEnrolled:
		c.Enrolled += n
	case models.EnrolmentWaiting:
		c.Waiting += n
	case models.EnrolmentNominated:
		c.Nominated += n
	case models.EnrolmentRefused:
		c.Refused += n
	case models.EnrolmentWithdrawn:
		c.Withdrawn += n
	}
	if outcome == models.OutcomeCompleted {
		c.Completed += n
	} else if outcome == models.OutcomeNotCompleted && state == models.EnrolmentEnrolled {
		c.NotCompleted += n
	}
}

// counts reads the counts of courses: one query.
func counts(db *gorm.DB, ids []uint64) (map[uint64]Counts, error) {
	out := map[uint64]Counts{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		CourseID uint64
		State    models.EnrolmentState
		Outcome  models.Outcome
		N        int
		Imported int
	}
	err := db.Model(&models.Enrolment{}).Where("course_id IN ?", ids).Select("course_id, state, outcome, COUNT(*) AS n, SUM(CASE WHEN source = 'import' THEN 1 ELSE 0 END) AS imported").Group("course_id, state, outcome").Scan(&rows).Error
	for _, r := range rows {
		c := out[r.CourseID]
		c.add(r.State, r.Outcome, r.N)
		c.Imported += r.Imported
		out[r.CourseID] = c
	}
	return out, err
}

// SessionRow is a session on its course's page.
type SessionRow struct {
	models.Session
	Marks   int // current marks
	Clashes []Clash
	Seats   int // of its room, if fewer than the course may have; else 0
}

// Detail is what a course's page shows.
type Detail struct {
	models.Course
	Type       models.CourseType
	Host       models.Organisation
	Topics     []models.Topic // in the plan's order
	Groups     []models.TargetGroup
	Sessions   []SessionRow // in the order of time
	Staff      []StaffRow   // trainers, then clerks
	Counts     Counts
	Components []models.Component // of the course once closed, else of its type
	Timetable  Timetable
	Steps      []Step      // that make sense now
	NotYet     *errs.Error // why the next step in its life does not make sense yet; nil when it does or there is none
}

// May says whether a step makes sense now.
func (d *Detail) May(step Step) bool {
	for _, s := range d.Steps {
		if s == step {
			return true
		}
	}
	return false
}

// Changeable says whether sessions and staff may still change.
func (d *Detail) Changeable() bool { return changeable(d.Course) == nil }

// Get reads a course that the permission reaches; out of scope is not found. Its number of queries does not depend on what the
// course holds.
func (s *Service) Get(ctx context.Context, actor access.Actor, p access.Permission, id uint64) (*Detail, error) {
	db := s.DB.Read(ctx)
	now := s.DB.Time()
	d := &Detail{}
	err := db.Scopes(access.Courses(actor, p, now)).Take(&d.Course, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("course")
	}
	if err != nil {
		return nil, err
	}
	var sessions []models.Session
	components := db.Model(&models.CourseTypeComponent{}).Where("course_type_id = ?", d.CourseTypeID)
	if d.State == models.CourseClosed {
		components = db.Model(&models.CourseComponent{}).Where("course_id = ?", id)
	}
	for _, q := range []*gorm.DB{
		db.Take(&d.Type, d.CourseTypeID),
		db.Take(&d.Host, d.HostID),
		db.Where("id IN (?)", db.Model(&models.CourseTopic{}).Select("topic_id").Where("course_id = ?", id)).Order("code").Find(&d.Topics),
		db.Where("id IN (?)", db.Model(&models.CourseGroup{}).Select("group_id").Where("course_id = ?", id)).Order("position").Find(&d.Groups),
		db.Where("course_id = ?", id).Order("day, start_minute, id").Find(&sessions),
		staffRows(db.Table("course_staff x"), models.DayOf(now)).Where("x.course_id = ?", id).Scan(&d.Staff),
		components.Order("component").Pluck("component", &d.Components),
	} {
		if q.Error != nil {
			return nil, q.Error
		}
	}
	all, err := counts(db, []uint64{id})
	if err != nil {
		return nil, err
	}
	d.Counts = all[id]
	if d.Sessions, err = s.sessionRows(db, actor, id, sessions); err != nil {
		return nil, err
	}
	d.Timetable = TimetableOf(sessions)
	d.Steps = Steps(d.State, d.Timetable, now)
	if next := Next(d.State); next != "" {
		d.NotYet = errs.As(May(d.State, next, d.Timetable, now))
	}
	return d, nil
}

func (s *Service) sessionRows(db *gorm.DB, actor access.Actor, courseID uint64, sessions []models.Session) ([]SessionRow, error) {
	out := make([]SessionRow, len(sessions))
	if len(sessions) == 0 {
		return nil, nil
	}
	ids, days := make([]uint64, len(sessions)), make([]models.Day, len(sessions))
	for i, x := range sessions {
		out[i].Session, ids[i], days[i] = x, x.ID, x.Day
	}
	var marks []struct {
		SessionID uint64
		N         int
	}
	if err := db.Model(&models.Mark{}).Where("session_id IN ?", ids).Select("session_id, COUNT(*) AS n").Group("session_id").Scan(&marks).Error; err != nil {
		return nil, err
	}
	n := map[uint64]int{}
	for _, m := range marks {
		n[m.SessionID] = m.N
	}
	all, err := slots(db, "course_sessions.day IN ?", days)
	if err != nil {
		return nil, err
	}
	seen, err := s.visible(db, actor, all)
	if err != nil {
		return nil, err
	}
	seats, err := small(db, sessions)
	if err != nil {
		return nil, err
	}
	clashes := ClashesOf(all)
	for i := range out {
		out[i].Seats = seats[out[i].ID]
		out[i].Marks, out[i].Clashes = n[out[i].ID], hide(clashes[out[i].ID], seen)
	}
	return out, nil
}

// Session reads one session of a course that the permission reaches, with the course; out of scope is not found.
func (s *Service) Session(ctx context.Context, actor access.Actor, p access.Permission, id uint64) (models.Course, models.Session, error) {
	var c models.Course
	var x models.Session
	db := s.DB.Read(ctx)
	err := db.Take(&x, id).Error
	if err == nil {
		err = db.Scopes(access.Courses(actor, p, s.DB.Time())).Take(&c, x.CourseID).Error
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, models.Session{}, errs.NotFound("session")
	}
	return c, x, err
}

// Filter narrows a list of courses; zero fields do not.
type Filter struct {
	Text    string // words of code, title or venue, without regard to tones
	State   models.CourseState
	PlanID  uint64
	TypeID  uint64
	GroupID uint64
	Year    int      // of the first day; of the code while there is no session
	Mine    bool     // those in which the actor is trainer or clerk
	IDs     []uint64 // the ticked ones; nil for all
}

// Row is a course in a list.
type Row struct {
	models.Course
	TypeVi, TypeEn string
	Host           string
	Sessions       int
	Taken          int    // seats
	Counts         Counts `gorm:"-"`
}

// TypeName gives the name of the course type in the language.
func (r Row) TypeName(lang string) string {
	return models.CourseType{NameVi: r.TypeVi, NameEn: r.TypeEn}.Name(lang)
}

// PageSize is how many rows a page of a list shows.
const PageSize = 50

const seatsTaken = "(SELECT COUNT(*) FROM enrolments WHERE enrolments.course_id = courses.id AND enrolments.state = 'enrolled')"

var (
	byID = page.Key[Row]{Column: "courses.id", Of: func(r Row) any { return r.ID }}
	// courseOrders are how the list of courses can be sorted; those without a day come after all others.
	courseOrders = page.List[Row]{Default: "-day", Size: PageSize, Orders: map[string]page.Order[Row]{
		"day": {{Column: "COALESCE(courses.first_day, '9999-12-31')", Of: func(r Row) any { return cmp.Or(r.FirstDay, models.Forever) }}, byID},
		"code": {{Column: "LENGTH(courses.code)", Of: func(r Row) any { return len(r.Code) }},
			{Column: "courses.code", Of: func(r Row) any { return r.Code }}, byID},
		"enrolled": {{Column: seatsTaken, Of: func(r Row) any { return r.Taken }}, byID},
	}}
)

// List lists the courses that the actor may see; three queries.
func (s *Service) List(ctx context.Context, actor access.Actor, f Filter, ask page.Ask) (*page.Page[Row], error) {
	q := s.listed(ctx, actor, f)
	total, err := page.Count(q)
	if err != nil {
		return nil, err
	}
	p, err := courseOrders.Read(rowsOf(q), ask, total)
	if err != nil {
		return nil, err
	}
	return &p, addCounts(s.DB.Read(ctx), p.Rows)
}

// Each gives all courses that List would list to f, sorted so.
func (s *Service) Each(ctx context.Context, actor access.Actor, f Filter, sort string, each func([]Row) error) error {
	return courseOrders.Each(rowsOf(s.listed(ctx, actor, f)), sort, func(rows []Row) error {
		if err := addCounts(s.DB.Read(ctx), rows); err != nil {
			return err
		}
		return each(rows)
	})
}

func (s *Service) listed(ctx context.Context, actor access.Actor, f Filter) *gorm.DB {
	q := s.DB.Read(ctx).Model(&models.Course{}).Scopes(access.Courses(actor, access.CourseRead, s.DB.Time()))
	for w := range strings.FieldsSeq(viet.Fold(f.Text)) {
		q = q.Where("courses.search LIKE ? ESCAPE '!'", "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(w)+"%")
	}
	if f.State != "" {
		q = q.Where("courses.state = ?", f.State)
	}
	if f.PlanID != 0 {
		q = q.Where("courses.plan_id = ?", f.PlanID)
	}
	if f.TypeID != 0 {
		q = q.Where("courses.course_type_id = ?", f.TypeID)
	}
	if f.GroupID != 0 {
		q = q.Where("EXISTS (SELECT 1 FROM course_groups WHERE course_groups.course_id = courses.id AND course_groups.group_id = ?)", f.GroupID)
	}
	if f.Year != 0 {
		q = q.Where("(courses.first_day BETWEEN ? AND ? OR (courses.first_day IS NULL AND courses.code LIKE ?))",
			models.NewDay(f.Year, 1, 1), models.NewDay(f.Year, 12, 31), fmt.Sprintf("%d-%%", f.Year))
	}
	if f.Mine {
		q = q.Where("EXISTS (SELECT 1 FROM course_staff WHERE course_staff.course_id = courses.id AND course_staff.account_id = ?)", actor.AccountID)
	}
	if f.IDs != nil {
		q = q.Where("courses.id IN ?", f.IDs)
	}
	return q.Session(&gorm.Session{})
}

// rowsOf joins what a Row shows.
func rowsOf(q *gorm.DB) *gorm.DB {
	return q.Joins("JOIN course_types ON course_types.id = courses.course_type_id").Joins("JOIN organisations ON organisations.id = courses.host_id").
		Select("courses.*, course_types.name_vi AS type_vi, course_types.name_en AS type_en, organisations.name AS host, " + seatsTaken + " AS taken, " +
			"(SELECT COUNT(*) FROM course_sessions WHERE course_sessions.course_id = courses.id AND course_sessions.cancelled = FALSE) AS sessions")
}

func addCounts(db *gorm.DB, rows []Row) error {
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	all, err := counts(db, ids)
	for i := range rows {
		rows[i].Counts = all[ids[i]]
	}
	return err
}

// Rooms lists rooms that sessions were held in, the latest first, so that one hall is written in one way.
func (s *Service) Rooms(ctx context.Context) ([]string, error) {
	var out []string
	err := s.DB.Read(ctx).Model(&models.Session{}).Where("room_key <> ''").Group("room_key").Order("MAX(id) DESC").Limit(50).Pluck("MAX(room)", &out).Error
	return out, err
}
