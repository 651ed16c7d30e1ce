package enrolment

import (
	"context"
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

// find is one question for candidates, with what was read to answer it: numbers alone of everybody on the roster, set by set, which are
// then put together and narrowed in memory. Names and titles are read for those who are shown.
type find struct {
	db            *gorm.DB
	actor         access.Actor
	permission    access.Permission
	course        models.Course
	day           models.Day // whose roster it is
	plan          *plan.Plan
	components    []models.PlanComponent // that the course brings
	brings        uint64                 // their bits
	lacking       uint64                 // bits of the components of which somebody must lack one; 0 for whoever
	aims          []string               // codes of the groups at which the course is aimed
	aimed         uint64                 // their bits
	wanted        uint64                 // bits of the groups that the filter asks for; 0 for whatever group
	below         string                 // path of the organisation at or below which the office must lie; "" for wherever
	line          string                 // path of the organisation whose professional line somebody must be in; "" for whichever
	organisations map[uint64]models.Organisation
	venue         venue
	near          map[uint64]Nearness         // by office
	people        []person                    // by given name
	leaves        map[uint64]models.LeaveKind // by posting
	clashes       map[seatOf][]Clash
	figures       map[uint64][]coverage.Figure // by organisation, of each group of the plan
}

// person is somebody on the roster.
type person struct {
	cadre, posting, office uint64
	groups                 uint64 // bits by the plan's order, of main and concurrent postings
	lacks                  uint64 // bits by the plan's order of components
	was                    models.EnrolmentState
}

// find reads who is found. It takes the same number of statements however many there are; figures for a head come from each of the
// organisations headed.
func (s *Service) find(ctx context.Context, actor access.Actor, p access.Permission, courseID uint64, f Filter) (*find, error) {
	x := &find{db: s.DB.Read(ctx), actor: actor, permission: p}
	today := models.DayOf(s.DB.Time())
	var err error
	if x.course, err = readCourse(x.db, actor, p, courseID, s.DB); err != nil {
		return nil, err
	}
	x.day = rosterDay(x.course, today)
	if x.plan, err = plan.OfID(ctx, x.db, x.course.PlanID); err != nil {
		return nil, err
	}
	if err := x.aim(f.Group); err != nil {
		return nil, err
	}
	if err := x.readOrganisations(); err != nil {
		return nil, err
	}
	if err := x.narrow(f); err != nil {
		return nil, err
	}
	if err := x.readRoster(today); err != nil {
		return nil, err
	}
	if x.figures, err = x.readFigures(ctx, &coverage.Service{DB: s.DB}); err != nil {
		return nil, err
	}
	if err := x.leaveFound(today, f); err != nil {
		return nil, err
	}
	if err := x.readLeaves(); err != nil {
		return nil, err
	}
	ids := make([]uint64, len(x.people))
	for i, k := range x.people {
		ids[i] = k.cadre
	}
	x.clashes, err = clashes(x.db, []uint64{x.course.ID}, ids)
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
	for i, k := range x.plan.Components {
		if slices.Contains(x.plan.TypeComponents[x.course.CourseTypeID], k.Component) {
			x.components, x.brings = append(x.components, k), x.brings|1<<i
		}
	}
	return nil
}

func (x *find) readOrganisations() error {
	var all []models.Organisation
	if err := x.db.Select("id", "code", "name", "kind", "level", "path", "area_id", "counts_only", "from_day", "to_day").Order("path").Find(&all).Error; err != nil {
		return err
	}
	x.organisations = make(map[uint64]models.Organisation, len(all))
	for _, o := range all {
		x.organisations[o.ID] = o
	}
	if err := x.readVenue(all); err != nil {
		return err
	}
	x.near = make(map[uint64]Nearness, len(all))
	for _, o := range all {
		x.near[o.ID] = x.venue.near(o)
	}
	return nil
}

// readVenue finds where the course is held: in the commune or district of its venue, else in the commune that its text names.
func (x *find) readVenue(all []models.Organisation) error {
	if x.course.VenueID != nil {
		var v models.Venue
		if err := x.db.Take(&v, *x.course.VenueID).Error; err != nil {
			return err
		}
		if v.OrganisationID != nil {
			x.venue = venueIn(x.organisations[*v.OrganisationID])
		}
		if v.AreaID != nil {
			x.venue.area = *v.AreaID
		}
	}
	if x.venue == (venue{}) {
		x.venue = venueOf(x.course, all, x.day)
	}
	return nil
}

// tops are the organisations that a head answers for.
func (x *find) tops() (out []models.Organisation) {
	for _, id := range x.actor.HomeOrganisations() {
		if o, ok := x.organisations[id]; ok && o.ExistsOn(x.day) {
			out = append(out, o)
		}
	}
	return out
}

// narrow reads what the filter asks for. It refuses organisations and components that there are not with not_found.
func (x *find) narrow(f Filter) error {
	if f.Organisation != "" {
		for _, o := range x.organisations {
			if o.Code == f.Organisation {
				x.below = o.Path
			}
		}
		if x.below == "" {
			return errs.NotFound("organisation")
		}
		if f.Line {
			x.line, x.below = x.below, ""
		}
	}
	if f.Lacking {
		x.lacking = x.brings
	}
	if f.Component == "" {
		return nil
	}
	for i, k := range x.plan.Components {
		if bit := uint64(1) << i; k.Component == f.Component && x.brings&bit != 0 {
			x.lacking &= bit
			return nil
		}
	}
	return errs.NotFound("component")
}

// reach limits a statement to the cadres whom the actor reaches; column is their id.
func (x *find) reach(q *gorm.DB, column string, today models.Day) *gorm.DB {
	if x.actor.Whole(x.permission) {
		return q
	}
	return q.Joins("JOIN cadres ON cadres.id = " + column).Scopes(access.FindCadres(x.actor, x.permission, today))
}

// reaches says whether the actor reaches an organisation.
func (x *find) reaches(organisation uint64) bool {
	return x.actor.ReachesPath(x.permission, x.organisations[organisation].Path)
}

// readRoster reads everybody whose main posting on the day the actor reaches, with groups and what they lack. A head who has somebody in a
// concurrent posting alone does not put them forward: the quota would be another's.
func (x *find) readRoster(today models.Day) error {
	lacks, err := x.readLacks(today)
	if err != nil {
		return err
	}
	bits := make(map[uint64]uint64, len(x.plan.Groups))
	for i, g := range x.plan.Groups {
		bits[g.ID] = 1 << i
	}
	all := uint64(1)<<len(x.plan.Components) - 1
	type row struct{ cadre, posting, organisation, line, group uint64 }
	var concurrent []row
	at := map[uint64]int{}
	var r row
	var main bool
	q := x.reach(x.db.Table("postings x"), "x.cadre_id", today).Joins("LEFT JOIN posting_groups xg ON xg.posting_id = x.id").
		Where("x.from_day <= ? AND x.to_day > ?", x.day, x.day).Select("x.cadre_id, x.id, x.organisation_id, COALESCE(x.line_id, 0), x.main, COALESCE(xg.group_id, 0)")
	err = store.Each(q, func() {
		switch i, known := at[r.cadre]; {
		case !main:
			concurrent = append(concurrent, r)
		case known:
			x.people[i].groups |= bits[r.group]
		case x.reaches(r.organisation) || r.line != 0 && x.reaches(r.line):
			at[r.cadre] = len(x.people)
			x.people = append(x.people, person{cadre: r.cadre, posting: r.posting, office: r.organisation, groups: bits[r.group], lacks: all &^ lacks[r.cadre]})
		}
	}, &r.cadre, &r.posting, &r.organisation, &r.line, &main, &r.group)
	for _, r := range concurrent {
		if i, ok := at[r.cadre]; ok && x.organisations[r.organisation].ToDay > x.day {
			x.people[i].groups |= bits[r.group]
		}
	}
	return err
}

// readLacks gives, by cadre, the bits of the components that somebody has and does not lack: of those who have any.
func (x *find) readLacks(today models.Day) (map[uint64]uint64, error) {
	sql := "co.cadre_id, 0"
	var args []any
	for i, k := range x.plan.Components {
		sql += " + CASE WHEN co.components & ? <> 0 AND co.effective_day >= ? THEN " + strconv.Itoa(1<<i) + " ELSE 0 END"
		args = append(args, k.Component.Set(), x.plan.ValidFrom(k.ExpiresMonths, x.day))
	}
	has := map[uint64]uint64{}
	if len(args) == 0 {
		return has, nil
	}
	var cadre, bits uint64
	q := x.reach(x.db.Table("completions co"), "co.cadre_id", today).
		Where("co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ?", x.plan.FromDay, min(x.day, x.plan.ToDay.AddDays(-1))).
		Select(sql, args...)
	return has, store.Each(q, func() { has[cadre] |= bits }, &cadre, &bits)
}

// readFigures gives the figures on which the order stands. Who reaches everybody has read everybody, so they are counted here; heads, of
// whose offices some may be beyond their sight, ask for those of the organisations that they head.
func (x *find) readFigures(ctx context.Context, s *coverage.Service) (map[uint64][]coverage.Figure, error) {
	if !x.actor.Whole(x.permission) {
		return s.Figures(ctx, x.plan, x.day, x.tops()...)
	}
	counts := map[uint64][]coverage.Count{}
	for _, k := range x.people {
		n := counts[k.office]
		if n == nil {
			n = make([]coverage.Count, len(x.plan.Groups))
			counts[k.office] = n
		}
		for i := range n {
			if k.groups>>i&1 == 1 {
				n[i].Roster++
				if k.lacks == 0 {
					n[i].Covered++
				}
			}
		}
	}
	return s.Counted(ctx, x.plan, x.day, counts)
}

// leaveFound leaves of those on the roster whom the filter finds, by given name.
func (x *find) leaveFound(today models.Day, f Filter) error {
	var rows []models.Enrolment
	if err := x.db.Select("cadre_id", "state").Where("course_id = ?", x.course.ID).Find(&rows).Error; err != nil {
		return err
	}
	was := make(map[uint64]models.EnrolmentState, len(rows))
	for _, e := range rows {
		was[e.CadreID] = e.State
	}
	found := make(map[uint64]person, len(x.people))
	for _, k := range x.people {
		k.was = was[k.cadre]
		if x.finds(k, f) {
			found[k.cadre] = k
		}
	}
	q := x.db.Table("cadres").Scopes(nameWords(f.Text))
	if !x.actor.Whole(x.permission) {
		q = q.Scopes(access.FindCadres(x.actor, x.permission, today))
	}
	if x.line != "" {
		below, args := access.Subtree("l.path", x.line)
		q = q.Where("cadres.id IN (SELECT p.cadre_id FROM organisations l JOIN postings p ON p.line_id = l.id WHERE "+below+" AND p.from_day <= ? AND p.to_day > ?)", append(args, x.day, x.day)...)
	}
	x.people = x.people[:0]
	var id uint64
	return store.Each(q.Select("cadres.id").Order("cadres.sort_key, cadres.id"), func() {
		if k, ok := found[id]; ok {
			x.people = append(x.people, k)
		}
	}, &id)
}

// finds says whether somebody may take part and is whom the filter asks for, whatever the name.
func (x *find) finds(k person, f Filter) bool {
	o := x.organisations[k.office]
	return !has(k.was) && (f.Cadres == nil || slices.Contains(f.Cadres, k.cadre)) && o.ExistsOn(x.day) && !o.CountsOnly && !o.Kind.IsTotal() && strings.HasPrefix(o.Path, x.below) &&
		(!f.Lacking || k.lacks&x.lacking != 0) && (x.wanted == 0 || k.groups&x.wanted != 0) && f.Near.holds(x.near[o.ID])
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
	s := Standing{CadreID: k.cadre, Office: k.office, Near: x.near[k.office], Benefit: Completes, Name: i, Held: k.was != "" || len(x.clashes[seatOf{x.course.ID, k.cadre}]) > 0}
	switch {
	case k.lacks&x.brings == 0:
		s.Benefit = BringsNothing
		return s
	case k.lacks&^x.brings != 0:
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
