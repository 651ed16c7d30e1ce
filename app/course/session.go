package course

import (
	"context"
	"errors"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

const (
	maxRoom         = 200
	maxSessionTitle = 300
	maxSessions     = 200 // of one course
)

// SessionInput is what a coordinator says of a session. Minutes are after local midnight.
type SessionInput struct {
	Day         models.Day
	StartMinute int
	EndMinute   int
	Room, Title string
	RoomID      uint64 // 0: in words only, or nowhere
	Version     int64  // SessionVersion of the session that the form showed; 0: not looked at
}

// SessionVersion tells one state of a session from another.
func SessionVersion(x models.Session) int64 { return x.UpdatedAt.UnixMicro() }

func (in *SessionInput) check(f *errs.Fields) {
	in.Room, in.Title = viet.NFC(in.Room), viet.NFC(in.Title)
	if in.Day == 0 {
		f.Add("day", "day")
	} else if y := in.Day.Year(); y < 2000 || y > 2100 {
		f.Add("day", "session_year")
	}
	if in.StartMinute < 0 || in.StartMinute >= 24*60 {
		f.Add("start", "session_clock")
	} else if in.EndMinute <= in.StartMinute || in.EndMinute > 24*60 {
		f.Add("end", "session_end")
	}
	if utf8.RuneCountInString(in.Room) > maxRoom {
		f.Add("room", "too_long", errs.Params{"n": maxRoom})
	}
	if utf8.RuneCountInString(in.Title) > maxSessionTitle {
		f.Add("title", "too_long", errs.Params{"n": maxSessionTitle})
	}
}

func (in *SessionInput) onto(x *models.Session) {
	x.Day, x.StartMinute, x.EndMinute, x.Room, x.Title, x.RoomID = in.Day, in.StartMinute, in.EndMinute, in.Room, in.Title, reference(in.RoomID)
}

// changeable refuses a course that has ended: nothing of its sessions and staff changes any more.
func changeable(c models.Course) error {
	if c.State == models.CourseClosed || c.State == models.CourseCancelled {
		return errs.Conflict("course_ended")
	}
	return nil
}

// AddSession adds a session to a course that has not ended ("course_ended"). It refuses impossible days and times, one that
// overlaps another of the course ("session_overlap"), and more than 200 ("session_too_many"). Clashes with rooms and trainers of
// other courses are no refusal: the pages show them.
func (s *Service) AddSession(ctx context.Context, actor access.Actor, courseID uint64, in SessionInput) (uint64, error) {
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := Lock(tx, actor, access.CourseWrite, courseID)
		if err != nil {
			return 0, err
		}
		return Schedule(tx, c, in)
	})
}

// Schedule is AddSession within a transaction that holds the course's lock, or has made the course.
func Schedule(tx *store.Tx, c models.Course, in SessionInput) (uint64, error) {
	if err := changeable(c); err != nil {
		return 0, err
	}
	var f errs.Fields
	in.check(&f)
	if err := in.room(tx, c, models.Session{}, &f); err != nil {
		return 0, err
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	var n int64
	if err := tx.Model(&models.Session{}).Where("course_id = ?", c.ID).Count(&n).Error; err != nil {
		return 0, err
	}
	if n >= maxSessions {
		return 0, errs.Conflict("session_too_many", errs.Params{"n": maxSessions})
	}
	x := models.Session{CourseID: c.ID}
	in.onto(&x)
	if err := apart(tx, x); err != nil {
		return 0, err
	}
	if err := tx.Create(&x).Error; err != nil {
		return 0, err
	}
	if err := keepDays(tx, c.ID); err != nil {
		return 0, err
	}
	return x.ID, tx.Audit("session.add", "course", c.ID, sessionDetail(x))
}

// apart refuses a session that overlaps another of its course with "session_overlap".
func apart(tx *store.Tx, x models.Session) error {
	var other []models.Session
	err := tx.Where("course_id = ? AND id <> ? AND day = ? AND cancelled = ? AND start_minute < ? AND end_minute > ?",
		x.CourseID, x.ID, x.Day, false, x.EndMinute, x.StartMinute).Order("start_minute").Limit(1).Find(&other).Error
	if err != nil || len(other) == 0 {
		return err
	}
	return errs.OnField("start", "session_overlap", errs.Params{"from": i18n.Clock(other[0].StartMinute), "to": i18n.Clock(other[0].EndMinute)})
}

// keepDays keeps the course's first and last day in step with its sessions that were not cancelled.
func keepDays(tx *store.Tx, courseID uint64) error {
	var days struct{ First, Last models.Day }
	err := tx.Model(&models.Session{}).Select("MIN(day) AS first, MAX(day) AS last").Where("course_id = ? AND cancelled = ?", courseID, false).Scan(&days).Error
	if err != nil {
		return err
	}
	return tx.Model(&models.Course{}).Where("id = ?", courseID).Updates(map[string]any{"first_day": days.First, "last_day": days.Last, "updated_at": tx.Now}).Error
}

func sessionDetail(x models.Session) map[string]any {
	return map[string]any{"session": x.ID, "day": x.Day, "start": x.StartMinute, "end": x.EndMinute, "room": x.Room}
}

// lockSession locks the course of a session that the actor may change, and reads the session under that lock.
func lockSession(tx *store.Tx, actor access.Actor, id uint64) (models.Course, models.Session, error) {
	var x models.Session
	find := func() error {
		err := tx.Take(&x, id).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return errs.NotFound("session")
		}
		return err
	}
	if err := find(); err != nil {
		return models.Course{}, x, err
	}
	c, err := Lock(tx, actor, access.CourseWrite, x.CourseID)
	if err != nil {
		return c, x, err
	}
	if err := changeable(c); err != nil {
		return c, x, err
	}
	x = models.Session{}
	return c, x, find()
}

