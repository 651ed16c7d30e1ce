package attendance

import (
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// HeldMark is a mark that arrived after its course had closed.
type HeldMark struct {
	models.MarkEvent
	Name    string // whose
	Office  string
	Guest   bool // of a walk-in
	Account string
	Session models.Session   `gorm:"-"`
	Now     models.MarkValue // what holds for the person
}

// MaxHeld is how many held marks are shown and decided on at once.
const MaxHeld = 500

// Held gives the marks of a course that arrived after it had closed and wait for a decision, at most MaxHeld, and how many there are, in
// the order of sessions and names: four queries. Out of scope is not found.
func (s *Service) Held(ctx context.Context, actor access.Actor, courseID uint64) ([]HeldMark, int, error) {
	if _, err := s.readCourse(ctx, actor, byID(courseID)); err != nil {
		return nil, 0, err
	}
	all, err := s.sessions(ctx, courseID)
	if err != nil {
		return nil, 0, err
	}
	var list []HeldMark
	err = s.DB.Read(ctx).Table("mark_events").Joins("JOIN course_sessions s ON s.id = mark_events.session_id").Joins("LEFT JOIN accounts a ON a.id = mark_events.account_id").
		Joins("LEFT JOIN enrolments e ON e.id = mark_events.enrolment_id").Joins("LEFT JOIN cadres c ON c.id = e.cadre_id").Joins("LEFT JOIN organisations o ON o.id = e.organisation_id").
		Joins("LEFT JOIN walk_ins w ON w.id = mark_events.walk_in_id").
		Joins("LEFT JOIN marks m ON m.session_id = mark_events.session_id AND m.enrolment_id = COALESCE(mark_events.enrolment_id, w.enrolment_id)").
		Where("s.course_id = ? AND mark_events.state = ?", courseID, models.EventHeld).
		Select("mark_events.*, COALESCE(c.full_name, w.name) AS name, COALESCE(o.name, w.office, '') AS office, mark_events.walk_in_id IS NOT NULL AS guest, COALESCE(a.name, '') AS account, COALESCE(m.mark, '') AS now").
		Order("s.day, s.start_minute, s.id, COALESCE(c.sort_key, w.sort_key), mark_events.marked_at, mark_events.id").Limit(MaxHeld).Scan(&list).Error
	if err != nil {
		return nil, 0, err
	}
	for i := range list {
		at := slices.IndexFunc(all, func(x models.Session) bool { return x.ID == list[i].SessionID })
		list[i].Session = all[at]
	}
	n := int64(len(list))
	if n == MaxHeld {
		err = s.DB.Read(ctx).Table("mark_events").Joins("JOIN course_sessions s ON s.id = mark_events.session_id").Where("s.course_id = ? AND mark_events.state = ?", courseID, models.EventHeld).Count(&n).Error
	}
	return list, int(n), err
}

// DecideHeld lets held marks count like any others, by their own times, or leaves them aside for good; they stay in the log either way. To
// let them count the course must be open again. It refuses none and more than MaxHeld ("held_choose"), marks that are not of the course
// or not held ("held_decided"), and with count also what marks are refused for ("attendance_course_…").
func (s *Service) DecideHeld(ctx context.Context, actor access.Actor, courseID uint64, ids []uint64, count bool) error {
	if len(ids) == 0 || len(ids) > MaxHeld {
		return errs.Invalid("held_choose", errs.Params{"n": MaxHeld})
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := course.Lock(tx, actor, access.CourseWrite, courseID)
		if err != nil {
			return 0, err
		}
		if err := refusal(c, models.Session{}, 0); count && err != nil {
			return 0, err
		}
		var events []models.MarkEvent
		err = tx.Table("mark_events").Joins("JOIN course_sessions s ON s.id = mark_events.session_id").
			Where("s.course_id = ? AND mark_events.id IN ? AND mark_events.state = ?", courseID, ids, models.EventHeld).Select("mark_events.*").Order("mark_events.id").Scan(&events).Error
		if err != nil {
			return 0, err
		}
		slices.Sort(ids)
		if len(events) != len(slices.Compact(ids)) {
			return 0, errs.Conflict("held_decided")
		}
		state, action := models.EventDismissed, "attendance.dismiss"
		if count {
			state, action = models.EventApplied, "attendance.apply"
		}
		if err := tx.Model(&models.MarkEvent{}).Where("id IN ?", ids).Update("state", state).Error; err != nil {
			return 0, err
		}
		who := map[uint64]bool{}
		var strays []uint64
		for _, e := range events {
			if e.EnrolmentID != nil {
				who[*e.EnrolmentID] = true
			} else {
				strays = append(strays, *e.WalkInID)
			}
		}
		var matched []uint64
		if len(strays) > 0 {
			if err := tx.Model(&models.WalkIn{}).Where("id IN ? AND enrolment_id IS NOT NULL", strays).Pluck("enrolment_id", &matched).Error; err != nil {
				return 0, err
			}
		}
		for _, id := range matched {
			who[id] = true
		}
		if err := rederive(tx, courseID, sorted(who)...); err != nil {
			return 0, err
		}
		return courseID, tx.Audit(action, "course", courseID, map[string]any{"events": ids})
	})
	return err
}

// Waits is what of a course's attendance waits for a coordinator.
type Waits struct {
	WalkIns int // who came without being enrolled, decided on or not
	Open    int // of these, nobody has decided on
	Held    int // marks that came after closing
}

// Waits counts what waits in a course: two queries. The caller has made sure that the course is in scope.
func (s *Service) Waits(ctx context.Context, courseID uint64) (w Waits, err error) {
	db := s.DB.Read(ctx)
	var n struct{ All, Open int }
	err = db.Model(&models.WalkIn{}).Where("course_id = ?", courseID).Select("COUNT(*) AS all_of, COALESCE(SUM(CASE WHEN state = ? THEN 1 ELSE 0 END), 0) AS open", models.WalkInOpen).Row().Scan(&n.All, &n.Open)
	if err != nil {
		return w, err
	}
	var held int64
	err = db.Table("mark_events").Joins("JOIN course_sessions s ON s.id = mark_events.session_id").Where("s.course_id = ? AND mark_events.state = ?", courseID, models.EventHeld).Count(&held).Error
	return Waits{WalkIns: n.All, Open: n.Open, Held: int(held)}, err
}
