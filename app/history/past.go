package history

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/roster"
	"taphuan/app/roster/sheet"
	"taphuan/models"
	"taphuan/models/viet"
)

// MaxPastRows is how many rows the attendance lists of a workbook may have.
const MaxPastRows = 5000

// PastPerson is somebody of an attendance list, with what it says.
type PastPerson struct {
	roster.Listed
	Marks    []models.MarkValue // one a session, MarkNone where nothing is said
	Minutes  *int               // said in their place
	Tenths   *int               // score
	Attended int
	Outcome  models.Outcome
}

// PastCourse is a course that can be taken, with its people in the order of the list.
type PastCourse struct {
	course.Past
	Sheet  string
	Row    int
	Type   string
	Host   string
	People []PastPerson
}

// Completed counts who completes the course.
func (c *PastCourse) Completed() int {
	n := 0
	for _, p := range c.People {
		if p.Outcome == models.OutcomeCompleted {
			n++
		}
	}
	return n
}

// CoursePreview is what a workbook of courses of the past would make.
type CoursePreview struct {
	models.HistoryImport
	Courses []*PastCourse
	Left    []Left
}

// People counts the places that confirming would make.
func (v *CoursePreview) People() int {
	n := 0
	for _, c := range v.Courses {
		n += len(c.People)
	}
	return n
}

// UploadCourses keeps a workbook of courses of the past until it is confirmed or dropped, in the place of an earlier one. It refuses
// what Upload refuses, and a workbook without a sheet of courses ("courses_not_found").
func (s *Service) UploadCourses(ctx context.Context, actor access.Actor, name string, file []byte) error {
	if err := sized(file); err != nil {
		return err
	}
	db := s.DB.Read(ctx)
	records, _, err := s.Roster.ReadRecords(ctx, db, file, courseColumns)
	if err != nil {
		return err
	}
	if len(records) == 0 {
		return errs.OnField("file", "courses_not_found")
	}
	if _, err := s.Roster.ReadListing(ctx, db, file, listColumns); err != nil {
		return err
	}
	return s.keep(ctx, actor, models.HistoryCourses, name, file)
}

// PendingCourses reads the workbook of courses that the actor has uploaded against what is known now; nil where there is none.
func (s *Service) PendingCourses(ctx context.Context, actor access.Actor) (*CoursePreview, error) {
	db := s.DB.Read(ctx)
	im, err := pending(db, actor, models.HistoryCourses)
	if err != nil || im == nil {
		return nil, err
	}
	v, _, err := s.understandCourses(ctx, db, actor, *im)
	return v, err
}

// understandCourses reads a workbook: the courses, who was there, and why a row cannot be taken.
func (s *Service) understandCourses(ctx context.Context, db *gorm.DB, actor access.Actor, im models.HistoryImport) (*CoursePreview, *plan.Plan, error) {
	file, err := s.Files.Keys.Open(purposeImport, im.File)
	if err != nil {
		return nil, nil, err
	}
	im.File = nil
	out := &CoursePreview{HistoryImport: im}
	today := models.DayOf(s.DB.Time())
	p, err := plan.Current(ctx, db, today)
	if err != nil {
		return nil, nil, err
	}
	records, _, err := s.Roster.ReadRecords(ctx, db, []byte(file), courseColumns)
	if err != nil {
		return nil, nil, err
	}
	list, lost := drafts(records)
	for _, f := range lost {
		out.Left = append(out.Left, f.left(""))
	}
	if err := judge(db, p, list, today); err != nil {
		return nil, nil, err
	}
	people, err := s.Roster.ReadListing(ctx, db, []byte(file), listColumns)
	if err != nil {
		return nil, nil, err
	}
	if len(people.Rows) > MaxPastRows {
		return nil, nil, errs.TooLarge("too_many_rows", errs.Params{"max": MaxPastRows})
	}
	for _, r := range people.Refused {
		out.Left = append(out.Left, Left{Sheet: r.Sheet, Row: r.Row, Column: r.Column, Name: r.Name, Value: r.Value, Reason: string(r.Reason), Params: r.Params})
	}
	reach, _, err := s.known(db, actor, people.Rows, today)
	if err != nil {
		return nil, nil, err
	}
	left, present := attend(list, people.Rows, reach)
	out.Left = append(out.Left, left...)
	for _, d := range list {
		if d.wrong == nil && len(present[d]) == 0 {
			d.no(-1, columnTitle, "course_without_people", nil)
		}
		if d.wrong != nil {
			out.Left = append(out.Left, d.wrong.left(d.Title))
			continue
		}
		out.Courses = append(out.Courses, d.taken(present[d]))
	}
	order := map[string]int{} // sheets in the order in which they are met, those of courses first
	for _, d := range list {
		order[d.sheet] = 0
	}
	for _, l := range out.Left {
		if _, ok := order[l.Sheet]; !ok {
			order[l.Sheet] = len(order)
		}
	}
	slices.SortStableFunc(out.Left, func(a, b Left) int { return cmp.Or(order[a.Sheet]-order[b.Sheet], a.Row-b.Row) })
	return out, p, nil
}

