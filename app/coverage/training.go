package coverage

import (
	"maps"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/models"
)

// Training is a course or a recognised training that a cadre has completed.
type Training struct {
	Completion
	CourseID      uint64 // 0 of a recognised one
	RecognitionID uint64 // 0 of a course of our own
	Code          string // of the course
	Title         string
	Body          string // who held a recognised one
	MayOpen       bool   // the reader may open the course or the recognition
}

// manyTrained is for how many people trainings are read at once.
const manyTrained = 500

// trainings says of those of the people who are covered since when they are and by what.
func (a *asked) trainings(people []Person) error {
	at := map[uint64]int{} // by cadre
	for i, p := range people {
		if len(p.Lacks) == 0 {
			at[p.CadreID] = i
		}
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(at)), manyTrained) {
		found, err := a.readTrainings(some)
		if err != nil {
			return err
		}
		for id, list := range found {
			people[at[id]].explain(a, list)
		}
	}
	return nil
}

// explain says since when and by which of the trainings the person is covered.
func (p *Person) explain(a *asked, list []Training) {
	all := make([]Completion, len(list))
	for i, x := range list {
		all[i] = x.Completion
	}
	p.Since, p.Until = Since(a.plan, all, a.day), Until(a.plan, all, a.day)
	p.Recognised = len(Lacks(a.plan, withoutRecognised(all), a.day)) > 0
	for _, x := range list {
		if slices.ContainsFunc(a.plan.Components, func(c models.PlanComponent) bool { return brings(a.plan, x.Completion, c, a.day) }) {
			p.Trainings = append(p.Trainings, x)
		}
	}
}

// readTrainings reads what the cadres have completed within the plan's period up to the day, the oldest first.
func (a *asked) readTrainings(cadres []uint64) (map[uint64][]Training, error) {
	var w sqlWriter
	w.add("SELECT co.cadre_id, " + a.sqls.dayNumber("co.effective_day") + ", COALESCE(co.course_id, 0), COALESCE(co.recognition_id, 0), co.components,")
	w.add(" COALESCE(k.code, ''), COALESCE(k.title, rk.title, ''), COALESCE(rk.body, '') FROM completions co")
	w.add(" LEFT JOIN courses k ON k.id = co.course_id LEFT JOIN recognitions rk ON rk.id = co.recognition_id")
	w.add(" WHERE co.cadre_id IN ? AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? ORDER BY co.effective_day, co.id", cadres, a.plan.FromDay, a.day)
	out := map[uint64][]Training{}
	var t Training
	err := a.each(&w, func() {
		t.Recognised = t.RecognitionID != 0
		out[t.CadreID] = append(out[t.CadreID], t)
	}, &t.CadreID, (*int32)(&t.Day), &t.CourseID, &t.RecognitionID, &t.Components, &t.Code, &t.Title, &t.Body)
	return out, err
}

// mayOpenTrainings marks the trainings whose page the reader may open: of a recognised one it asks for the cadre's.
func (s *Service) mayOpenTrainings(db *gorm.DB, actor access.Actor, people []Person) error {
	courses := map[uint64][]*Training{}
	for i := range people {
		for k := range people[i].Trainings {
			x := &people[i].Trainings[k]
			if x.CourseID != 0 {
				courses[x.CourseID] = append(courses[x.CourseID], x)
			}
			x.MayOpen = x.RecognitionID != 0 && people[i].MayOpen && actor.May(access.CompletionPropose)
		}
	}
	if len(courses) == 0 || !actor.May(access.CourseRead) {
		return nil
	}
	var open []uint64
	scope := access.Courses(actor, access.CourseRead, s.DB.Time())
	if err := db.Model(&models.Course{}).Scopes(scope).Where("courses.id IN ?", slices.Collect(maps.Keys(courses))).Pluck("courses.id", &open).Error; err != nil {
		return err
	}
	for _, id := range open {
		for _, x := range courses[id] {
			x.MayOpen = true
		}
	}
	return nil
}
