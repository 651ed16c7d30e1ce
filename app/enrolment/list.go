package enrolment

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/models"
)

// ListFilter narrows who takes part in a course; zero fields do not.
type ListFilter struct {
	State        models.EnrolmentState
	Text         string   // as in Filter
	Organisation string   // code: that organisation and all below
	IDs          []uint64 // of enrolments, the ticked ones; nil for all
	page.Ask              // by "name", "organisation" or "nominated", those who wait by "place"; "" is as List says
	Everybody    bool     // no pages: at most maxEverybody rows, for a file
}

var (
	byID   = page.Key[Row]{Column: "enrolments.id", Of: func(r Row) any { return r.ID }}
	byName = page.Order[Row]{{Column: "cadres.sort_key", Of: func(r Row) any { return r.SortKey }}, byID}
	// listOrders are how lists of enrolments can be sorted.
	listOrders = page.List[Row]{Default: "name", Size: PageSize, Orders: map[string]page.Order[Row]{
		"name":         byName,
		"organisation": append(page.Order[Row]{{Column: "COALESCE(o.path, '')", Of: func(r Row) any { return r.OrgPath }}}, byName...),
		"nominated":    {{Column: "enrolments.updated_at", Of: func(r Row) any { return r.UpdatedAt }}, byID},
		"course":       append(page.Order[Row]{byFirstDay, byCourse}, byName...),
		"latest":       append(page.Order[Row]{turned(byFirstDay), turned(byCourse)}, byName...),
	}}
	// queueOrders are those of people who wait for a seat, besides: nobody waits since no time.
	queueOrders = page.List[Row]{Default: "place", Size: PageSize, Orders: map[string]page.Order[Row]{
		"place":        {{Column: "enrolments.waiting_since", Of: func(r Row) any { return r.since() }}, byID},
		"name":         listOrders.Orders["name"],
		"organisation": listOrders.Orders["organisation"],
	}}
	byFirstDay = page.Key[Row]{Column: "COALESCE(courses.first_day, '9999-12-31')", Of: func(r Row) any { return cmp.Or(r.FirstDay, models.Forever) }}
	byCourse   = page.Key[Row]{Column: "enrolments.course_id", Of: func(r Row) any { return r.CourseID }}
)

func turned(k page.Key[Row]) page.Key[Row] {
	k.Down = true
	return k
}

// maxEverybody is how many rows a file of a course's people has at most.
const maxEverybody = 20_000

// Row is an enrolment in a list.
type Row struct {
	ID            uint64
	CourseID      uint64
	CadreID       uint64
	Name          string
	BirthYear     int // 0 when unknown
	Title         string
	Organisation  string
	OrgCode       string
	State         models.EnrolmentState
	Source        string
	Position      int `gorm:"-"` // on the waiting list, from 1; 0 for who does not wait
	Reason        string
	NominatedBy   string // name of the account
	DecidedAt     *time.Time
	ScoreTenths   *int
	Outcome       models.Outcome
	OutcomeReason string
	Attended      *int      // minutes
	Total         *int      // minutes
	UpdatedAt     time.Time // when nominated, for who waits for a decision
	Course        string    // title; in lists over all courses
	CourseState   models.CourseState
	Capacity      int        // of the course
	Free          int        `gorm:"-"` // seats of the course that nobody holds; in lists for those who decide
	FirstDay      models.Day // of the course
	Clashes       []Clash    `gorm:"-"` // other courses at the same time, of who waits for a decision or for a seat
	SortKey       string
	OrgPath       string
	WaitingSince  *time.Time
}

// since is from when on somebody waits for a seat.
func (r Row) since() time.Time {
	if r.WaitingSince == nil {
		return time.Time{}
	}
	return *r.WaitingSince
}

// List is one page of a course's enrolments, in name order; those who wait by their place on the waiting list.
type List struct {
	page.Page[Row]
	Course   models.Course
	Counts   map[models.EnrolmentState]int // of those whom the actor may see, whatever the filter
	Enrolled int                           // seats taken, in the whole course
	Waiting  int
}

