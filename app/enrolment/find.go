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
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// find is one question for candidates, with what was read to answer it: a few columns of everybody who is found. Names and titles are
// read for those who are shown.
type find struct {
	db            *gorm.DB
	course        models.Course
	day           models.Day // whose roster it is
	plan          *plan.Plan
	components    []models.PlanComponent // that the course brings
	aims          []string               // codes of the groups at which the course is aimed
	aimed         uint64                 // their bits
	wanted        uint64                 // bits of the groups that the filter asks for; 0 for whatever group
	organisations map[uint64]models.Organisation
	venue         venue
	people        []person                    // by given name
	leaves        map[uint64]models.LeaveKind // by posting
	clashes       map[seatOf][]Clash
	figures       map[uint64][]coverage.Figure // by organisation, of each group of the plan
}

// person is somebody who was found.
type person struct {
	cadre, posting, office uint64
	groups                 uint64 // bits by the plan's order, of main and concurrent postings
	lacks                  uint64 // bits by the plan's order of components
	was                    models.EnrolmentState
}

// find reads who is found. It takes the same number of statements however many there are; figures for a head come from each of the
// organisations headed.
func (s *Service) find(ctx context.Context, actor access.Actor, p access.Permission, courseID uint64, f Filter) (*find, error) {
	db := s.DB.Read(ctx)
	today := models.DayOf(s.DB.Time())
	x := &find{db: db}
	var err error
	if x.course, err = readCourse(db, actor, p, courseID, s.DB); err != nil {
		return nil, err
	}
	x.day = rosterDay(x.course, today)
	if x.plan, err = plan.OfID(ctx, db, x.course.PlanID); err != nil {
		return nil, err
	}
	if err := x.aim(f.Group); err != nil {
		return nil, err
	}
	if err := x.readOrganisations(); err != nil {
		return nil, err
	}
	query, err := x.query(actor, p, today, f)
	if err != nil {
		return nil, err
	}
	if err := x.readPeople(query, actor.Whole(p)); err != nil {
		return nil, err
	}
	x.people = slices.DeleteFunc(x.people, func(k person) bool {
		return x.wanted != 0 && k.groups&x.wanted == 0 || !f.Near.holds(x.venue.near(x.organisations[k.office]))
	})
	if err := x.readLeaves(); err != nil {
		return nil, err
	}
	ids := make([]uint64, len(x.people))
	for i, k := range x.people {
		ids[i] = k.cadre
	}
	if x.clashes, err = clashes(db, []uint64{x.course.ID}, ids); err != nil {
		return nil, err
	}
	x.figures, err = (&coverage.Service{DB: s.DB}).Figures(ctx, x.plan, x.day, x.tops(actor, p)...)
	return x, err
}

// aim reads at which groups the course is aimed and what it brings. It refuses groups that the plan does not know with not_found.
func (x *find) aim(group string) error {
	var aims []models.CourseGroup
	if err := x.db.Where("course_id = ?", x.course.ID).Find(&aims).Error; err != nil {
		return err
	}
	for i, g := range x.plan.Groups {
		if slices.ContainsFunc(aims, func(a models.CourseGroup) bool { return a.GroupID == g.ID }) {
			x.aims, x.aimed = append(x.aims, g.Code), x.aimed|1<<i
		}
		if g.Code == group {
			x.wanted = 1 << i
		}
	}
	if group == CourseGroups {
		x.wanted = x.aimed
	} else if group != "" && x.wanted == 0 {
		return errs.NotFound("target group")
	}
	for _, k := range x.plan.Components {
		if slices.Contains(x.plan.TypeComponents[x.course.CourseTypeID], k.Component) {
			x.components = append(x.components, k)
		}
	}
	return nil
}

func (x *find) readOrganisations() error {
	var all []models.Organisation
	if err := x.db.Select("id", "code", "name", "kind", "level", "path", "area_id", "from_day", "to_day").Order("path").Find(&all).Error; err != nil {
		return err
	}
	x.organisations = make(map[uint64]models.Organisation, len(all))
	for _, o := range all {
		x.organisations[o.ID] = o
	}
	x.venue = venueOf(x.course, all, x.day)
	if x.course.VenueID == nil {
		return nil
	}
	var v models.Venue
	if err := x.db.Take(&v, *x.course.VenueID).Error; err != nil {
		return err
	}
	if v.OrganisationID != nil {
		x.venue = venueIn(x.organisations[*v.OrganisationID])
	}
	return nil
}

// tops are the organisations whose figures the order stands on: the whole plan, or those that a head answers for.
func (x *find) tops(actor access.Actor, p access.Permission) []models.Organisation {
	if actor.Whole(p) {
		return []models.Organisation{x.plan.Root}
	}
	var out []models.Organisation
	for _, id := range actor.HomeOrganisations() {
		if o, ok := x.organisations[id]; ok && o.ExistsOn(x.day) {
			out = append(out, o)
		}
	}
	return out
}

