package attendance

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// MakeUpInput says that somebody who missed a session attended another in its place (học bù).
type MakeUpInput struct {
	EnrolmentID  uint64 // in the course of the missed session
	SessionID    uint64 // missed
	RefSessionID uint64 // attended, of another course
}

// longEnough says whether a session can make up a missed one: its minutes reach the share of the missed one's that the rule of the missed
// session's course asks for.
func longEnough(c models.Course, missed, other models.Session) bool {
	return other.Minutes()*100 >= c.RulePercent*missed.Minutes()
}

// MakeUp marks somebody present in a missed session because they attended another one: an event of the missed session that names the
// other, so that completion and reports count it as any mark. Both courses must be in the actor's scope (not_found).
//
// It refuses, besides what refuses every mark of the missed session: a person not enrolled ("mark_not_enrolled") or present or late there
// already ("make_up_not_missed"), a session of the same course ("make_up_same_course"), a cancelled one or one of a cancelled course
// ("make_up_cancelled"), one that is too short for the rule ("make_up_short", see longEnough), one that the person did not attend, or
// attended by a make-up only ("make_up_not_attended"), and one that makes up another session of theirs ("make_up_used").
func (s *Service) MakeUp(ctx context.Context, actor access.Actor, in MakeUpInput) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		m, err := lockMakeUp(tx, actor, in)
		if err != nil {
			return 0, err
		}
		if err := m.check(tx); err != nil {
			return 0, err
		}
		return in.EnrolmentID, m.write(tx, actor, models.MarkPresent, "make_up.add")
	})
	return err
}

// TakeBackMakeUp lets the mark hold again that held without the make-up. It refuses what refuses every mark of the session, and a person
// who has made up nothing there ("make_up_none").
func (s *Service) TakeBackMakeUp(ctx context.Context, actor access.Actor, sessionID, enrolmentID uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		m, err := lockMakeUp(tx, actor, MakeUpInput{EnrolmentID: enrolmentID, SessionID: sessionID})
		if err != nil {
			return 0, err
		}
		list, err := eventsOf(tx, m.missed, []uint64{enrolmentID})
		if err != nil {
			return 0, err
		}
		events := list[enrolmentID]
		i := current(events)
		if i < 0 || events[i].Source != SourceMakeUp || events[i].RefSessionID == nil {
			return 0, errs.Conflict("make_up_none")
		}
		before, back := slices.DeleteFunc(slices.Clone(events), func(e models.MarkEvent) bool { return e.Source == SourceMakeUp }), models.MarkNone
		if j := current(before); j >= 0 {
			back = before[j].Mark
		}
		return enrolmentID, m.write(tx, actor, back, "make_up.take_back")
	})
	return err
}

// makeUp is a make-up on its way, under the locks of the cadre and of both courses.
type makeUp struct {
	course        models.Course // of the missed session
	missed, other models.Session
	otherCourse   models.Course
	person        models.Enrolment
}

