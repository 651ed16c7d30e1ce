package enrolment

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// CourseGroups in Filter.Group means any of the groups at which the course is aimed.
const CourseGroups = "course"

// Filter narrows who might take part in a course; zero fields do not.
type Filter struct {
	Text         string           // beginnings of words of the name, in any order, without regard to case and accents
	Organisation string           // code: that organisation and all below
	Group        string           // code of a target group, or CourseGroups; by the main or a concurrent posting
	Lacking      bool             // only who lacks a component that the course brings
	Component    models.Component // with Lacking: this one
	Page         int              // from 1
}

// Candidate is somebody who might take part.
type Candidate struct {
	CadreID      uint64
	Name         string
	BirthYear    int // 0 when unknown
	Title        string
	Organisation string
	OrgCode      string
	Groups       []string              // codes of target groups, in the plan's order
	Lacks        []models.Component    // of the course's components, in the plan's order
	Leave        models.LeaveKind      // away on the roster's day; "" when not
	Was          models.EnrolmentState // refused or withdrawn from this course before; "" when not
	Reason       string                // of that
}

// CandidateList is one page of those found, by given name, and apart from them those who are on leave.
type CandidateList struct {
	Course       models.Course
	Day          models.Day             // whose roster it is
	Components   []models.PlanComponent // that the course brings
	Groups       []models.TargetGroup   // all of the plan, in its order
	Aims         []string               // codes of the groups at which the course is aimed
	Rows         []Candidate
	Total        int
	Suggested    int         // of Total, those who have not withdrawn or been refused before: whom "everybody found" takes
	OnLeave      []Candidate // who are found but away, at most PageSize
	OnLeaveTotal int
	Page         int
	Enrolled     int // seats taken
	Waiting      int
}

// Free is how many seats nobody holds.
func (l *CandidateList) Free() int { return max(l.Course.Capacity-l.Enrolled, 0) }

// Candidates lists cadres on the roster (today's, or that of the course's first day where it is still to come) who are not in the
// course, for those who enrol. It refuses courses out of scope and unknown organisations, groups and components with not_found. A
// bounded number of statements whatever the length.
func (s *Service) Candidates(ctx context.Context, actor access.Actor, courseID uint64, f Filter) (*CandidateList, error) {
	return s.candidates(ctx, actor, access.EnrolmentWrite, courseID, f)
}

// OwnCandidates is Candidates for a head: own cadres only.
func (s *Service) OwnCandidates(ctx context.Context, actor access.Actor, courseID uint64, f Filter) (*CandidateList, error) {
	return s.candidates(ctx, actor, access.Nominate, courseID, f)
}

func (s *Service) candidates(ctx context.Context, actor access.Actor, p access.Permission, courseID uint64, f Filter) (*CandidateList, error) {
	db := s.DB.Read(ctx)
	c, err := readCourse(db, actor, p, courseID, s.DB)
	if err != nil {
		return nil, err
	}
	today := models.DayOf(s.DB.Time())
	find, err := newFind(db, actor, p, c, today, f)
	if err != nil {
		return nil, err
	}
	out := &CandidateList{Course: c, Day: find.day, Components: find.components, Groups: find.groups, Aims: find.aims, Page: max(f.Page, 1)}
	if out.Enrolled, out.Waiting, err = seats(db, c.ID); err != nil {
		return nil, err
	}
	var n struct{ Total, Suggested, Away int }
	err = find.query().Select("COALESCE(SUM(CASE WHEN "+away+" THEN 0 ELSE 1 END), 0) AS total,"+
		" COALESCE(SUM(CASE WHEN e.id IS NULL AND NOT "+away+" THEN 1 ELSE 0 END), 0) AS suggested, COALESCE(SUM(CASE WHEN "+away+" THEN 1 ELSE 0 END), 0) AS away",
		find.day, find.day, find.day, find.day, find.day, find.day).Scan(&n).Error
	if err != nil {
		return nil, err
	}
	out.Total, out.Suggested, out.OnLeaveTotal = n.Total, n.Suggested, n.Away
	out.Page = min(out.Page, max((out.Total+PageSize-1)/PageSize, 1))
	if out.Rows, err = find.rows(false, (out.Page-1)*PageSize); err != nil {
		return nil, err
	}
	if out.OnLeaveTotal > 0 {
		if out.OnLeave, err = find.rows(true, 0); err != nil {
			return nil, err
		}
	}
	return out, find.addGroups(out.Rows, out.OnLeave)
}