// query is who is found, whatever their groups.
func (x *find) query(actor access.Actor, p access.Permission, today models.Day, f Filter) (*gorm.DB, error) {
	q := access.FindCadres(actor, p, today)(x.db.Table("cadres")).
		Joins("JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, x.day, x.day).
		Joins("JOIN organisations o ON o.id = p.organisation_id AND o.from_day <= ? AND o.to_day > ? AND o.counts_only = ? AND o.kind NOT IN ?", x.day, x.day, false, totals).
		Joins("LEFT JOIN enrolments e ON e.course_id = ? AND e.cadre_id = cadres.id", x.course.ID).
		Where("(e.id IS NULL OR e.state NOT IN ?)", inCourse).
		Scopes(nameWords(f.Text))
	if actor.Whole(p) {
		q = x.joinCompleted(q)
	}
	if f.Organisation != "" {
		var o models.Organisation
		if err := x.db.Select("path").Scopes(store.Code("code", f.Organisation)).Take(&o).Error; errors.Is(err, gorm.ErrRecordNotFound) {
			return nil, errs.NotFound("organisation")
		} else if err != nil {
			return nil, err
		}
		sql, args := access.Subtree("o.path", o.Path)
		q = q.Where(sql, args...)
	}
	wanted := x.components
	if f.Component != "" {
		i := slices.IndexFunc(wanted, func(k models.PlanComponent) bool { return k.Component == f.Component })
		if i < 0 {
			return nil, errs.NotFound("component")
		}
		wanted = wanted[i : i+1]
	}
	if !f.Lacking {
		return q, nil
	}
	if len(wanted) == 0 {
		return q.Where("1 = 0"), nil // a course that brings nothing is lacked by nobody
	}
	sql := make([]string, len(wanted))
	var args []any
	for i, k := range wanted {
		some, more := x.lacks(k, actor.Whole(p))
		sql[i], args = some, append(args, more...)
	}
	return q.Where("("+strings.Join(sql, " OR ")+")", args...), nil
}

// completed are the completions that may count on the day.
const completed = " FROM completions co JOIN completion_components cc ON cc.completion_id = co.id WHERE co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ?"

// joinCompleted joins who has completed which component, for lists of the whole plan: one pass over all completions, and a column a
// component.
func (x *find) joinCompleted(q *gorm.DB) *gorm.DB {
	sql := "LEFT JOIN (SELECT co.cadre_id"
	var args []any
	for _, k := range x.plan.Components {
		sql += ", MAX(CASE WHEN cc.component = ? AND co.effective_day >= ? THEN 1 ELSE 0 END) AS has" + strconv.Itoa(k.Position)
		args = append(args, k.Component, coverage.ValidFrom(x.plan.Plan, k, x.day))
	}
	return q.Joins(sql+completed+" GROUP BY co.cadre_id) have ON have.cadre_id = cadres.id", append(args, x.plan.FromDay, x.until())...)
}

// until is the last day of completions that count.
func (x *find) until() models.Day { return min(x.day, x.plan.ToDay.AddDays(-1)) }

// lacks is the condition that a cadre has no completion of a component that counts. An office looks its own cadres up; lists of the whole
// plan have joined them.
func (x *find) lacks(k models.PlanComponent, whole bool) (string, []any) {
	if whole {
		return "COALESCE(have.has" + strconv.Itoa(k.Position) + ", 0) = 0", nil
	}
	return "NOT EXISTS (SELECT 1" + completed + " AND cc.component = ? AND co.cadre_id = cadres.id)", []any{coverage.ValidFrom(x.plan.Plan, k, x.day), x.until(), k.Component}
}

// readPeople reads those found, by given name.
func (x *find) readPeople(q *gorm.DB, whole bool) (err error) {
	sql := "cadres.id, p.id, p.organisation_id, COALESCE(e.state, ''), COALESCE((SELECT SUM(CASE pg.group_id"
	var args []any
	for i, g := range x.plan.Groups {
		sql += " WHEN ? THEN " + strconv.Itoa(1<<i)
		args = append(args, g.ID)
	}
	sql += " ELSE 0 END) FROM posting_groups pg WHERE pg.posting_id = p.id), 0)"
	for _, k := range x.plan.Components {
		some, more := x.lacks(k, whole)
		sql, args = sql+", "+some, append(args, more...)
	}
	rows, err := q.Select(sql, args...).Order("cadres.sort_key, cadres.id").Rows()
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	lacks := make([]bool, len(x.plan.Components))
	var k person
	into := []any{&k.cadre, &k.posting, &k.office, &k.was, &k.groups}
	for i := range lacks {
		into = append(into, &lacks[i])
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		k.lacks = 0
		for i, yes := range lacks {
			if yes {
				k.lacks |= 1 << i
			}
		}
		x.people = append(x.people, k)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return x.addConcurrent()
}

// addConcurrent adds the groups that concurrent postings give.
func (x *find) addConcurrent() error {
	at := make(map[uint64]int, len(x.people))
	ids := make([]uint64, len(x.people))
	for i, k := range x.people {
		at[k.cadre], ids[i] = i, k.cadre
	}
	var rows []struct{ CadreID, GroupID uint64 }
	q := x.db.Table("postings x").Joins("JOIN organisations xo ON xo.id = x.organisation_id AND xo.to_day > ?", x.day).Joins("JOIN posting_groups xg ON xg.posting_id = x.id").
		Where("x.main = ? AND x.from_day <= ? AND x.to_day > ?", false, x.day, x.day)
	if len(ids) <= batch {
		q = q.Where("x.cadre_id IN ?", ids)
	}
	if err := q.Select("x.cadre_id, xg.group_id").Scan(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		if i, ok := at[r.CadreID]; ok {
			for g := range x.plan.Groups {
				if x.plan.Groups[g].ID == r.GroupID {
					x.people[i].groups |= 1 << g
				}
			}
		}
	}
	return nil
}

// readLeaves reads who is away on the day: few at any time.
func (x *find) readLeaves() error {
	var rows []models.Leave
	if err := x.db.Select("posting_id", "kind").Where("from_day <= ? AND to_day > ?", x.day, x.day).Order("kind DESC").Find(&rows).Error; err != nil {
		return err
	}
	x.leaves = make(map[uint64]models.LeaveKind, len(rows))
	for _, l := range rows {
		x.leaves[l.PostingID] = l.Kind
	}
	return nil
}

// ranked gives those found in the order in which they should come, and apart from them those on leave, by given name.
func (x *find) ranked() (here, away []Standing) {
	for i, k := range x.people {
		s := x.standing(i)
		if x.leaves[k.posting] != "" {
			away = append(away, s)
		} else {
			here = append(here, s)
		}
	}
	Rank(here)
	return here, away
}

func (x *find) standing(i int) Standing {
	k := x.people[i]
	s := Standing{CadreID: k.cadre, Office: k.office, Near: x.venue.near(x.organisations[k.office]), Benefit: Completes, Name: i,
		Held: k.was != "" || len(x.clashes[seatOf{x.course.ID, k.cadre}]) > 0}
	var brings uint64
	for i, c := range x.plan.Components {
		if slices.Contains(x.plan.TypeComponents[x.course.CourseTypeID], c.Component) {
			brings |= 1 << i
		}
	}
	switch {
	case k.lacks&brings == 0:
		s.Benefit = BringsNothing
		return s
	case k.lacks&^brings != 0:
		s.Benefit = Helps
	}
	own := k.groups
	if x.aimed != 0 {
		own &= x.aimed
	}
	for i, f := range x.figures[k.office] {
		g := Gap{f, x.plan.Groups[i].TargetPercent}
		if own>>i&1 == 1 && (s.Group == 0 || g.Persons() > s.Gap.Persons()) {
			s.Group, s.Gap = x.plan.Groups[i].ID, g
		}
	}
	return s
}

// shown fills in what is shown of some, in one statement.
func (x *find) shown(list []Standing) ([]Candidate, error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]uint64, len(list))
	postings := make([]uint64, len(list))
	out := make([]Candidate, len(list))
	at := map[uint64]*Candidate{}
	for i, s := range list {
		k := x.people[s.Name]
		ids[i], postings[i] = k.cadre, k.posting
		out[i] = Candidate{CadreID: k.cadre, Organisation: x.organisations[k.office].Name, OrgCode: x.organisations[k.office].Code, Leave: x.leaves[k.posting], Was: k.was,
			Clashes: x.clashes[seatOf{x.course.ID, k.cadre}], Gap: s.Gap, Before: s.Before, Near: s.Near, Benefit: s.Benefit}
		at[k.cadre] = &out[i]
		for g, group := range x.plan.Groups {
			if k.groups>>g&1 == 1 {
				out[i].Groups = append(out[i].Groups, group.Code)
			}
			if group.ID == s.Group {
				out[i].GapGroup = group.Code
			}
		}
		for c, component := range x.plan.Components {
			if k.lacks>>c&1 == 1 && slices.ContainsFunc(x.components, func(b models.PlanComponent) bool { return b.Component == component.Component }) {
				out[i].Lacks = append(out[i].Lacks, component.Component)
			}
		}
	}
	var rows []struct {
		ID        uint64
		FullName  string
		BirthYear int
		Title     string
		Reason    string
	}
	err := x.db.Table("cadres").Joins("JOIN postings p ON p.cadre_id = cadres.id AND p.id IN ?", postings).
		Joins("LEFT JOIN enrolments e ON e.course_id = ? AND e.cadre_id = cadres.id", x.course.ID).
		Where("cadres.id IN ?", ids).Select("cadres.id, cadres.full_name, cadres.birth_year, p.title, COALESCE(e.reason, '') AS reason").Scan(&rows).Error
	for _, r := range rows {
		c := at[r.ID]
		c.Name, c.BirthYear, c.Title, c.Reason = r.FullName, r.BirthYear, r.Title, r.Reason
	}
	return out, err
}
