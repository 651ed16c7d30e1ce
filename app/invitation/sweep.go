package invitation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/mail"
	"taphuan/app/store"
	"taphuan/models"
)

const (
	quiet       = 10 * time.Minute // a course that is being changed is told of once it rests
	reminderAt  = 7 * 60           // minutes after midnight: nobody is reminded by night
	maxSweep    = 50               // courses that one sweep writes to
	sweepReason = "sweep"
)

// Sweep does what falls due by the clock: it invites who moved up from the waiting list of a course whose invitations went out, tells
// the invited of changes, and reminds them. Each happens once, however often it runs and in however many processes.
func (s *Service) Sweep(ctx context.Context) error {
	cfg, err := s.Mail.Config(ctx)
	if err != nil {
		return err
	}
	var failures []error
	for _, step := range []func(context.Context, bool) error{s.inviteMovedUp, s.tellChanges, s.remind} {
		failures = append(failures, step(ctx, cfg.Ready()))
	}
	return errors.Join(failures...)
}

// each runs do for each course in a transaction of its own, with the course's row locked. One that fails holds no other up.
func (s *Service) each(ctx context.Context, ids []uint64, do func(*store.Tx, models.Course) error) error {
	var failures []error
	for _, id := range ids {
		_, err := s.DB.Write(ctx, store.By{Action: sweepReason}, func(tx *store.Tx) (uint64, error) {
			c, err := course.Lock(tx, access.System(), access.EnrolmentWrite, id)
			if err != nil {
				return 0, err
			}
			return 0, do(tx, c)
		})
		if err != nil {
			failures = append(failures, fmt.Errorf("course %d: %w", id, err))
		}
	}
	return errors.Join(failures...)
}

// movedUp limits enrolments e to those whose seat nobody decided on: the waiting list gave it.
func movedUp(q *gorm.DB) *gorm.DB { return q.Where("e.decided_by_id IS NULL") }

func (s *Service) inviteMovedUp(ctx context.Context, mails bool) error {
	now := s.DB.Time()
	var ids []uint64
	err := s.DB.Read(ctx).Table("enrolments e").Joins("JOIN courses c ON c.id = e.course_id").Joins("JOIN invitation_letters l ON l.course_id = c.id").Joins(Live).Scopes(movedUp).
		Where("c.state IN ? AND c.last_day >= ? AND l.told <> '' AND e.state = ? AND i.invited_at IS NULL AND EXISTS (SELECT 1 FROM course_sessions x WHERE x.course_id = c.id AND x.cancelled = ?)", []models.CourseState{models.CourseOpen, models.CourseRunning}, models.DayOf(now),
			models.EnrolmentEnrolled, false).Distinct().Limit(maxSweep).Pluck("c.id", &ids).Error
	if err != nil {
		return err
	}
	return s.each(ctx, ids, func(tx *store.Tx, c models.Course) error {
		if takesPart(c) != nil {
			return nil
		}
		_, err := s.invite(tx, c, mails, nil, movedUp)
		return err
	})
}

// tellChanges writes one mail to each of the invited when what they were told has changed.
func (s *Service) tellChanges(ctx context.Context, mails bool) error {
	now := s.DB.Time()
	var ids []uint64
	err := s.DB.Read(ctx).Table("invitation_letters l").Joins("JOIN courses c ON c.id = l.course_id").
		Where("l.told <> '' AND c.updated_at > l.told_at AND c.updated_at <= ? AND c.state IN ?", now.Add(-quiet),
			[]models.CourseState{models.CourseOpen, models.CourseRunning, models.CourseCancelled}).
		Limit(maxSweep).Pluck("c.id", &ids).Error
	if err != nil {
		return err
	}
	return s.each(ctx, ids, func(tx *store.Tx, c models.Course) error {
		l, err := letterOf(tx.DB, c.ID)
		if err != nil {
			return err
		}
		before, err := readTold(l)
		if err != nil {
			return err
		}
		var sessions []models.Session
		if err := tx.Where("course_id = ?", c.ID).Find(&sessions).Error; err != nil {
			return err
		}
		t := tell(c, sessions, before)
		if !t.same(before) {
			l.Sequence++
			if err := s.writeUpdates(tx, c, l, mails && !over(before, sessions, tx.Now)); err != nil {
				return err
			}
		}
		return saveTold(tx, c, l, t)
	})
}