// lockMakeUp locks the cadre, then the courses in the order of their ids, and reads what the make-up is about.
func lockMakeUp(tx *store.Tx, actor access.Actor, in MakeUpInput) (m makeUp, err error) {
	none := func(err error, noun string) error {
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return errs.NotFound(noun)
		}
		return err
	}
	if err := tx.Take(&m.missed, in.SessionID).Error; err != nil {
		return m, none(err, "session")
	}
	if err := tx.Take(&m.person, in.EnrolmentID).Error; err != nil {
		return m, none(err, "enrolment")
	}
	if in.RefSessionID != 0 {
		if err := tx.Take(&m.other, in.RefSessionID).Error; err != nil {
			return m, none(err, "session")
		}
	}
	if err := enrolment.LockCadres(tx, m.person.CadreID); err != nil {
		return m, err
	}
	ids := []uint64{m.missed.CourseID}
	if m.other.ID != 0 && m.other.CourseID != m.missed.CourseID {
		ids = append(ids, m.other.CourseID)
	}
	slices.Sort(ids)
	for _, id := range ids {
		c, err := course.Lock(tx, actor, access.AttendanceWrite, id)
		if err != nil {
			return m, err
		}
		if id == m.missed.CourseID {
			m.course = c
		}
		if id == m.other.CourseID {
			m.otherCourse = c
		}
	}
	for _, x := range []*models.Session{&m.missed, &m.other} { // under the lock
		if id := x.ID; id != 0 {
			*x = models.Session{}
			if err := tx.Take(x, id).Error; err != nil {
				return m, none(err, "session")
			}
		}
	}
	id := m.person.ID
	m.person = models.Enrolment{}
	if err := tx.Take(&m.person, id).Error; err != nil {
		return m, none(err, "enrolment")
	}
	if m.person.CourseID != m.missed.CourseID || m.person.State != models.EnrolmentEnrolled {
		return m, errs.Invalid("mark_not_enrolled")
	}
	return m, refusal(m.course, m.missed, tx.Today)
}

// check refuses what MakeUp says.
func (m *makeUp) check(tx *store.Tx) error {
	switch {
	case m.other.ID == 0:
		return errs.Invalid("make_up_not_attended")
	case m.other.CourseID == m.missed.CourseID:
		return errs.Invalid("make_up_same_course")
	case m.other.Cancelled || m.otherCourse.State == models.CourseCancelled || m.otherCourse.State == models.CourseDraft:
		return errs.Invalid("make_up_cancelled")
	case !longEnough(m.course, m.missed, m.other):
		return errs.Invalid("make_up_short", errs.Params{"minutes": m.other.Minutes(), "missed": m.missed.Minutes(), "percent": m.course.RulePercent})
	}
	var n int64
	err := tx.Model(&models.Mark{}).Where("session_id = ? AND enrolment_id = ? AND mark IN ?", m.missed.ID, m.person.ID, attended).Count(&n).Error
	if err != nil {
		return err
	}
	if n > 0 {
		return errs.Invalid("make_up_not_missed")
	}
	err = tx.Table("marks k").Joins("JOIN enrolments e ON e.id = k.enrolment_id").Joins("JOIN mark_events v ON v.id = k.event_id").
		Where("k.session_id = ? AND e.cadre_id = ? AND k.mark IN ? AND v.ref_session_id IS NULL", m.other.ID, m.person.CadreID, attended).Count(&n).Error
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.Invalid("make_up_not_attended")
	}
	err = tx.Table("marks k").Joins("JOIN mark_events v ON v.id = k.event_id").Joins("JOIN enrolments e ON e.id = k.enrolment_id").
		Where("v.ref_session_id = ? AND e.cadre_id = ?", m.other.ID, m.person.CadreID).Count(&n).Error
	if err != nil {
		return err
	}
	if n > 0 {
		return errs.Invalid("make_up_used")
	}
	return nil
}

// write adds the event and derives what holds.
func (m *makeUp) write(tx *store.Tx, actor access.Actor, mark models.MarkValue, action string) error {
	e := models.MarkEvent{UID: newUID(), SessionID: m.missed.ID, EnrolmentID: &m.person.ID, Mark: mark, ReceivedAt: tx.Now, AccountID: actor.AccountID, Source: SourceMakeUp, State: models.EventApplied}
	detail := map[string]any{"enrolment": m.person.ID, "session": m.missed.ID}
	if m.other.ID != 0 {
		e.RefSessionID, detail["attended"] = &m.other.ID, m.other.ID
	}
	if err := write(tx, &m.course, m.missed, []models.MarkEvent{e}, []uint64{m.person.ID}, new(State)); err != nil {
		return err
	}
	return tx.Audit(action, "course", m.course.ID, detail)
}

var attended = []models.MarkValue{models.MarkPresent, models.MarkLate}