func (f *fault) left(name string) Left {
	return Left{Sheet: f.sheet, Row: f.row, Column: f.column, Value: f.value, Name: name, Reason: f.code, Params: f.params}
}

// taken is the course with its people and what it decides of each.
func (d *draft) taken(people []PastPerson) *PastCourse {
	d.Capacity = max(d.Capacity, len(people)) // more came than there were seats
	c := &PastCourse{Past: d.Past, Sheet: d.sheet, Row: d.row, Type: d.typeName, Host: d.host.Name, People: people}
	rule := c.Rule()
	for i := range people {
		x := &people[i]
		if x.Minutes != nil {
			x.Attended = *x.Minutes
		}
		for k, m := range x.Marks {
			if m.Attended() {
				x.Attended += c.Sessions[k].EndMinute - c.Sessions[k].StartMinute
			}
		}
		x.Outcome, _ = course.Decide(rule, models.EnrolmentEnrolled, x.Attended, x.Tenths)
	}
	return c
}

// heldKey tells courses apart that bear no code.
type heldKey struct {
	title string
	first models.Day
	host  uint64
}

func (d *draft) key() heldKey { return heldKey{viet.Key(d.Title), d.FirstDay(), d.HostID} }

// judge fills the courses in and notes what is wrong with each; two queries.
func judge(db *gorm.DB, p *plan.Plan, list []*draft, today models.Day) error {
	var orgs []models.Organisation
	if err := db.Select("id", "code", "name", "from_day", "to_day").Find(&orgs).Error; err != nil {
		return err
	}
	hosts := make(map[string]models.Organisation, len(orgs))
	for _, o := range orgs {
		hosts[o.Code] = o
	}
	var held []models.Course
	if err := db.Select("code", "title", "first_day", "host_id", "state").Find(&held).Error; err != nil {
		return err
	}
	codes, there := map[string]bool{}, map[heldKey]bool{}
	for _, c := range held {
		codes[c.Code] = true
		if c.State != models.CourseCancelled {
			there[heldKey{viet.Key(c.Title), c.FirstDay, c.HostID}] = true
		}
	}
	for _, d := range list {
		d.fill(p, hosts)
		if d.wrong != nil {
			continue
		}
		capacity := d.Capacity
		d.Capacity = max(capacity, 1) // not said: as many as came
		if session, wrong := d.Check(p, today); wrong != nil {
			d.no(session, wrong.Name, wrong.Code, wrong.Params)
			continue
		}
		switch first := d.FirstDay(); {
		case !d.host.ExistsOn(first):
			d.no(-1, columnHost, "host_not_active", errs.Params{"day": first})
		case d.Code != "" && codes[d.Code]:
			d.no(-1, columnCode, "course_already_there", nil)
		case there[d.key()]:
			d.no(-1, columnTitle, "course_already_there", nil)
		default:
			codes[d.Code], there[d.key()] = true, true
		}
	}
	return nil
}

