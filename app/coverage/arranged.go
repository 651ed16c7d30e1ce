package coverage

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/models"
)

// Stage is how far it is arranged that somebody who is missing learns what is lacking.
type Stage string

// The stages, the surest first.
const (
	StageHeld      Stage = "held"     // enrolled in a course that has been held and waits to be closed
	StageEnrolled  Stage = "enrolled" // in a course to come
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

// Ways says for each group of the plan what is being done about those missing today. It refuses as Rows does; of another day than today it
// gives nothing. Three statements at most beyond those that find the organisation, whatever the size.
func (s *Service) Ways(ctx context.Context, actor access.Actor, q Query) ([]Way, error) {
	a, err := s.ask(ctx, actor, q)
	if err != nil || a.day != models.DayOf(s.DB.Time()) {
		return nil, err
	}
	return s.ways(a, actor)
}

// placed are people of one group who lack the same and hold the same places.
type placed struct {
	group, lacking int    // index; bits of components in the plan's order
	places         string // numbers of place, with commas
	people         int
}

// stages are the states of an enrolment in the order of the numbers of places.
var stages = []Stage{StageEnrolled, StageNominated, StageWaiting}

// readPlaces reads placed.places: courses, and how their people stand in them.
func readPlaces(text string) (courses []uint64, at []Stage) {
	if text == "" {
		return nil, nil
	}
	for _, x := range strings.Split(text, ",") {
		n, err := strconv.ParseUint(x, 10, 64)
		if err != nil {
			panic(err) // the database counted it
		}
		courses, at = append(courses, n/4), append(at, stages[n%4])
	}
	return courses, at
}

func (s *Service) ways(a *asked, actor access.Actor) ([]Way, error) {
	var all []placed
	var w sqlWriter
	a.placed(&w)
	var group uint64
	var x placed
	if err := a.each(&w, func() {
		if x.group = slices.IndexFunc(a.plan.Groups, func(g models.TargetGroup) bool { return g.ID == group }); x.group >= 0 {
			all = append(all, x)
		}
	}, &group, &x.lacking, &x.places, &x.people); err != nil {
		return nil, err
	}
	courses, err := s.readCoursesOf(a, actor, all)
	if err != nil {
		return nil, err
	}
	ways := make([]Way, len(a.plan.Groups))
	lacking := make([]int, len(ways))
	for _, x := range all {
		way := &ways[x.group]
		best, brought := courses.best(x)
		if best == nil {
			way.None += x.people
			lacking[x.group] |= x.lacking
			continue
		}
		if brought&x.lacking != x.lacking {
			way.Partly += x.people
		}
		i := slices.IndexFunc(way.Arranged, func(y Arranged) bool { return y.Stage == best.Stage && y.CourseID == best.CourseID })
		if i < 0 {
			i = len(way.Arranged)
			way.Arranged = append(way.Arranged, *best)
		}
		way.Arranged[i].N += x.people
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

// placed counts those who are missing in each group, by what they lack and by their places in courses that are open or running.
func (a *asked) placed(w *sqlWriter) {
	w.add("SELECT g.group_id, m.lacking, m.places, COUNT(*) FROM (SELECT r.cadre_id, MAX(r.lacking) AS lacking, COALESCE(GROUP_CONCAT(e.place), '') AS places FROM (")
	a.rosterColumns(w)
	a.mainPostings(w)
	a.listing(w)
	w.add(") r LEFT JOIN (SELECT e.cadre_id, e.course_id * 4 + CASE e.state WHEN 'enrolled' THEN 0 WHEN 'nominated' THEN 1 ELSE 2 END AS place FROM enrolments e JOIN courses k ON k.id = e.course_id")
	w.add(" WHERE k.plan_id = ? AND k.state IN ('open', 'running') AND e.state IN ('enrolled', 'nominated', 'waiting')) e ON e.cadre_id = r.cadre_id", a.plan.ID)
	w.add(" WHERE r.lacking <> 0 GROUP BY r.cadre_id) m JOIN (SELECT DISTINCT x.cadre_id, xg.group_id FROM ")
	a.mainPostings(w)
	w.add(" CROSS JOIN postings x ON x.cadre_id = p.cadre_id AND (x.id = p.id OR x.main = FALSE) AND x.from_day <= ? AND x.to_day > ?", a.day, a.day)
	w.add(" JOIN organisations xo ON xo.id = x.organisation_id AND xo.to_day > ? JOIN posting_groups xg ON xg.posting_id = x.id) g ON g.cadre_id = m.cadre_id", a.day)
	w.add(" GROUP BY g.group_id, m.lacking, m.places")
}

// coming are courses that are not closed.
type coming map[uint64]*comingCourse

// comingCourse is a course with the components that it brings, as bits in the plan's order.
type comingCourse struct {
	Arranged
	brings int
}

// readCoursesOf reads the courses in which people have places.
func (s *Service) readCoursesOf(a *asked, actor access.Actor, all []placed) (coming, error) {
	var ids []uint64
	for _, x := range all {
		courses, _ := readPlaces(x.places)
		ids = append(ids, courses...)
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
func (c coming) best(x placed) (best *Arranged, brought int) {
	courses, at := readPlaces(x.places)
	for i, id := range courses {
		course := c[id]
		if course == nil || course.brings&x.lacking == 0 {
			continue
		}
		brought |= course.brings
		place := course.Arranged
		if at[i] != StageEnrolled {
			place.Stage = at[i]
		}
		if best == nil || surest(place, *best) < 0 {
			best = &place
		}
	}
	return best, brought
}

// surest puts places in order.
func surest(a, b Arranged) int {
	order := []Stage{StageHeld, StageEnrolled, StageNominated, StageWaiting}
	return cmp.Or(slices.Index(order, a.Stage)-slices.Index(order, b.Stage), cmp.Compare(a.FirstDay, b.FirstDay), cmp.Compare(a.CourseID, b.CourseID))
}