// List lists who takes part in a course, as far as the actor's scope reaches. It refuses courses out of scope and unknown
// organisations with not_found. A bounded number of statements whatever the length.
func (s *Service) List(ctx context.Context, actor access.Actor, courseID uint64, f ListFilter) (*List, error) {
	db := s.DB.Read(ctx)
	c, err := readCourse(db, actor, access.EnrolmentRead, courseID, s.DB)
	if err != nil {
		return nil, err
	}
	now := s.DB.Time()
	out := &List{Course: c, Counts: map[models.EnrolmentState]int{}}
	if out.Enrolled, out.Waiting, err = seats(db, c.ID); err != nil {
		return nil, err
	}
	seen := func() *gorm.DB {
		return rowsOf(db, listDay(c, models.DayOf(now))).Scopes(access.Enrolments(actor, access.EnrolmentRead, now)).Where("enrolments.course_id = ?", c.ID)
	}
	var counts []struct {
		State models.EnrolmentState
		N     int
	}
	if err := seen().Select("enrolments.state, COUNT(*) AS n").Group("enrolments.state").Scan(&counts).Error; err != nil {
		return nil, err
	}
	for _, n := range counts {
		out.Counts[n.State] = n.N
	}
	q, err := f.narrow(db, seen())
	if err != nil {
		return nil, err
	}
	orders := listOrders
	if f.State == models.EnrolmentWaiting {
		orders = queueOrders
	}
	if out.Page, err = read(q, orders, f.Ask, f.Everybody); err != nil {
		return nil, err
	}
	if err := addClashes(db, out.Rows); err != nil {
		return nil, err
	}
	return out, addPositions(db, out.Rows)
}

// narrow leaves of a course's people those whom the filter means.
func (f ListFilter) narrow(db, q *gorm.DB) (*gorm.DB, error) {
	q = q.Scopes(nameWords(f.Text))
	if f.State != "" {
		q = q.Where("enrolments.state = ?", f.State)
	}
	if f.IDs != nil {
		q = q.Where("enrolments.id IN ?", f.IDs)
	}
	return below(db, q, f.Organisation)
}

// ListIDs gives everybody of a course whom the filter finds and the permission reaches, whatever the page, for what is done to all of
// them at once. It refuses a course out of scope with not_found, "nobody_found" and "too_many_chosen".
func (s *Service) ListIDs(ctx context.Context, actor access.Actor, p access.Permission, courseID uint64, f ListFilter) ([]uint64, error) {
	db, now := s.DB.Read(ctx), s.DB.Time()
	c, err := readCourse(db, actor, p, courseID, s.DB)
	if err != nil {
		return nil, err
	}
	q, err := f.narrow(db, rowsOf(db, listDay(c, models.DayOf(now))).Scopes(access.Enrolments(actor, p, now)).Where("enrolments.course_id = ?", c.ID))
	if err != nil {
		return nil, err
	}
	return idsOf(q)
}

// idsOf gives the enrolments that a query finds. It refuses none ("nobody_found") and more than a request may name ("too_many_chosen").
func idsOf(q *gorm.DB) (ids []uint64, err error) {
	err = q.Order("enrolments.id").Limit(MaxPeople+1).Pluck("enrolments.id", &ids).Error
	switch {
	case err != nil:
		return nil, err
	case len(ids) == 0:
		return nil, errs.Invalid("nobody_found")
	case len(ids) > MaxPeople:
		return nil, errs.Invalid("too_many_chosen", errs.Params{"n": MaxPeople})
	}
	return ids, nil
}

// Seen refuses (not_found) a course that is out of the reach of those who read nominations.
func (s *Service) Seen(ctx context.Context, actor access.Actor, courseID uint64) error {
	_, err := readCourse(s.DB.Read(ctx), actor, access.NominationRead, courseID, s.DB)
	return err
}

// rowsOf joins what a Row shows: the cadre with the main posting of the day, else with the office of the enrolment.
func rowsOf(db *gorm.DB, day models.Day) *gorm.DB {
	return db.Table("enrolments").Joins("JOIN cadres ON cadres.id = enrolments.cadre_id AND cadres.merged_into_id IS NULL").Joins("JOIN courses ON courses.id = enrolments.course_id").
		Joins("LEFT JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, day, day).
		Joins("LEFT JOIN organisations o ON o.id = COALESCE(p.organisation_id, enrolments.organisation_id)").
		Joins("LEFT JOIN accounts nominator ON nominator.id = enrolments.nominated_by_id")
}

const rowColumns = "enrolments.id, enrolments.course_id, enrolments.cadre_id, cadres.full_name AS name, cadres.birth_year, COALESCE(p.title, '') AS title," +
	" COALESCE(o.name, '') AS organisation, COALESCE(o.code, '') AS org_code, enrolments.state, enrolments.source, enrolments.reason," +
	" COALESCE(nominator.name, '') AS nominated_by, enrolments.decided_at, enrolments.score_tenths, enrolments.outcome, enrolments.outcome_reason," +
	" enrolments.attended_minutes AS attended, enrolments.total_minutes AS total, enrolments.updated_at, courses.title AS course, courses.state AS course_state, courses.first_day, courses.capacity," +
	" cadres.sort_key, COALESCE(o.path, '') AS org_path, enrolments.waiting_since"

// below narrows to an organisation and all below; "" does not.
func below(db, q *gorm.DB, code string) (*gorm.DB, error) {
	if code == "" {
		return q, nil
	}
	var o models.Organisation
	if err := db.Select("path").Scopes(store.Code("code", code)).Take(&o).Error; errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("organisation")
	} else if err != nil {
		return nil, err
	}
	sql, args := access.Subtree("o.path", o.Path)
	return q.Where(sql, args...), nil
}

