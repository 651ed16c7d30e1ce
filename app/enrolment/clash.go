package enrolment

import (
	"slices"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Clash is another course that somebody has a seat in or waits for, with the first of its sessions that is held at the same time.
type Clash struct {
	CourseID   uint64 // of the other
	Code       string
	Title      string
	State      models.EnrolmentState // in the other
	Day        models.Day
	Start, End int // minutes after local midnight
}

// DespiteClash says yes to enrolling people who are in another course at the same time.
func DespiteClash(p *placing) { p.despiteClash = true }

// holding are the states in which somebody's time is spoken for: whoever waits for a seat may get it any day.
var holding = []models.EnrolmentState{models.EnrolmentEnrolled, models.EnrolmentWaiting}

// seatOf is a cadre in a course.
type seatOf struct{ course, cadre uint64 }

// clashes finds, for cadres in (or on the way into) courses, the other open and running courses at the same time: two statements,
// however many.
func clashes(db *gorm.DB, courseIDs, cadreIDs []uint64) (map[seatOf][]Clash, error) {
	slices.Sort(courseIDs)
	courseIDs = slices.Compact(courseIDs)
	if len(courseIDs) == 0 || len(cadreIDs) == 0 {
		return nil, nil
	}
	var overlaps []struct {
		At, CourseID           uint64
		Code, Title            string
		Day                    models.Day
		StartMinute, EndMinute int
	}
	err := db.Table("course_sessions a").
		Joins("JOIN course_sessions b ON b.day = a.day AND b.course_id <> a.course_id AND b.start_minute < a.end_minute AND a.start_minute < b.end_minute").
		Joins("JOIN courses c ON c.id = b.course_id").
		Where("a.course_id IN ? AND a.cancelled = ? AND b.cancelled = ? AND c.state IN ?", courseIDs, false, false, []models.CourseState{models.CourseOpen, models.CourseRunning}).
		Select("a.course_id AS at, b.course_id, c.code, c.title, b.day, b.start_minute, b.end_minute").Order("b.day, b.start_minute, b.id").Scan(&overlaps).Error
	if err != nil || len(overlaps) == 0 {
		return nil, err
	}
	type pair struct{ at, other uint64 }
	first := map[pair]bool{}
	with := map[uint64][]Clash{} // by course
	var others []uint64
	for _, o := range overlaps {
		if p := (pair{o.At, o.CourseID}); !first[p] {
			first[p] = true
			with[o.At] = append(with[o.At], Clash{CourseID: o.CourseID, Code: o.Code, Title: o.Title, Day: o.Day, Start: o.StartMinute, End: o.EndMinute})
			others = append(others, o.CourseID)
		}
	}
	var rows []models.Enrolment
	q := db.Select("course_id", "cadre_id", "state").Where("course_id IN ? AND state IN ?", others, holding)
	if len(cadreIDs) <= batch {
		q = q.Where("cadre_id IN ?", cadreIDs)
	}
	if err := q.Find(&rows).Error; err != nil {
		return nil, err
	}
	in := make(map[uint64]map[uint64]models.EnrolmentState, len(rows)) // by cadre and course
	for _, r := range rows {
		if in[r.CadreID] == nil {
			in[r.CadreID] = map[uint64]models.EnrolmentState{}
		}
		in[r.CadreID][r.CourseID] = r.State
	}
	out := map[seatOf][]Clash{}
	for _, id := range cadreIDs {
		if in[id] == nil {
			continue
		}
		for _, at := range courseIDs {
			for _, c := range with[at] {
				if state, ok := in[id][c.CourseID]; ok {
					c.State = state
					out[seatOf{at, id}] = append(out[seatOf{at, id}], c)
				}
			}
		}
	}
	return out, nil
}

// Clashes gives, by cadre, the other open and running courses at the same time as the course in which the cadres have a seat or wait: two
// statements, however many they are.
func Clashes(db *gorm.DB, courseID uint64, cadreIDs []uint64) (map[uint64][]Clash, error) {
	found, err := clashes(db, []uint64{courseID}, cadreIDs)
	out := make(map[uint64][]Clash, len(found))
	for at, list := range found {
		out[at.cadre] = list
	}
	return out, err
}

// refuseClash refuses with "schedule_clash", which names the first of the cadres, where some of them are in another course at the same time.
func refuseClash(tx *store.Tx, c models.Course, cadreIDs []uint64) error {
	found, err := clashes(tx.DB, []uint64{c.ID}, cadreIDs)
	if err != nil || len(found) == 0 {
		return err
	}
	var who []uint64
	for _, id := range cadreIDs {
		if len(found[seatOf{c.ID, id}]) > 0 {
			who = append(who, id)
		}
	}
	var first models.Cadre
	if err := tx.Select("full_name").Take(&first, who[0]).Error; err != nil {
		return err
	}
	with := found[seatOf{c.ID, who[0]}][0]
	return errs.Conflict("schedule_clash", errs.Params{"n": len(who), "name": first.FullName, "course": with.Title, "day": with.Day})
}
