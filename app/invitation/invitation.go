// Package invitation asks those who have a seat to come: letter, calendar file, mail, reminders; and takes their replies.
//
// docs/decisions/invitations.md says when an invitation counts and who is told of what.
package invitation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/mail"
	"taphuan/app/secret"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Service invites and takes replies.
type Service struct {
	DB       *store.DB
	Keys     *secret.Keys
	Settings *settings.Service
	Mail     *mail.Service
	Wake     func() // looks at the outbox at once; nil does not
}

// Kinds of mails.
const (
	kindInvitation = "invitation"
	kindReminder   = "reminder"
	kindUpdate     = "update"
	kindCancel     = "cancellation"
)

// Makers makes the mails of this package.
func (s *Service) Makers() map[string]mail.Maker {
	return map[string]mail.Maker{kindInvitation: s.makeMail, kindReminder: s.makeMail, kindUpdate: s.makeMail, kindCancel: s.makeMail}
}

// Live joins to enrolments e the invitations i that count: those not older than the seat, so that who comes back after having
// left is invited anew.
const Live = "LEFT JOIN invitations i ON i.enrolment_id = e.id AND (e.decided_at IS NULL OR i.invited_at >= e.decided_at OR i.replied_at >= e.decided_at)"

// Result says what inviting did, in people.
type Result struct {
	Mailed  int // get a mail
	Paper   int // have no address, or no mail goes out: their letters are to be printed
	Already int // were invited before, or have no seat
}

// A result is kept with the request key as one number, so that a repeated request answers as the first did.
const resultBits = 20

func (r Result) ref() uint64 {
	return 1<<62 | uint64(r.Mailed) | uint64(r.Paper)<<resultBits | uint64(r.Already)<<(2*resultBits)
}

func resultOf(ref uint64) Result {
	at := func(i int) int { return int(ref >> (i * resultBits) & (1<<resultBits - 1)) }
	return Result{at(0), at(1), at(2)}
}

// Invite invites those of the enrolments that have a seat and are not invited yet; without enrolments everybody of the course
// who is not. Who has an address gets a mail, the others' letters are to be printed.
//
// It refuses courses out of scope and enrolments of another course (not_found), drafts ("enrolment_draft"), closed and cancelled
// courses ("enrolment_closed", "enrolment_cancelled"), a course without sessions ("invitation_no_session"), and, where nobody was
// named and nobody is left, "invitation_nobody".
func (s *Service) Invite(ctx context.Context, actor access.Actor, courseID uint64, enrolmentIDs []uint64) (Result, error) {
	cfg, err := s.Mail.Config(ctx)
	if err != nil {
		return Result{}, err
	}
	ref, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := course.Lock(tx, actor, access.EnrolmentWrite, courseID)
		if err != nil {
			return 0, err
		}
		if err := takesPart(c); err != nil {
			return 0, err
		}
		r, err := s.invite(tx, c, cfg.Ready(), enrolmentIDs, func(q *gorm.DB) *gorm.DB { return q })
		if err == nil && len(enrolmentIDs) == 0 && r.Mailed+r.Paper == 0 {
			return 0, errs.Conflict("invitation_nobody")
		}
		return r.ref(), err
	})
	return resultOf(ref), err
}

// Seats is how enrolment invites whom it gives a seat; to a course that began on an earlier day nobody is invited any more. It refuses
// "invitation_no_session".
func (s *Service) Seats(ctx context.Context) (enrolment.Option, error) {
	cfg, err := s.Mail.Config(ctx)
	return enrolment.Invited(func(tx *store.Tx, c models.Course, enrolmentIDs []uint64) (mailed, paper int, err error) {
		if c.FirstDay != 0 && c.FirstDay < tx.Today {
			return 0, 0, nil
		}
		r, err := s.invite(tx, c, cfg.Ready(), enrolmentIDs, func(q *gorm.DB) *gorm.DB { return q })
		return r.Mailed, r.Paper, err
	}), err
}

func takesPart(c models.Course) error {
	switch c.State {
	case models.CourseOpen, models.CourseRunning:
		return nil
	case models.CourseClosed:
		return errs.Conflict("enrolment_closed")
	case models.CourseCancelled:
		return errs.Conflict("enrolment_cancelled")
	}
	return errs.Conflict("enrolment_draft")
}