// marked says whether anybody was ever marked in the session.
func marked(tx *store.Tx, id uint64) (bool, error) {
	var n int64
	err := tx.Model(&models.MarkEvent{}).Where("session_id = ?", id).Limit(1).Count(&n).Error
	return n > 0, err
}

// UpdateSession changes a session. It refuses what AddSession refuses, another day for a session with marks
// ("session_has_marks"), and a form of an older state ("session_changed").
func (s *Service) UpdateSession(ctx context.Context, actor access.Actor, id uint64, in SessionInput) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, x, err := lockSession(tx, actor, id)
		if err != nil {
			return 0, err
		}
		if in.Version != 0 && in.Version != SessionVersion(x) {
			return 0, errs.Conflict("session_changed")
		}
		var f errs.Fields
		in.check(&f)
		if err := in.room(tx, c, x, &f); err != nil {
			return 0, err
		}
		if err := f.Err(); err != nil {
			return 0, err
		}
		if in.Day != x.Day {
			has, err := marked(tx, id)
			if err != nil {
				return 0, err
			}
			if has {
				return 0, errs.OnField("day", "session_has_marks")
			}
		}
		was := sessionDetail(x)
		in.onto(&x)
		if !x.Cancelled {
			if err := apart(tx, x); err != nil {
				return 0, err
			}
		}
		if err := tx.Save(&x).Error; err != nil {
			return 0, err
		}
		if err := keepDays(tx, c.ID); err != nil {
			return 0, err
		}
		return id, tx.Audit("session.update", "course", c.ID, map[string]any{"was": was, "is": sessionDetail(x)})
	})
	return err
}

// CancelSession takes a session out of the course: its marks stay and count no more. A session that was cancelled stays so.
func (s *Service) CancelSession(ctx context.Context, actor access.Actor, id uint64) error {
	return s.setCancelled(ctx, actor, id, true)
}

// RestoreSession undoes CancelSession. It refuses one that overlaps another of the course now ("session_overlap").
func (s *Service) RestoreSession(ctx context.Context, actor access.Actor, id uint64) error {
	return s.setCancelled(ctx, actor, id, false)
}

func (s *Service) setCancelled(ctx context.Context, actor access.Actor, id uint64, cancelled bool) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, x, err := lockSession(tx, actor, id)
		if err != nil {
			return 0, err
		}
		if x.Cancelled == cancelled {
			return id, nil
		}
		action := "session.cancel"
		if !cancelled {
			action = "session.restore"
			if err := apart(tx, x); err != nil {
				return 0, err
			}
		}
		x.Cancelled = cancelled
		if err := tx.Save(&x).Error; err != nil {
			return 0, err
		}
		if err := keepDays(tx, c.ID); err != nil {
			return 0, err
		}
		return id, tx.Audit(action, "course", c.ID, sessionDetail(x))
	})
	return err
}

// DeleteSession removes a session that was entered by mistake. It refuses one with marks ("session_has_marks"): such a session can
// be cancelled.
func (s *Service) DeleteSession(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, x, err := lockSession(tx, actor, id)
		if err != nil {
			return 0, err
		}
		has, err := marked(tx, id)
		if err != nil {
			return 0, err
		}
		if has {
			return 0, errs.Conflict("session_has_marks")
		}
		if err := tx.Delete(&x).Error; errors.Is(err, gorm.ErrForeignKeyViolated) {
			return 0, errs.Conflict("session_has_marks")
		} else if err != nil {
			return 0, err
		}
		if err := keepDays(tx, c.ID); err != nil {
			return 0, err
		}
		return id, tx.Audit("session.delete", "course", c.ID, sessionDetail(x))
	})
	return err
}
