package attendance

import (
	"context"
	"encoding/hex"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Screen is what the screen of a hall shows of a session.
type Screen struct {
	Course  models.Course
	Session models.Session
	State
	Key     string      // of the session's codes, hexadecimal: whoever has it makes codes until it is renewed
	Code    string      // of this moment
	Refusal *errs.Error // why nobody can check in now; nil: they can
	Now     time.Time
}

// Screen gives the screen of a session; out of scope is not found. The key is for that page alone: no log, address or audit holds it.
func (s *Service) Screen(ctx context.Context, actor access.Actor, sessionID uint64) (*Screen, error) {
	c, x, _, err := s.place(ctx, actor, sessionID)
	if err != nil {
		return nil, err
	}
	key := screenKey(s.Keys, x)
	out := &Screen{Course: c, Session: x, Now: s.DB.Time(), Key: hex.EncodeToString(key), State: State{SessionID: x.ID}}
	out.Code, out.Refusal = codeAt(key, x.ID, out.Now), errs.As(doors(c, x, out.Now))
	return out, count(s.DB.Read(ctx), c.ID, &out.State)
}

// RenewScreen gives a session another key: screens and photographs of before show codes that are not taken any more. Out of scope is
// not found.
func (s *Service) RenewScreen(ctx context.Context, actor access.Actor, sessionID uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		_, x, err := lock(tx, actor, sessionID)
		if err != nil {
			return 0, err
		}
		// Not a change of the session that its form would have to know of.
		if err := tx.Model(&models.Session{}).Where("id = ?", x.ID).UpdateColumn("screen_turn", gorm.Expr("screen_turn + 1")).Error; err != nil {
			return 0, err
		}
		return x.ID, tx.Audit("session.screen_renew", "session", x.ID, nil)
	})
	return err
}

// doors says why nobody can check in at a session by themselves at a time, beside what refuses all marks: too early ("check_in_early"),
// over ("check_in_over"). nil: they can.
func doors(c models.Course, x models.Session, now time.Time) error {
	if err := refusal(c, x, models.DayOf(now)); err != nil {
		return err
	}
	if from := x.Starts().Add(-doorsOpen); now.Before(from) {
		return errs.Conflict("check_in_early", errs.Params{"from": from})
	}
	if until := x.Ends().Add(doorsClose); !now.Before(until) {
		return errs.Conflict("check_in_over", errs.Params{"until": until})
	}
	return nil
}

// oddMost is how many phones, and how many people, Odd names at most.
const oddMost = 20

// Odd are check-ins by the screen's code that a trainer may want to look into.
type Odd struct {
	Shared []SharedPhone // phones from which several persons checked in
	People []ManyPhones  // persons who checked in from several phones
}

// SharedPhone names those who checked in from one phone, in the order of names.
type SharedPhone struct{ Names []string }

// ManyPhones is a person with the number of phones.
type ManyPhones struct {
	EnrolmentID uint64
	Name        string
	Phones      int
}

// Odd finds them for a session that the caller has found in the actor's scope: three statements at most, however many came.
func (s *Service) Odd(ctx context.Context, sessionID uint64) (out Odd, err error) {
	db := s.DB.Read(ctx)
	screen := func() *gorm.DB {
		return db.Table("mark_events m").Where("m.session_id = ? AND m.source = ? AND m.device_id <> '' AND m.enrolment_id IS NOT NULL", sessionID, SourceScreen)
	}
	err = screen().Joins("JOIN enrolments e ON e.id = m.enrolment_id").Joins("JOIN cadres c ON c.id = e.cadre_id").Group("m.enrolment_id, c.full_name, c.sort_key").
		Having("COUNT(DISTINCT m.device_id) > 1").Select("m.enrolment_id, c.full_name AS name, COUNT(DISTINCT m.device_id) AS phones").Order("c.sort_key, m.enrolment_id").Limit(oddMost).Scan(&out.People).Error
	if err != nil {
		return out, err
	}
	var devices []string
	err = screen().Group("m.device_id").Having("COUNT(DISTINCT m.enrolment_id) > 1").Order("MIN(m.id)").Limit(oddMost).Pluck("m.device_id", &devices).Error
	if err != nil || len(devices) == 0 {
		return out, err
	}
	var rows []struct{ DeviceID, Name string }
	err = screen().Where("m.device_id IN ?", devices).Joins("JOIN enrolments e ON e.id = m.enrolment_id").Joins("JOIN cadres c ON c.id = e.cadre_id").
		Group("m.device_id, m.enrolment_id, c.full_name, c.sort_key").Select("m.device_id, c.full_name AS name").Order("c.sort_key, m.enrolment_id").Scan(&rows).Error
	names := map[string][]string{}
	for _, r := range rows {
		names[r.DeviceID] = append(names[r.DeviceID], r.Name)
	}
	for _, d := range devices {
		out.Shared = append(out.Shared, SharedPhone{names[d]})
	}
	return out, err
}