// attend puts the rows of the attendance lists to their courses.
func attend(list []*draft, rows []roster.Listed, reach map[uint64]bool) (left []Left, present map[*draft][]PastPerson) {
	present = map[*draft][]PastPerson{}
	type place struct {
		d     *draft
		cadre uint64
	}
	seen := map[place]bool{}
	for _, r := range rows {
		l := Left{Sheet: r.Sheet, Row: r.Row.Row, Name: r.Name}
		d, reason := courseOf(list, r)
		switch {
		case reason != "":
			l.Reason = reason
			l.at(r, columnCourse)
		case r.Refused != "":
			l.Reason = r.Refused
		case !reach[r.CadreID]:
			l.Reason = roster.RefusedNobodyKnown
		case seen[place{d, r.CadreID}]:
			l.Reason = "person_twice"
		case d.wrong != nil:
			l.Reason = "course_left_out"
			l.at(r, columnCourse)
		}
		if l.Reason == "" {
			x, column, wrong := d.present(r)
			if wrong == "" {
				seen[place{d, r.CadreID}] = true
				present[d] = append(present[d], x)
				continue
			}
			l.Reason, l.Column, l.Value = wrong, column.Column, column.Text
		}
		left = append(left, l)
	}
	return left, present
}

// courseOf gives the course that a row of an attendance list names by code or title; the only one of the workbook needs no name.
func courseOf(list []*draft, r roster.Listed) (*draft, string) {
	text := ""
	for _, c := range r.Said {
		if c.Name == columnCourse && text == "" {
			text = c.Text
		}
	}
	if text == "" {
		if len(list) == 1 {
			return list[0], ""
		}
		return nil, "course_missing"
	}
	var found []*draft
	for _, d := range list {
		if d.Code != "" && strings.EqualFold(d.Code, text) {
			return d, ""
		}
		if viet.Key(d.Title) == viet.Key(text) {
			found = append(found, d)
		}
	}
	again := func(d *draft) bool { return d.wrong != nil && d.wrong.code == "course_already_there" }
	for len(found) > 1 && slices.ContainsFunc(found, again) { // what stands there twice is the first of them
		at := slices.IndexFunc(found, again)
		found = slices.Delete(found, at, at+1)
	}
	switch len(found) {
	case 0:
		return nil, "course_unknown"
	case 1:
		return found[0], ""
	}
	return nil, "course_several"
}

// present reads what a row says of who was there: marks of sessions, or one word for all of them, or minutes. It gives the cell and the
// code of what cannot be.
func (d *draft) present(r roster.Listed) (out PastPerson, at sheet.Said, wrong string) {
	out = PastPerson{Listed: r, Marks: make([]models.MarkValue, len(d.Sessions))}
	total, next, said := d.Rule().TotalMinutes, 0, false
	var whole models.MarkValue
	for _, c := range r.Said {
		switch c.Name {
		case columnSession:
			n := sessionNumber(c.Heading)
			if next++; n == 0 {
				n = next
			}
			m, ok := markOf(c.Text)
			switch {
			case !ok:
				return out, c, "mark_not_understood"
			case m == models.MarkNone:
			case n > len(d.Sessions):
				return out, c, "session_unknown"
			default:
				out.Marks[n-1], said = m, true
			}
		case columnPresent:
			m, ok := markOf(c.Text)
			if !ok {
				return out, c, "mark_not_understood"
			}
			whole = cmp.Or(whole, m)
		case columnMinutes:
			if c.Text == "" {
				continue
			}
			n, err := strconv.Atoi(c.Text)
			if err != nil || n < 0 || n > total {
				return out, c, "minutes_range"
			}
			out.Minutes = &n
		case columnScore:
			if c.Text == "" {
				continue
			}
			n, ok := tenths(c.Text)
			if !ok {
				return out, c, "score_range"
			}
			out.Tenths = &n
		}
	}
	if !said && out.Minutes != nil {
		switch *out.Minutes {
		case total:
			whole = models.MarkPresent
		case 0:
			whole = cmp.Or(whole, models.MarkAbsent)
		default:
			return out, sheet.Said{}, "" // nobody knows in which sessions
		}
	}
	out.Minutes = nil
	switch {
	case said:
	case whole == models.MarkNone:
		return out, sheet.Said{}, "attendance_missing"
	default:
		for i := range out.Marks {
			out.Marks[i] = whole
		}
	}
	return out, sheet.Said{}, ""
}

// sessionNumber reads the number in a heading such as Buổi 2, 0 for none.
func sessionNumber(heading string) int {
	f := strings.Fields(viet.Fold(heading))
	for i, w := range f {
		if w == "buoi" && i+1 < len(f) {
			if n, err := strconv.Atoi(strings.Trim(f[i+1], ".:()")); err == nil && n > 0 {
				return n
			}
		}
	}
	return 0
}
