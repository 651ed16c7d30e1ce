package course

import (
	"context"
	"time"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Step leads from one state of a course to the next.
type Step string

// The steps: draft -> open -> running -> closed; draft, open and running may be cancelled, closed opened again.
const (
	StepOpen   Step = "open"
	StepStart  Step = "start"
	StepClose  Step = "close"
	StepCancel Step = "cancel"
	StepReopen Step = "reopen"
)

// AllSteps in the order of a course's life.
var AllSteps = []Step{StepOpen, StepStart, StepClose, StepCancel, StepReopen}

// Timetable is what a course's steps ask of its sessions that were not cancelled.
type Timetable struct {
	Sessions int
	Minutes  int
	FirstDay models.Day
	Ends     time.Time // of the last one
}

// TimetableOf sums up the sessions that were not cancelled.
func TimetableOf(sessions []models.Session) Timetable {
	var t Timetable
	for _, x := range sessions {
		if x.Cancelled {
			continue
		}
		t.Sessions++
		t.Minutes += x.Minutes()
		if t.FirstDay == 0 || x.Day < t.FirstDay {
			t.FirstDay = x.Day
		}
		if e := x.Ends(); e.After(t.Ends) {
			t.Ends = e
		}
	}
	return t
}

// May says whether a step makes sense for a course in the state with the timetable at the instant: nil if so, else why not. It is
// both what pages offer and what services refuse by.
//
// It refuses a step that does not lead on from the state ("course_step"), opening without a session ("course_no_session"), starting
// before the first day ("course_not_begun"), closing what has not been started ("course_not_started"), without a session that took place ("course_no_session") or before the last has
// ended ("course_not_over").
func May(state models.CourseState, step Step, t Timetable, now time.Time) error {
	from := map[Step][]models.CourseState{
		StepOpen: {models.CourseDraft}, StepStart: {models.CourseOpen}, StepClose: {models.CourseRunning},
		StepCancel: {models.CourseDraft, models.CourseOpen, models.CourseRunning}, StepReopen: {models.CourseClosed},
	}
	ok := false
	for _, s := range from[step] {
		ok = ok || s == state
	}
	switch {
	case step == StepClose && state == models.CourseOpen:
		return errs.Conflict("course_not_started")
	case !ok:
		return errs.Conflict("course_step")
	case step == StepCancel, step == StepReopen:
		return nil
	case t.Sessions == 0:
		return errs.Conflict("course_no_session")
	case step == StepStart && models.DayOf(now) < t.FirstDay:
		return errs.Conflict("course_not_begun", errs.Params{"day": t.FirstDay})
	case step == StepClose && now.Before(t.Ends):
		return errs.Conflict("course_not_over", errs.Params{"day": models.DayOf(t.Ends.Add(-time.Minute)), "clock": clockOf(t.Ends)})
	}
	return nil
}

// clockOf writes when a day's last session ends: 24:00 at midnight, not 00:00 of the next day.
func clockOf(t time.Time) string {
	l := t.In(models.Zone)
	m := l.Hour()*60 + l.Minute()
	if m == 0 {
		m = 24 * 60
	}
	return i18n.Clock(m)
}

// Steps gives the steps that make sense now.
func Steps(state models.CourseState, t Timetable, now time.Time) []Step {
	var out []Step
	for _, s := range AllSteps {
		if May(state, s, t, now) == nil {
			out = append(out, s)
		}
	}
	return out
}

// Next gives the step that leads on from the state, "" at the end of a course's life.
func Next(state models.CourseState) Step {
	switch state {
	case models.CourseDraft:
		return StepOpen
	case models.CourseOpen:
		return StepStart
	case models.CourseRunning:
		return StepClose
	}
	return ""
}

// step locks the course, refuses what May refuses, and lets do change the course before it is saved.
func (s *Service) step(ctx context.Context, actor access.Actor, id uint64, step Step, do func(tx *store.Tx, c *models.Course, t Timetable) (detail any, err error)) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := Lock(tx, actor, access.CourseWrite, id)
		if err != nil {
			return 0, err
		}
		var sessions []models.Session
		if err := tx.Where("course_id = ?", id).Find(&sessions).Error; err != nil {
			return 0, err
		}
		t := TimetableOf(sessions)
		if err := May(c.State, step, t, tx.Now); err != nil {
			return 0, err
		}
		detail, err := do(tx, &c, t)
		if err != nil {
			return 0, err
		}
		c.Version++
		if err := tx.Save(&c).Error; err != nil {
			return 0, err
		}
		return id, tx.Audit("course."+string(step), "course", id, detail)
	})
	return err
}

// Open lets cadres be enrolled and nominated. It refuses as May does.
func (s *Service) Open(ctx context.Context, actor access.Actor, id uint64) error {
	return s.step(ctx, actor, id, StepOpen, func(_ *store.Tx, c *models.Course, _ Timetable) (any, error) {
		c.State = models.CourseOpen
		return nil, nil
	})
}

// Start says that the course has begun. It refuses as May does.
func (s *Service) Start(ctx context.Context, actor access.Actor, id uint64) error {
	return s.step(ctx, actor, id, StepStart, func(_ *store.Tx, c *models.Course, _ Timetable) (any, error) {
		c.State = models.CourseRunning
		return nil, nil
	})
}

// Cancel ends a course that will not be held or finished. It refuses an empty reason ("reason_missing"), a course that was opened again
// ("course_was_reopened") and as May does.
func (s *Service) Cancel(ctx context.Context, actor access.Actor, id uint64, reason string) error {
	reason = viet.NFC(reason)
	return s.step(ctx, actor, id, StepCancel, func(_ *store.Tx, c *models.Course, _ Timetable) (any, error) {
		if c.ReopenReason != "" {
			return nil, errs.Conflict("course_was_reopened")
		}
		if reason == "" {
			return nil, errs.OnField("reason", "reason_missing")
		}
		if len([]rune(reason)) > maxReason {
			return nil, errs.OnField("reason", "too_long", errs.Params{"n": maxReason})
		}
		c.State, c.CancelReason = models.CourseCancelled, reason
		return map[string]any{"reason": reason}, nil
	})
}

// Begin makes an open course running: the first attendance mark calls it, under the lock on the course (Lock). A running course
// stays; others are refused with "course_step".
func Begin(tx *store.Tx, c *models.Course) error {
	switch c.State {
	case models.CourseRunning:
		return nil
	case models.CourseOpen:
	default:
		return errs.Conflict("course_step")
	}
	c.State = models.CourseRunning
	c.Version++
	err := tx.Model(&models.Course{}).Where("id = ?", c.ID).Updates(map[string]any{"state": c.State, "version": c.Version, "updated_at": tx.Now}).Error
	if err != nil {
		return err
	}
	return tx.Audit("course.start", "course", c.ID, map[string]any{"by": "first_mark"})
}
