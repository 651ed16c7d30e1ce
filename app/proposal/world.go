package proposal

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math/bits"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/proposal/siting"
	"taphuan/models"
)

// world is what a proposal stands on, as it is now.
type world struct {
	ask    Ask
	plan   *plan.Plan
	groups []models.TargetGroup // asked for
	top    coverage.Node
	found  Found // all but its options

	organisations map[uint64]models.Organisation
	people        []person // who may be invited, in the order of the tree and then of names
	areas         []uint64 // where they are, in the order of the tree; 0: nobody knows
	rooms         map[uint64][]room
	sites         []uint64 // areas with rooms, in the order of the tree
	booked        map[uint64]map[models.Day]bool
}

// person may be invited.
type person struct {
	id     uint64
	office uint64
	area   int    // of world's areas
	groups uint64 // bits of the groups asked for
}

// room is where a class may be held.
type room struct {
	models.Room
	Venue models.Venue
}

// read reads what a proposal stands on. It refuses organisations out of scope (not_found), a day on which the organisation does not exist
// ("day_outside_organisation"), more missing people than a province has ("too_many_missing"), and rooms of which none is in use
// ("proposal_no_rooms").
func (s *Service) read(ctx context.Context, actor access.Actor, a Ask) (*world, error) {
	db := s.DB.Read(ctx)
	cov := &coverage.Service{DB: s.DB}
	r, missing, err := cov.Lackers(ctx, actor, coverage.Query{Org: a.Organisation, Day: a.From})
	if err != nil {
		return nil, err
	}
	w := &world{ask: a, plan: r.Plan, top: r.Top(), rooms: map[uint64][]room{}, booked: map[uint64]map[models.Day]bool{}}
	for _, g := range w.plan.Groups {
		if slices.Contains(a.Groups, g.Code) {
			w.groups = append(w.groups, g)
		}
	}
	if err := w.readOrganisations(db); err != nil {
		return nil, err
	}
	if err := w.readRooms(db); err != nil {
		return nil, err
	}
	provided, err := provided(db, w.plan)
	if err != nil {
		return nil, err
	}
	w.sort(missing, provided)
	w.found.Seen = w.fingerprint()
	return w, nil
}

func (w *world) readOrganisations(db *gorm.DB) error {
	var all []models.Organisation
	if err := db.Select("id", "code", "name", "kind", "level", "path", "area_id", "from_day", "to_day", "latitude", "longitude").Find(&all).Error; err != nil {
		return err
	}
	w.organisations = make(map[uint64]models.Organisation, len(all))
	for _, o := range all {
		w.organisations[o.ID] = o
	}
	return nil
}

// readRooms reads the rooms that were chosen and are in use, the smallest of an area first, and when they are taken.
func (w *world) readRooms(db *gorm.DB) error {
	var rooms []models.Room
	if err := db.Where("id IN ? AND retired = ?", w.ask.Rooms, false).Order("capacity, id").Find(&rooms).Error; err != nil {
		return err
	}
	var venues []models.Venue
	if err := db.Where("retired = ?", false).Find(&venues).Error; err != nil {
		return err
	}
	ids := []uint64{}
	for _, r := range rooms {
		for _, v := range venues {
			if v.ID == r.VenueID {
				area := uint64(0)
				if v.AreaID != nil {
					area = *v.AreaID
				}
				w.rooms[area] = append(w.rooms[area], room{r, v})
				ids = append(ids, r.ID)
			}
		}
	}
	if len(ids) == 0 {
		return errs.OnField("rooms", "proposal_no_rooms")
	}
	for area := range w.rooms {
		w.sites = append(w.sites, area)
	}
	slices.SortFunc(w.sites, w.byPath)
	taken, err := bookings(db, ids, w.ask.From, w.ask.Until)
	w.booked = taken
	return err
}

func (w *world) byPath(a, b uint64) int {
	return cmp.Or(cmp.Compare(w.organisations[a].Path, w.organisations[b].Path), cmp.Compare(a, b))
}

// bookings says on which days rooms are taken by courses that were not cancelled.
func bookings(db *gorm.DB, rooms []uint64, from, until models.Day) (map[uint64]map[models.Day]bool, error) {
	var rows []models.Session
	err := db.Table("course_sessions").Joins("JOIN courses ON courses.id = course_sessions.course_id").
		Where("course_sessions.room_id IN ? AND course_sessions.day BETWEEN ? AND ? AND course_sessions.cancelled = ? AND courses.state <> ?", rooms, from, until, false, models.CourseCancelled).
		Select("course_sessions.room_id, course_sessions.day").Scan(&rows).Error
	out := map[uint64]map[models.Day]bool{}
	for _, r := range rows {
		if out[*r.RoomID] == nil {
			out[*r.RoomID] = map[models.Day]bool{}
		}
		out[*r.RoomID][r.Day] = true
	}
	return out, err
}

// provided gives, by cadre, what courses to come will bring in which they have a seat or for which they are nominated: drafts, open and
// running ones.
func provided(db *gorm.DB, p *plan.Plan) (map[uint64][]models.Component, error) {
	var rows []struct{ CadreID, CourseTypeID uint64 }
	err := db.Table("enrolments").Joins("JOIN courses ON courses.id = enrolments.course_id").
		Where("courses.plan_id = ? AND courses.state IN ? AND enrolments.state IN ?", p.ID, []models.CourseState{models.CourseDraft, models.CourseOpen, models.CourseRunning},
			[]models.EnrolmentState{models.EnrolmentNominated, models.EnrolmentEnrolled}).
		Select("enrolments.cadre_id, courses.course_type_id").Scan(&rows).Error
	out := map[uint64][]models.Component{}
	for _, r := range rows {
		out[r.CadreID] = append(out[r.CadreID], p.TypeComponents[r.CourseTypeID]...)
	}
	return out, err
}