// over says whether everything lies behind, as it was told and as it is: then nobody needs to be told.
func over(before told, sessions []models.Session, now time.Time) bool {
	for _, x := range before.Sessions {
		if day, err := models.ParseDay(x.Day); err != nil || day.At(x.End).After(now) {
			return false
		}
	}
	for _, x := range sessions {
		if x.Ends().After(now) {
			return false
		}
	}
	return true
}

func (s *Service) writeUpdates(tx *store.Tx, c models.Course, l models.InvitationLetter, mails bool) error {
	if !mails {
		return nil
	}
	guests, err := guestsOf(tx, c.ID, nil, func(q *gorm.DB) *gorm.DB {
		return q.Where("i.invited_at IS NOT NULL AND COALESCE(i.reply, '') <> ?", models.ReplyDeclined)
	})
	if err != nil {
		return err
	}
	kind, subject := kindUpdate, "Thay đổi lịch: "+c.Title
	if c.State == models.CourseCancelled {
		kind, subject = kindCancel, "Hủy lớp: "+c.Title
	}
	var notes []mail.Note
	for _, g := range guests {
		if mail.Address(g.Email) {
			notes = append(notes, mail.Note{Kind: kind, Key: fmt.Sprintf("%s:%d:%d", kind, g.ID, l.Sequence), EnrolmentID: g.ID, To: g.Email, ToName: g.Name, Subject: subject})
		}
	}
	if _, err := mail.Add(tx, notes...); err != nil || len(notes) == 0 {
		return err
	}
	return tx.Audit("invitation.update", "course", c.ID, map[string]any{"mailed": len(notes), "sequence": l.Sequence})
}

// remind writes reminders to those who were invited by mail before the reminder's day and have not declined; never once the course has
// started.
func (s *Service) remind(ctx context.Context, mails bool) error {
	days, err := s.ReminderDays(ctx)
	if err != nil || !mails {
		return err
	}
	now := s.DB.Time()
	today := models.DayOf(now)
	if now.Before(today.At(reminderAt)) {
		return nil
	}
	for _, d := range days { // the shortest first: whom it reminds the longer ones leave alone
		var rows []struct{ CourseID uint64 }
		err := s.due(s.DB.Read(ctx), today, d).Select("DISTINCT e.course_id").Limit(maxSweep).Scan(&rows).Error
		if err != nil {
			return err
		}
		var ids []uint64
		for _, r := range rows {
			ids = append(ids, r.CourseID)
		}
		if err := s.each(ctx, ids, func(tx *store.Tx, c models.Course) error { return s.remindCourse(tx, c, d) }); err != nil {
			return err
		}
	}
	return nil
}

// due are the invited of courses to come whose reminder of d days before is due and has not gone, nor a later one.
func (s *Service) due(db *gorm.DB, today models.Day, d int) *gorm.DB {
	return db.Table("enrolments e").Joins("JOIN courses c ON c.id = e.course_id").Joins("JOIN cadres ON cadres.id = e.cadre_id").Joins(Live).
		Where("c.state = ? AND c.first_day > ? AND c.first_day <= ? AND e.state = ?", models.CourseOpen, today, today.AddDays(d), models.EnrolmentEnrolled).
		Where("i.via = ? AND i.reply <> ? AND i.invited_at < ?", models.ViaMail, models.ReplyDeclined, today.At(0)).
		Where("(i.reminded_for IS NULL OR i.reminded_for <> c.first_day OR i.reminded_days > ?)", d)
}

func (s *Service) remindCourse(tx *store.Tx, c models.Course, d int) error {
	var guests []guest
	err := s.due(tx.DB, tx.Today, d).Where("e.course_id = ?", c.ID).Select("e.id, cadres.full_name AS name, cadres.email").Order("e.id").Scan(&guests).Error
	if err != nil || len(guests) == 0 {
		return err
	}
	var notes []mail.Note
	ids := make([]uint64, len(guests))
	for i, g := range guests {
		ids[i] = g.ID
		if mail.Address(g.Email) {
			notes = append(notes, mail.Note{Kind: kindReminder, Key: fmt.Sprintf("%s:%d:%s:%d", kindReminder, g.ID, c.FirstDay, d), EnrolmentID: g.ID, To: g.Email, ToName: g.Name,
				Subject: "Nhắc lịch: " + c.Title})
		}
	}
	if _, err := mail.Add(tx, notes...); err != nil {
		return err
	}
	for part := range slices.Chunk(ids, batch) {
		err := tx.Model(&models.Invitation{}).Where("enrolment_id IN ?", part).Updates(map[string]any{"reminded_for": c.FirstDay, "reminded_days": d, "updated_at": tx.Now}).Error
		if err != nil {
			return err
		}
	}
	return nil
}