// guest is somebody with a seat.
type guest struct {
	ID       uint64
	Name     string
	Email    string
	Invited  bool
	Reply    models.Reply
	MailAble bool `gorm:"-"`
}

const batch = 500

// invite writes invitations and mails for those who have a seat and no invitation. The course's row is locked.
func (s *Service) invite(tx *store.Tx, c models.Course, mails bool, ids []uint64, which func(*gorm.DB) *gorm.DB) (Result, error) {
	var r Result
	sessions, err := sessionsOf(tx.DB, c.ID)
	if err != nil {
		return r, err
	}
	if _, ok := starts(sessions); !ok {
		return r, errs.Conflict("invitation_no_session")
	}
	guests, err := guestsOf(tx, c.ID, ids, which)
	if err != nil {
		return r, err
	}
	var rows []models.Invitation
	var notes []mail.Note
	for _, g := range guests {
		if g.Invited {
			continue
		}
		x := models.Invitation{EnrolmentID: g.ID, InvitedAt: &tx.Now, Via: models.ViaPaper, CreatedAt: tx.Now, UpdatedAt: tx.Now}
		if mails && mail.Address(g.Email) {
			x.Via = models.ViaMail
			notes = append(notes, mail.Note{Kind: kindInvitation, Key: fmt.Sprintf("%s:%d:%d", kindInvitation, g.ID, tx.Now.UnixMicro()), EnrolmentID: g.ID, To: g.Email, ToName: g.Name,
				Subject: "Giấy mời: " + c.Title})
			r.Mailed++
		} else {
			r.Paper++
		}
		rows = append(rows, x)
	}
	r.Already = max(len(ids), len(guests)) - len(rows)
	if len(rows) == 0 {
		return r, nil
	}
	err = tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "enrolment_id"}}, DoUpdates: clause.AssignmentColumns([]string{"invited_at", "via", "reply", "replied_at",
		"reply_reason", "substitute_cadre_id", "substitute_name", "reminded_for", "reminded_days", "updated_at"})}).CreateInBatches(&rows, batch).Error
	if err != nil {
		return r, err
	}
	if _, err := mail.Add(tx, notes...); err != nil {
		return r, err
	}
	if err := noteTold(tx, c, sessions); err != nil {
		return r, err
	}
	if s.Wake != nil && len(notes) > 0 {
		tx.After(s.Wake)
	}
	return r, tx.Audit("invitation.send", "course", c.ID, map[string]any{"mailed": r.Mailed, "paper": r.Paper})
}

