// Package attendance records who was present in which session: marks as events that are only ever added, and the current mark
// that follows from them.
//
// Every change of a mark is an event with an id that its client made, so that what arrives twice counts once, and with the time
// at which it was made, so that the order of arrival does not matter (see current). Whatever writes marks holds the lock of the
// course's row, as everything does that changes a course.
package attendance

import (
	"context"
	"errors"
	"sync"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
)

// Service records attendance.
type Service struct {
	DB     *store.DB
	Keys   *secret.Keys
	Access *access.Service // limits guesses
	Roster *roster.Service // reads workbooks
	Files  *file.Service   // keeps signed sheets
	// PublicURL gives the public address that an administrator set, "" when none was; nil is none.
	PublicURL func(ctx context.Context) (string, error)

	mu        sync.Mutex
	waiting   []*sending // batches that nobody writes yet
	recording bool       // somebody does
}

// MaxMarks is how many marks one request may carry.
const MaxMarks = 1000

// chunk is how many ids one condition names: MariaDB reads whole tables for a thousand and more.
const chunk = 500

// MaxNote is how many letters a note may have.
const MaxNote = 300

// ahead is how far a mark's time may lie ahead of its arrival; what is further ahead is flagged.
const ahead = 5 * time.Minute

// Marks are the marks that a person can have, in the order in which pages offer them.
var Marks = []models.MarkValue{models.MarkPresent, models.MarkLate, models.MarkExcused, models.MarkAbsent}

// refusal says why marks of the session cannot be changed now: "session_cancelled", "attendance_course_draft",
// "attendance_course_closed", "attendance_course_cancelled", "session_not_yet". nil: they can.
func refusal(c models.Course, s models.Session, today models.Day) error {
	switch {
	case c.State == models.CourseDraft:
		return errs.Conflict("attendance_course_draft")
	case c.State == models.CourseClosed:
		return errs.Conflict("attendance_course_closed")
	case c.State == models.CourseCancelled:
		return errs.Conflict("attendance_course_cancelled")
	case s.Cancelled:
		return errs.Conflict("session_cancelled")
	case today < s.Day:
		return errs.Conflict("session_not_yet", errs.Params{"day": s.Day})
	}
	return nil
}

// lock takes the lock of the session's course and reads both. Out of scope is not found.
func lock(tx *store.Tx, actor access.Actor, sessionID uint64) (c models.Course, s models.Session, err error) {
	err = tx.Select("course_id").Take(&s, sessionID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, s, errs.NotFound("session")
	}
	if err != nil {
		return c, s, err
	}
	if c, err = course.Lock(tx, actor, access.AttendanceWrite, s.CourseID); err != nil {
		return c, s, err
	}
	s = models.Session{}
	err = tx.Take(&s, sessionID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) { // it went away while the lock was awaited
		return c, s, errs.NotFound("session")
	}
	return c, s, err
}

// readCourse reads a course in the actor's scope; out of it is not found.
func (s *Service) readCourse(ctx context.Context, actor access.Actor, q func(*gorm.DB) *gorm.DB) (models.Course, error) {
	var c models.Course
	err := s.DB.Read(ctx).Select("courses.*").Scopes(access.Courses(actor, access.AttendanceWrite, s.DB.Time()), q).Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, errs.NotFound("course")
	}
	return c, err
}

// sessions reads the sessions of a course in the order of time.
func (s *Service) sessions(ctx context.Context, courseID uint64) ([]models.Session, error) {
	var list []models.Session
	err := s.DB.Read(ctx).Where("course_id = ?", courseID).Order("day, start_minute, id").Find(&list).Error
	return list, err
}

// place reads a session with its course and that course's sessions: two queries.
func (s *Service) place(ctx context.Context, actor access.Actor, sessionID uint64) (c models.Course, own models.Session, all []models.Session, err error) {
	c, err = s.readCourse(ctx, actor, func(q *gorm.DB) *gorm.DB {
		return q.Joins("JOIN course_sessions s ON s.course_id = courses.id").Where("s.id = ?", sessionID)
	})
	if err != nil {
		return c, own, nil, err
	}
	if all, err = s.sessions(ctx, c.ID); err != nil {
		return c, own, nil, err
	}
	for _, x := range all {
		if x.ID == sessionID {
			return c, x, all, nil
		}
	}
	return c, own, nil, errs.NotFound("session")
}