// allFound gives the cadres whom "everybody found" takes, by given name. It refuses "nobody_found" and "too_many_chosen".
func allFound(tx *store.Tx, actor access.Actor, p access.Permission, c models.Course, f Filter) ([]uint64, error) {
	find, err := newFind(tx.DB, actor, p, c, tx.Today, f)
	if err != nil {
		return nil, err
	}
	var ids []uint64
	err = find.query().Where("e.id IS NULL AND NOT "+away, find.day, find.day).Order("cadres.sort_key, cadres.id").Limit(MaxPeople+1).Pluck("cadres.id", &ids).Error
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

// readCourse reads a course that the permission reaches.
func readCourse(db *gorm.DB, actor access.Actor, p access.Permission, id uint64, at *store.DB) (models.Course, error) {
	var c models.Course
	err := db.Scopes(access.Courses(actor, p, at.Time())).Take(&c, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, errs.NotFound("course")
	}
	return c, err
}

// seats counts who holds a seat and who waits.
func seats(db *gorm.DB, courseID uint64) (enrolled, waiting int, err error) {
	var rows []struct {
		State models.EnrolmentState
		N     int
	}
	err = db.Model(&models.Enrolment{}).Select("state, COUNT(*) AS n").Where("course_id = ?", courseID).Group("state").Scan(&rows).Error
	for _, r := range rows {
		switch r.State {
		case models.EnrolmentEnrolled:
			enrolled = r.N
		case models.EnrolmentWaiting:
			waiting = r.N
		}
	}
	return enrolled, waiting, err
}

// away is the condition that somebody is on leave on a day, given twice.
const away = "EXISTS (SELECT 1 FROM leaves l WHERE l.posting_id = p.id AND l.from_day <= ? AND l.to_day > ?)"

// lacks is the condition that a cadre has no completion of a component that counts: from, to, component.
const lacks = "NOT EXISTS (SELECT 1 FROM completions co JOIN completion_components cc ON cc.completion_id = co.id WHERE co.cadre_id = cadres.id" +
	" AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? AND cc.component = ?)"

// find is one question for candidates.
type find struct {
	db         *gorm.DB
	day        models.Day
	plan       models.Plan
	components []models.PlanComponent // that the course brings
	groups     []models.TargetGroup
	aims       []string // codes of the groups at which the course is aimed
	query      func() *gorm.DB
}

func newFind(db *gorm.DB, actor access.Actor, p access.Permission, c models.Course, today models.Day, f Filter) (*find, error) {
	x := &find{db: db, day: rosterDay(c, today)}
	var path string
	var groupIDs []uint64
	if err := db.Take(&x.plan, c.PlanID).Error; err != nil {
		return nil, err
	}
	err := db.Where("plan_id = ? AND component IN (?)", c.PlanID, db.Model(&models.CourseTypeComponent{}).Select("component").Where("course_type_id = ?", c.CourseTypeID)).
		Order("position").Find(&x.components).Error
	if err != nil {
		return nil, err
	}
	if err := db.Where("plan_id = ?", c.PlanID).Order("position").Find(&x.groups).Error; err != nil {
		return nil, err
	}
	var aims []models.CourseGroup
	if err := db.Where("course_id = ?", c.ID).Find(&aims).Error; err != nil {
		return nil, err
	}
	for _, g := range x.groups {
		aimed := slices.ContainsFunc(aims, func(a models.CourseGroup) bool { return a.GroupID == g.ID })
		if aimed {
			x.aims = append(x.aims, g.Code)
		}
		if g.Code == f.Group || f.Group == CourseGroups && aimed {
			groupIDs = append(groupIDs, g.ID)
		}
	}
	if f.Group != "" && f.Group != CourseGroups && len(groupIDs) == 0 {
		return nil, errs.NotFound("target group")
	}
	if f.Organisation != "" {
		var o models.Organisation
		if err := db.Select("path").Scopes(store.Code("code", f.Organisation)).Take(&o).Error; errors.Is(err, gorm.ErrRecordNotFound) {
			return nil, errs.NotFound("organisation")
		} else if err != nil {
			return nil, err
		}
		path = o.Path
	}
	wanted := x.components
	if f.Component != "" {
		i := slices.IndexFunc(wanted, func(k models.PlanComponent) bool { return k.Component == f.Component })
		if i < 0 {
			return nil, errs.NotFound("component")
		}
		wanted = wanted[i : i+1]
	}
	x.query = func() *gorm.DB {
		q := access.FindCadres(actor, p, today)(db.Table("cadres")).
			Joins("JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, x.day, x.day).
			Joins("JOIN organisations o ON o.id = p.organisation_id AND o.from_day <= ? AND o.to_day > ? AND o.counts_only = ? AND o.kind NOT IN ?", x.day, x.day, false, totals).
			Joins("LEFT JOIN enrolments e ON e.course_id = ? AND e.cadre_id = cadres.id", c.ID).
			Where("(e.id IS NULL OR e.state NOT IN ?)", inCourse).
			Scopes(nameWords(f.Text))
		if path != "" {
			sql, args := access.Subtree("o.path", path)
			q = q.Where(sql, args...)
		}
		if len(groupIDs) > 0 {
			q = q.Where("(EXISTS (SELECT 1 FROM posting_groups pg WHERE pg.posting_id = p.id AND pg.group_id IN ?)"+
				" OR EXISTS (SELECT 1 FROM postings x JOIN organisations xo ON xo.id = x.organisation_id JOIN posting_groups xg ON xg.posting_id = x.id"+
				" WHERE x.cadre_id = cadres.id AND x.main = ? AND x.from_day <= ? AND x.to_day > ? AND xo.to_day > ? AND xg.group_id IN ?))",
				groupIDs, false, x.day, x.day, x.day, groupIDs)
		}
		if f.Lacking {
			sql := make([]string, len(wanted))
			var args []any
			for i, k := range wanted {
				sql[i] = lacks
				args = append(args, x.lacksArgs(k)...)
			}
			if len(sql) == 0 {
				return q.Where("1 = 0") // a course that brings nothing is lacked by nobody
			}
			q = q.Where("("+strings.Join(sql, " OR ")+")", args...)
		}
		return q
	}
	return x, nil
}

func (x *find) lacksArgs(k models.PlanComponent) []any {
	return []any{coverage.ValidFrom(x.plan, k, x.day), min(x.day, x.plan.ToDay.AddDays(-1)), k.Component}
}

// rows reads one page of those who are on leave, or who are not.
func (x *find) rows(onLeave bool, offset int) (out []Candidate, err error) {
	sql := "cadres.id, cadres.full_name, cadres.birth_year, p.title, o.name, o.code, COALESCE(e.state, ''), COALESCE(e.reason, '')," +
		" COALESCE((SELECT MIN(l.kind) FROM leaves l WHERE l.posting_id = p.id AND l.from_day <= ? AND l.to_day > ?), '')"
	args := []any{x.day, x.day}
	for i, k := range x.components {
		sql += ", " + lacks + " AS l" + strconv.Itoa(i)
		args = append(args, x.lacksArgs(k)...)
	}
	where := away
	if !onLeave {
		where = "NOT " + away
	}
	rows, err := x.query().Where(where, x.day, x.day).Select(sql, args...).Order("cadres.sort_key, cadres.id").Limit(PageSize).Offset(offset).Rows()
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	missing := make([]bool, len(x.components))
	for rows.Next() {
		var c Candidate
		into := []any{&c.CadreID, &c.Name, &c.BirthYear, &c.Title, &c.Organisation, &c.OrgCode, &c.Was, &c.Reason, &c.Leave}
		for i := range missing {
			into = append(into, &missing[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, k := range x.components {
			if missing[i] {
				c.Lacks = append(c.Lacks, k.Component)
			}
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// addGroups fills in the target groups that each has on the day.
func (x *find) addGroups(lists ...[]Candidate) error {
	at := map[uint64]*Candidate{}
	var ids []uint64
	for _, l := range lists {
		for i := range l {
			at[l[i].CadreID] = &l[i]
			ids = append(ids, l[i].CadreID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		CadreID uint64
		Code    string
	}
	err := x.db.Table("postings").Joins("JOIN organisations o ON o.id = postings.organisation_id").Joins("JOIN posting_groups pg ON pg.posting_id = postings.id").
		Joins("JOIN target_groups g ON g.id = pg.group_id").Select("DISTINCT postings.cadre_id, g.code, g.position").
		Where("postings.cadre_id IN ? AND postings.from_day <= ? AND postings.to_day > ? AND o.to_day > ?", ids, x.day, x.day, x.day).
		Order("g.position, postings.cadre_id").Scan(&rows).Error
	for _, r := range rows {
		at[r.CadreID].Groups = append(at[r.CadreID].Groups, r.Code)
	}
	return err
}

// maxWords is how many words of a search are looked at; no name has more.
const maxWords = 8

// nameWords limits cadres to those who have, for each word of the text, a word of the name that begins with it.
func nameWords(text string) access.Scope {
	return func(q *gorm.DB) *gorm.DB {
		words := strings.Fields(viet.Fold(text))
		for _, w := range words[:min(len(words), maxWords)] {
			// What LIKE would read as a pattern is in no name.
			w = strings.NewReplacer("%", "", "_", "", `\`, "").Replace(w) + "%"
			q = q.Where("(cadres.search LIKE ? OR cadres.search LIKE ?)", w, "% "+w)
		}
		return q
	}
}
