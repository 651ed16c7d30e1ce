package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"taphuan/app/errs"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
)

// ErrNotNeeded is what a maker answers when its mail has become pointless: it is dropped.
var ErrNotNeeded = errors.New("the mail is not needed any more")

// Maker makes what a mail says at the moment at which it is sent.
type Maker func(ctx context.Context, m models.Mail) (Message, error)

// Service keeps the outbox.
type Service struct {
	DB     *store.DB
	Keys   *secret.Keys
	Log    *slog.Logger
	Makers map[string]Maker // by kind
	TLS    *tls.Config      // for tests; nil trusts what the machine trusts

	once  sync.Once
	owner string
}

func (s *Service) init() {
	s.once.Do(func() {
		s.owner = uuid.NewString()
		if s.Log == nil {
			s.Log = slog.Default()
		}
	})
}

// Note is a mail for the outbox.
type Note struct {
	Kind        string // whose maker makes it
	Key         string // of its cause: a second mail with the same key is not written
	EnrolmentID uint64 // 0 for none
	To, ToName  string
	Subject     string
}

// batch is how many rows one statement writes.
const batch = 200

// Add writes mails in the caller's transaction and gives how many were new. It refuses what is no address ("invalid_email").
func Add(tx *store.Tx, notes ...Note) (int, error) {
	rows := make([]models.Mail, 0, len(notes))
	for _, n := range notes {
		if !Address(n.To) {
			return 0, errs.Invalid("invalid_email")
		}
		m := models.Mail{Kind: n.Kind, UniqueKey: n.Key, UID: uuid.NewString(), ToAddress: n.To, ToName: oneLine(n.ToName, 200), Subject: oneLine(n.Subject, 500),
			State: models.MailWaiting, NextAt: tx.Now, CreatedAt: tx.Now, UpdatedAt: tx.Now}
		if n.EnrolmentID != 0 {
			m.EnrolmentID = &n.EnrolmentID
		}
		rows = append(rows, m)
	}
	n := 0
	for part := range slices.Chunk(rows, batch) {
		part, err := unwritten(tx, part)
		if err != nil {
			return n, err
		}
		if n += len(part); len(part) > 0 {
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&part).Error; err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// unwritten leaves out mails whose cause has its mail already, and repeats.
func unwritten(tx *store.Tx, rows []models.Mail) ([]models.Mail, error) {
	keys := make([]string, len(rows))
	for i, m := range rows {
		keys[i] = m.UniqueKey
	}
	var there []string
	if err := tx.Model(&models.Mail{}).Where("unique_key IN ?", keys).Pluck("unique_key", &there).Error; err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, k := range there {
		seen[k] = true
	}
	var out []models.Mail
	for _, m := range rows {
		if !seen[m.UniqueKey] {
			seen[m.UniqueKey] = true
			out = append(out, m)
		}
	}
	return out, nil
}

// Retry puts mails that were refused for good back into their queue, for another address where one is given. It gives how many.
func Retry(tx *store.Tx, ids []uint64, to map[uint64]string) (int, error) {
	n := 0
	for _, id := range ids {
		set := map[string]any{"state": models.MailWaiting, "attempts": 0, "next_at": tx.Now, "error": "", "updated_at": tx.Now}
		if a := to[id]; a != "" {
			if !Address(a) {
				return n, errs.Invalid("invalid_email")
			}
			set["to_address"] = a
		}
		q := tx.Model(&models.Mail{}).Where("id = ? AND state = ?", id, models.MailFailed).Updates(set)
		if q.Error != nil {
			return n, q.Error
		}
		n += int(q.RowsAffected)
	}
	return n, nil
}

const (
	claimed     = 20               // mails that one connection carries
	lease       = 10 * time.Minute // after which another process takes a claimed mail up again
	maxAttempts = 12               // about three days
)

// backoff is how long a mail waits after so many tries.
func backoff(attempts int) time.Duration {
	steps := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour}
	return steps[min(max(attempts, 1), len(steps))-1]
}

// claim takes mails whose turn it is, or whose sender died.
func (s *Service) claim(ctx context.Context) ([]models.Mail, error) {
	due := "((state = ? AND next_at <= ?) OR (state = ? AND lease_until < ?))"
	now := s.DB.Time()
	var n int64
	err := s.DB.Read(ctx).Model(&models.Mail{}).Where(due, models.MailWaiting, now, models.MailSending, now).Limit(1).Count(&n).Error
	if err != nil || n == 0 {
		return nil, err // the usual case costs one read and no lock
	}
	var rows []models.Mail
	_, err = s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		rows = nil
		if err := tx.Lock().Where(due, models.MailWaiting, tx.Now, models.MailSending, tx.Now).Order("next_at, id").Limit(claimed).Find(&rows).Error; err != nil {
			return 0, err
		}
		until := tx.Now.Add(lease)
		ids := make([]uint64, len(rows))
		for i := range rows {
			rows[i].Attempts++
			rows[i].State, rows[i].LeasedBy, rows[i].LeaseUntil = models.MailSending, s.owner, &until
			ids[i] = rows[i].ID
		}
		if len(ids) == 0 {
			return 0, nil
		}
		return 0, tx.Exec("UPDATE mails SET state = ?, leased_by = ?, lease_until = ?, attempts = attempts + 1, updated_at = ? WHERE id IN ?", models.MailSending, s.owner, until, tx.Now, ids).Error
	})
	return rows, err
}

// settle writes what became of a claimed mail.
func (s *Service) settle(ctx context.Context, m models.Mail, set map[string]any) error {
	_, err := s.DB.Write(context.WithoutCancel(ctx), store.By{}, func(tx *store.Tx) (uint64, error) {
		set["lease_until"], set["leased_by"], set["updated_at"] = nil, "", tx.Now
		if set["state"] == models.MailSent {
			set["sent_at"] = tx.Now
		}
		return 0, tx.Model(&models.Mail{}).Where("id = ? AND state = ? AND leased_by = ?", m.ID, models.MailSending, s.owner).Updates(set).Error
	})
	return err
}

// postpone lets a mail wait for its next try, or ends it after the last one.
func (s *Service) postpone(ctx context.Context, m models.Mail, why error) error {
	set := map[string]any{"state": models.MailWaiting, "next_at": s.DB.Time().Add(backoff(m.Attempts)), "error": reason(why)}
	if m.Attempts >= maxAttempts {
		set["state"] = models.MailFailed
	}
	return s.settle(ctx, m, set)
}

// release gives a mail back that was claimed and not tried: this process ends.
func (s *Service) release(ctx context.Context, m models.Mail) error {
	return s.settle(ctx, m, map[string]any{"state": models.MailWaiting, "attempts": m.Attempts - 1})
}

// reason is what an error says, on one line of bounded length.
func reason(err error) string { return oneLine(err.Error(), 500) }

// oneLine takes line breaks and other control characters out of a text, so that it cannot end a header, and bounds its length.
func oneLine(text string, most int) string {
	b := make([]rune, 0, len(text))
	for _, r := range text {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || r == '\u2028' || r == '\u2029' || r == 0x85 {
			r = ' '
		}
		if len(b) == most {
			break
		}
		b = append(b, r)
	}
	return string(b)
}
