package coverage

import (
	"cmp"
	"slices"

	"taphuan/app/access"
	"taphuan/models"
)

// Stage is how far it is arranged that somebody who is missing learns what is lacking.
type Stage string

// The stages, the surest first.
const (
	StageHeld      Stage = "held"     // enrolled in a course that has been held and waits to be closed
	StageEnrolled  Stage = "enrolled" // in a course to come; from here on as the enrolment says
	StageNominated Stage = "nominated"
	StageWaiting   Stage = "waiting" // on a waiting list
)

// Arranged is how many of those missing have their place at a stage in a course that is not closed yet.
type Arranged struct {
	Stage    Stage
	CourseID uint64
	Code     string
	Title    string
	FirstDay models.Day
	LastDay  models.Day
	MayOpen  bool // the reader may open the course
	N        int
}

// Way is what is being done about those of a group who are missing by name. Each is counted once: at the surest place in a course that brings
// something that he or she lacks, or under None.
type Way struct {
	Arranged []Arranged         // the surest stage first, then the nearest course
	None     int                // with no place in any such course
	Lacking  []models.Component // what these lack, in the plan's order
	Partly   int                // of those arranged: whose courses together do not bring everything
}

// Some says whether anything is arranged for anybody.
func (w Way) Some() bool { return len(w.Arranged) > 0 }

// Named is how many are missing by name.
func (w Way) Named() int {
	n := w.None
	for _, a := range w.Arranged {
		n += a.N
	}
	return n
}

// placed is somebody who is missing, with the places that he or she has.
type placed struct {
	lacking int // bits of components in the plan's order
	groups  []int
	places  []place
}

// place is how an enrolment of a course stands.
type place struct {
	course uint64
	stage  Stage
}

// ways says for each group of the plan what is being done about those missing today, nothing of another day. Three statements at most,
// whatever the size.
func (s *Service) ways(a *asked, actor access.Actor) ([]Way, error) {
	if a.day != models.DayOf(s.DB.Time()) {
		return nil, nil
	}
	all, err := a.placed()
	if err != nil {
		return nil, err
	}
	courses, err := s.readCoursesOf(a, actor, all)
	if err != nil {
		return nil, err
	}
	ways := make([]Way, len(a.plan.Groups))
	lacking := make([]int, len(ways))
	for _, x := range all {
		best, brought := courses.best(x)
		for _, g := range x.groups {
			way := &ways[g]
			if best == nil {
				way.None++
				lacking[g] |= x.lacking
				continue
			}
			if brought&x.lacking != x.lacking {
				way.Partly++
			}
			i := slices.IndexFunc(way.Arranged, func(y Arranged) bool { return y.Stage == best.Stage && y.CourseID == best.CourseID })
			if i < 0 {
				i = len(way.Arranged)
				way.Arranged = append(way.Arranged, *best)
			}
			way.Arranged[i].N++
		}
	}
	for i := range ways {
		slices.SortFunc(ways[i].Arranged, surest)
		for k, c := range a.plan.Components {
			if lacking[i]&(1<<k) != 0 {
				ways[i].Lacking = append(ways[i].Lacking, c.Component)
			}
		}
	}
	return ways, nil
}