// read counts and reads one page, or everybody.
func read(q *gorm.DB, orders page.List[Row], ask page.Ask, everybody bool) (page.Page[Row], error) {
	total, err := page.Count(q)
	if err != nil {
		return page.Page[Row]{}, err
	}
	if everybody {
		orders.Size = maxEverybody
	}
	return orders.Read(q.Select(rowColumns), ask, total)
}

// addPositions fills in the places on the waiting lists, in one statement.
func addPositions(db *gorm.DB, rows []Row) error {
	at := map[uint64]*Row{}
	var courses, ids []uint64
	for i := range rows {
		if rows[i].State == models.EnrolmentWaiting {
			at[rows[i].ID] = &rows[i]
			ids, courses = append(ids, rows[i].ID), append(courses, rows[i].CourseID)
		}
	}
	places, err := positions(db, courses, ids)
	for id, row := range at {
		row.Position = places[id]
	}
	return err
}

// positions gives the places of enrolments on the waiting lists of their courses.
func positions(db *gorm.DB, courses, ids []uint64) (map[uint64]int, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(courses)
	courses = slices.Compact(courses)
	if len(courses) == 1 && len(ids) > PageSize { // a whole list: all places of the course
		return allPositions(db, courses[0])
	}
	var rows []struct {
		ID uint64
		N  int
	}
	err := db.Raw("SELECT id, n FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY course_id ORDER BY waiting_since, id) AS n FROM enrolments"+
		" WHERE course_id IN ? AND state = ?) w WHERE id IN ?", courses, models.EnrolmentWaiting, ids).Scan(&rows).Error
	out := make(map[uint64]int, len(rows))
	for _, r := range rows {
		out[r.ID] = r.N
	}
	return out, err
}

// allPositions gives the places of everybody on a course's waiting list.
func allPositions(db *gorm.DB, courseID uint64) (map[uint64]int, error) {
	var ids []uint64
	err := db.Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", courseID, models.EnrolmentWaiting).Order("waiting_since, id").Pluck("id", &ids).Error
	out := make(map[uint64]int, len(ids))
	for i, id := range ids {
		out[id] = i + 1
	}
	return out, err
}

// addClashes fills in the clashes of those who wait for a decision or for a seat, in two statements.
func addClashes(db *gorm.DB, rows []Row) error {
	var courses, cadres []uint64
	for _, r := range rows {
		if r.State == models.EnrolmentNominated || r.State == models.EnrolmentWaiting {
			courses, cadres = append(courses, r.CourseID), append(cadres, r.CadreID)
		}
	}
	found, err := clashes(db, courses, cadres)
	for i, r := range rows {
		if r.State == models.EnrolmentNominated || r.State == models.EnrolmentWaiting {
			rows[i].Clashes = found[seatOf{r.CourseID, r.CadreID}]
		}
	}
	return err
}

// addFree fills in how many seats the courses have left, in one statement.
func addFree(db *gorm.DB, rows []Row) error {
	var courses []uint64
	for _, r := range rows {
		courses = append(courses, r.CourseID)
	}
	if len(courses) == 0 {
		return nil
	}
	var taken []struct {
		CourseID uint64
		N        int
	}
	err := db.Model(&models.Enrolment{}).Select("course_id, COUNT(*) AS n").Where("course_id IN ? AND state = ?", courses, models.EnrolmentEnrolled).
		Group("course_id").Scan(&taken).Error
	of := map[uint64]int{}
	for _, t := range taken {
		of[t.CourseID] = t.N
	}
	for i := range rows {
		rows[i].Free = max(rows[i].Capacity-of[rows[i].CourseID], 0)
	}
	return err
}