// guestsOf reads those who have a seat: the named ones, or everybody.
func guestsOf(tx *store.Tx, courseID uint64, ids []uint64, which func(*gorm.DB) *gorm.DB) ([]guest, error) {
	read := func(part []uint64) ([]guest, error) {
		q := tx.Table("enrolments e").Joins("JOIN cadres ON cadres.id = e.cadre_id").Joins(Live).Scopes(which).
			Where("e.course_id = ? AND e.state = ?", courseID, models.EnrolmentEnrolled)
		if part != nil {
			q = q.Where("e.id IN ?", part)
		}
		var out []guest
		err := q.Select("e.id, cadres.full_name AS name, cadres.email, i.invited_at IS NOT NULL AS invited, COALESCE(i.reply, '') AS reply").Order("cadres.sort_key, e.id").Scan(&out).Error
		return out, err
	}
	if len(ids) == 0 {
		return read(nil)
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var out []guest
	var known int64
	for part := range slices.Chunk(ids, batch) {
		var n int64
		if err := tx.Model(&models.Enrolment{}).Where("course_id = ? AND id IN ?", courseID, part).Count(&n).Error; err != nil {
			return nil, err
		}
		known += n
		some, err := read(part)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	if int(known) != len(ids) {
		return nil, errs.NotFound("enrolment")
	}
	return out, nil
}

// sessionsOf reads the sessions of a course that were not cancelled, in the order of time.
func sessionsOf(db *gorm.DB, courseID uint64) ([]models.Session, error) {
	var out []models.Session
	err := db.Where("course_id = ? AND cancelled = ?", courseID, false).Order("day, start_minute, id").Find(&out).Error
	return out, err
}

// starts gives the instant at which the first session starts; ok is false while there is none.
func starts(sessions []models.Session) (at time.Time, ok bool) {
	if len(sessions) == 0 {
		return at, false
	}
	return sessions[0].Starts(), true
}

// Letter is what a coordinator says for the letters of a course.
type Letter struct {
	Number, Documents, Contact string
	SignatoryID                uint64 // 0: the first who may sign for the host
	Version                    int    // of the letter that the form showed
}

// SaveLetter sets what the letters of a course say. It refuses a course out of scope (not_found), texts that are too long ("too_long"),
// somebody who does not sign today ("signatory_missing") and a form of an older version ("invitation_changed").
func (s *Service) SaveLetter(ctx context.Context, actor access.Actor, courseID uint64, in Letter) error {
	in.Number, in.Documents, in.Contact = viet.NFC(in.Number), viet.NFC(in.Documents), viet.NFC(in.Contact)
	var f errs.Fields
	for _, x := range []struct {
		name, text string
		most       int
	}{{"number", in.Number, 60}, {"documents", in.Documents, 1000}, {"contact", in.Contact, 500}} {
		if utf8.RuneCountInString(x.text) > x.most {
			f.Add(x.name, "too_long", errs.Params{"n": x.most})
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := course.Lock(tx, actor, access.EnrolmentWrite, courseID)
		if err != nil {
			return 0, err
		}
		l, err := letterOf(tx.DB, c.ID)
		if err != nil {
			return 0, err
		}
		if l.Version != in.Version {
			return 0, errs.Conflict("invitation_changed")
		}
		l.Number, l.Documents, l.Contact, l.SignatoryID = in.Number, in.Documents, in.Contact, nil
		if in.SignatoryID != 0 {
			var n int64
			err := tx.Model(&models.Signatory{}).Where("id = ? AND from_day <= ? AND to_day > ?", in.SignatoryID, tx.Today, tx.Today).Count(&n).Error
			if err != nil {
				return 0, err
			}
			if n == 0 {
				return 0, errs.OnField("signatory", "signatory_missing")
			}
			l.SignatoryID = &in.SignatoryID
		}
		l.Version++
		if err := tx.Save(&l).Error; err != nil {
			return 0, err
		}
		return c.ID, tx.Audit("invitation.letter", "course", c.ID, map[string]any{"number": l.Number, "contact": l.Contact})
	})
	return err
}

// letterOf reads the letter of a course; version 0 while nothing was said.
func letterOf(db *gorm.DB, courseID uint64) (models.InvitationLetter, error) {
	var l models.InvitationLetter
	err := db.Where("course_id = ?", courseID).Take(&l).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return models.InvitationLetter{CourseID: courseID}, nil
	}
	return l, err
}

// Resend sends those mails of a course once more that the server refused for good, to the address that the roster has now. It gives
// how many. It refuses a course out of scope (not_found) and "invitation_none_failed".
func (s *Service) Resend(ctx context.Context, actor access.Actor, courseID uint64) (int, error) {
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := course.Lock(tx, actor, access.EnrolmentWrite, courseID)
		if err != nil {
			return 0, err
		}
		var rows []struct {
			ID    uint64
			Email string
		}
		err = tx.Table("mails").Joins("JOIN enrolments e ON e.id = mails.enrolment_id").Joins("JOIN cadres ON cadres.id = e.cadre_id").
			Where("e.course_id = ? AND e.state = ? AND mails.state = ?", c.ID, models.EnrolmentEnrolled, models.MailFailed).Select("mails.id, cadres.email").Scan(&rows).Error
		if err != nil {
			return 0, err
		}
		var ids []uint64
		to := map[uint64]string{}
		for _, r := range rows {
			if mail.Address(r.Email) {
				ids, to[r.ID] = append(ids, r.ID), r.Email
			}
		}
		n, err := mail.Retry(tx, ids, to)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			return 0, errs.Conflict("invitation_none_failed")
		}
		if s.Wake != nil {
			tx.After(s.Wake)
		}
		return uint64(n), tx.Audit("invitation.resend", "course", c.ID, map[string]any{"n": n})
	})
	return int(n), err
}