// placed reads those who are missing, by the numbers of cadres, with their groups and their places in courses that are open or running. The
// completions of the few people of an office are joined and added up: as a question for each person, MariaDB asks it several times over.
func (a *asked) placed() (map[uint64]*placed, error) {
	var w sqlWriter
	w.add("SELECT m.cadre_id, m.lacking, xg.group_id, COALESCE(e.course_id, 0), COALESCE(e.state, '') FROM (SELECT p.id, p.cadre_id, ?", 1<<len(a.plan.Components)-1)
	for i := range a.plan.Components {
		w.add(" - ")
		a.brought(&w, i)
	}
	w.add(" AS lacking FROM ")
	a.mainPostings(&w)
	a.listing(&w)
	w.add(" LEFT JOIN completions co ON co.cadre_id = p.cadre_id AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? GROUP BY p.id, p.cadre_id HAVING lacking <> 0) m", a.plan.FromDay, a.day)
	w.add(" JOIN postings x ON x.cadre_id = m.cadre_id AND (x.id = m.id OR x.main = FALSE) AND x.from_day <= ? AND x.to_day > ?", a.day, a.day)
	w.add(" JOIN organisations xo ON xo.id = x.organisation_id AND xo.to_day > ? JOIN posting_groups xg ON xg.posting_id = x.id", a.day)
	w.add(" LEFT JOIN (SELECT e.cadre_id, e.course_id, e.state FROM enrolments e JOIN courses k ON k.id = e.course_id")
	w.add(" WHERE k.plan_id = ? AND k.state IN ('open', 'running') AND e.state IN ('enrolled', 'nominated', 'waiting')) e ON e.cadre_id = m.cadre_id", a.plan.ID)
	out := map[uint64]*placed{}
	var cadre, group uint64
	var lacking int
	var at place
	return out, a.each(&w, func() {
		g := slices.IndexFunc(a.plan.Groups, func(g models.TargetGroup) bool { return g.ID == group })
		if g < 0 {
			return
		}
		x := out[cadre]
		if x == nil {
			x = &placed{lacking: lacking}
			out[cadre] = x
		}
		if !slices.Contains(x.groups, g) {
			x.groups = append(x.groups, g)
		}
		if at.course != 0 && !slices.Contains(x.places, at) {
			x.places = append(x.places, at)
		}
	}, &cadre, &lacking, &group, &at.course, &at.stage)
}

// coming are courses that are not closed.
type coming map[uint64]*comingCourse

// comingCourse is a course with the components that it brings, as bits in the plan's order.
type comingCourse struct {
	Arranged
	brings int
}

// readCoursesOf reads the courses in which people have places.
func (s *Service) readCoursesOf(a *asked, actor access.Actor, all map[uint64]*placed) (coming, error) {
	var ids []uint64
	for _, x := range all {
		for _, at := range x.places {
			ids = append(ids, at.course)
		}
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) == 0 {
		return nil, nil
	}
	var rows []models.Course
	if err := a.db.Select("id, code, title, first_day, last_day, course_type_id").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := coming{}
	for _, c := range rows {
		x := &comingCourse{Arranged: Arranged{CourseID: c.ID, Code: c.Code, Title: c.Title, FirstDay: c.FirstDay, LastDay: c.LastDay}}
		for k, pc := range a.plan.Components {
			if slices.Contains(a.plan.TypeComponents[c.CourseTypeID], pc.Component) {
				x.brings |= 1 << k
			}
		}
		if x.Stage = StageEnrolled; c.LastDay != 0 && c.LastDay < a.day {
			x.Stage = StageHeld
		}
		out[c.ID] = x
	}
	if !actor.May(access.CourseRead) {
		return out, nil
	}
	var open []uint64
	scope := access.Courses(actor, access.CourseRead, s.DB.Time())
	if err := a.db.Model(&models.Course{}).Scopes(scope).Where("courses.id IN ?", ids).Pluck("courses.id", &open).Error; err != nil {
		return nil, err
	}
	for _, id := range open {
		out[id].MayOpen = true
	}
	return out, nil
}

// best gives the surest place of people in a course that brings something that they lack, nil where there is none, and what all such courses
// bring them.
func (c coming) best(x *placed) (best *Arranged, brought int) {
	for _, at := range x.places {
		course := c[at.course]
		if course == nil || course.brings&x.lacking == 0 {
			continue
		}
		brought |= course.brings
		there := course.Arranged
		if at.stage != StageEnrolled {
			there.Stage = at.stage
		}
		if best == nil || surest(there, *best) < 0 {
			best = &there
		}
	}
	return best, brought
}

// surest puts places in order.
func surest(a, b Arranged) int {
	order := []Stage{StageHeld, StageEnrolled, StageNominated, StageWaiting}
	return cmp.Or(slices.Index(order, a.Stage)-slices.Index(order, b.Stage), cmp.Compare(a.FirstDay, b.FirstDay), cmp.Compare(a.CourseID, b.CourseID))
}