// sort says of each of the missing what becomes of them, and how many of each group have to be invited.
func (w *world) sort(missing []coverage.Lacker, provided map[uint64][]models.Component) {
	mask := func(x coverage.Lacker) (m uint64) {
		for i, g := range w.groups {
			at := slices.IndexFunc(w.plan.Groups, func(y models.TargetGroup) bool { return y.ID == g.ID })
			m |= x.Groups >> at & 1 << i
		}
		return m
	}
	brings := w.plan.TypeComponents[courseType(w.plan, w.ask.Type).ID]
	all := func(in, wanted []models.Component) bool {
		return !slices.ContainsFunc(wanted, func(c models.Component) bool { return !slices.Contains(in, c) })
	}
	w.found.Goals, w.found.Resting = make([]Goal, len(w.groups)), make([][]uint64, len(w.groups))
	for i, g := range w.groups {
		at := slices.IndexFunc(w.plan.Groups, func(y models.TargetGroup) bool { return y.ID == g.ID })
		f := w.top.Figures[at]
		w.found.Goals[i] = Goal{Group: g.Code, Target: g.TargetPercent, Denominator: f.Denominator, Covered: f.Covered}
	}
	in := map[uint64]bool{}
	for _, x := range missing {
		m := mask(x)
		if m == 0 {
			continue
		}
		w.found.Missing++
		each := func(n func(g *Goal) *int) {
			for i := range w.groups {
				*n(&w.found.Goals[i]) += int(m >> i & 1)
			}
		}
		each(func(g *Goal) *int { return &g.Missing })
		switch {
		case all(provided[x.CadreID], x.Lacks):
			w.found.Provided++
			each(func(g *Goal) *int { return &g.Provided })
		case x.Away:
			w.found.Away++
			each(func(g *Goal) *int { return &g.Away })
			for i := range w.groups {
				if m>>i&1 == 1 {
					w.found.Resting[i] = append(w.found.Resting[i], x.CadreID)
				}
			}
		case !all(brings, x.Lacks):
			w.found.Useless++
			each(func(g *Goal) *int { return &g.Useless })
		default:
			each(func(g *Goal) *int { return &g.Free })
			area := uint64(0)
			if o := w.organisations[x.Office]; o.AreaID != nil {
				area = *o.AreaID
			}
			in[area] = true
			w.people = append(w.people, person{id: x.CadreID, office: x.Office, area: int(area), groups: m})
		}
	}
	for area := range in {
		w.areas = append(w.areas, area)
	}
	slices.SortFunc(w.areas, w.byPath)
	for i := range w.people {
		w.people[i].area = slices.Index(w.areas, uint64(w.people[i].area))
	}
	w.want()
	w.unplaced()
}

// want says how many of each group have to be invited, so that with those who are provided for enough come, and how many there are.
func (w *world) want() {
	for i := range w.found.Goals {
		g := &w.found.Goals[i]
		short := max(coverage.Figure{Denominator: g.Denominator, Covered: g.Covered}.ToTarget(g.Target)-w.ask.expected(g.Provided), 0)
		g.Wanted = (short*100 + w.ask.Attendance - 1) / w.ask.Attendance
		g.Asked = min(g.Free, g.Wanted)
	}
}

// unplaced names the areas of which nobody has said where they lie.
func (w *world) unplaced() {
	seen := map[uint64]bool{}
	for _, area := range slices.Concat(w.areas, w.sites) {
		o := w.organisations[area]
		if _, ok := o.Place(); !ok && !seen[area] {
			w.found.Unplaced = append(w.found.Unplaced, o.Name)
		}
		seen[area] = true
	}
}

// fingerprint is one number of what a proposal stands on: who may be invited and where, how many are wanted, which rooms there are.
func (w *world) fingerprint() string {
	h := fnv.New64a()
	for _, x := range w.people {
		fmt.Fprintln(h, x.id, w.areas[x.area], x.groups)
	}
	fmt.Fprintln(h, w.found.Goals, w.sites)
	for _, area := range w.sites {
		for _, r := range w.rooms[area] {
			fmt.Fprintln(h, r.ID, r.Capacity, area)
		}
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// problem is the world in numbers, and who is in each cell.
func (w *world) problem() (*siting.Problem, [][]person) {
	p := &siting.Problem{Least: w.ask.Least}
	for _, g := range w.found.Goals {
		p.Need = append(p.Need, g.Asked)
	}
	for _, area := range w.sites {
		rooms := w.rooms[area]
		p.Seats = append(p.Seats, min(rooms[len(rooms)-1].Capacity, w.ask.Most))
	}
	for _, area := range w.areas {
		row := make([]int, len(w.sites))
		for i, site := range w.sites {
			row[i] = 2 * Km(w.organisations[area], w.organisations[site])
		}
		p.Km = append(p.Km, row)
	}
	people := slices.Clone(w.people)
	slices.SortStableFunc(people, func(a, b person) int {
		return cmp.Or(cmp.Compare(bits.TrailingZeros64(a.groups), bits.TrailingZeros64(b.groups)), cmp.Compare(a.groups, b.groups), cmp.Compare(a.area, b.area))
	})
	var in [][]person
	for _, x := range people {
		if n := len(p.Cells); n == 0 || p.Cells[n-1].Area != x.area || p.Cells[n-1].Groups != x.groups {
			p.Cells, in = append(p.Cells, siting.Cell{Area: x.area, Groups: x.groups}), append(in, nil)
		}
		n := len(p.Cells) - 1
		p.Cells[n].People++
		in[n] = append(in[n], x)
	}
	return p, in
}
