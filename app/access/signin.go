package access

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Failed attempts are slowed for the account (or the name, where nobody has it), never for an address: a whole hall signs in
// from one. Devices on which the account has signed in before are counted each for itself. The fifth failure in a row asks to wait a minute, each further one twice as long, a quarter of an hour at most.
const (
	freeFailures  = 5
	firstPause    = time.Minute
	longestPause  = 15 * time.Minute
	forgetFailure = 24 * time.Hour
)

// pauseAfter gives how long to wait after the nth failure in a row.
func pauseAfter(n int) time.Duration {
	if n < freeFailures {
		return 0
	}
	p := firstPause
	for ; n > freeFailures && p < longestPause; n-- {
		p *= 2
	}
	return min(p, longestPause)
}

// SignIn is SignInFrom on a device that is not known.
func (s *Service) SignIn(ctx context.Context, typed, password string) (models.Account, error) {
	return s.SignInFrom(ctx, typed, password, "")
}

// SignInFrom gives the account that has the sign-in name and the password. It refuses with "sign_in_wrong" a wrong pair, whatever is
// wrong with it (an account without a password and a disabled one included), with "sign_in_wait" (minutes) after repeated
// failures even where the pair is right, and with "sign_in_busy" when too many wait for their turn.
//
// device is what DeviceToken gave when the account signed in on this device before. Failures there are counted apart, so that
// whoever attacks a sign-in name from elsewhere does not keep its owner out.
func (s *Service) SignInFrom(ctx context.Context, typed, password, device string) (models.Account, error) {
	name, _, _ := SignInName(typed)
	var a models.Account
	err := s.DB.Read(ctx).Joins("JOIN sign_in_names n ON n.account_id = accounts.id").Where("n.name = ?", name).Take(&a).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return models.Account{}, errs.Internal("sign-in", err)
	}
	key := s.failureKey(a.ID, name)
	if a.ID != 0 && s.knownDevice(a.ID, device) {
		key = s.Keys.Hash("sign_in_failure", "device:"+device)
	}
	outdated, err := s.prove(ctx, key, func() (bool, bool, error) {
		right, old, err := s.checkPassword(ctx, password, a.PasswordHash)
		return right && !a.Disabled, old, err
	})
	if err != nil {
		return models.Account{}, err
	}
	if outdated {
		if err := s.rehash(ctx, a, password); err != nil {
			slog.WarnContext(ctx, "password not hashed anew", "account", a.ID, "error", err) // the next sign-in tries again
		}
	}
	return a, nil
}

// DeviceToken gives what a device keeps on which the account has signed in: it opens nothing, it only has its failures counted apart.
func (s *Service) DeviceToken(accountID uint64) (string, error) {
	b := make([]byte, 10)
	if _, err := io.ReadFull(s.random(), b); err != nil {
		return "", errs.Internal("random numbers", err)
	}
	text := strconv.FormatUint(accountID, 10) + "." + hex.EncodeToString(b)
	return text + "." + s.Keys.Hash("device", text), nil
}

// knownDevice says whether a device's token is one that DeviceToken made for the account.
func (s *Service) knownDevice(accountID uint64, token string) bool {
	end := strings.LastIndexByte(token, '.')
	if end < 0 || !strings.HasPrefix(token, strconv.FormatUint(accountID, 10)+".") {
		return false
	}
	return hmac.Equal([]byte(token[end+1:]), []byte(s.Keys.Hash("device", token[:end])))
}

// failureKey names a row of sign_in_failures: one for an account under all its names, one for a name that nobody has.
func (s *Service) failureKey(accountID uint64, name string) string {
	if accountID != 0 {
		return s.Keys.Hash("sign_in_failure", "account:"+strconv.FormatUint(accountID, 10))
	}
	return s.Keys.Hash("sign_in_failure", "name:"+name)
}

// prove runs a check of a secret and counts it when it was wrong. The pause is looked at before and after, so that guesses made
// at once gain nothing: all but the first few are refused whatever they were.
func (s *Service) prove(ctx context.Context, key string, check func() (right, outdated bool, err error)) (outdated bool, err error) {
	if _, err := s.blocked(ctx, key); err != nil {
		return false, err
	}
	right, outdated, err := check()
	if err != nil {
		return false, err
	}
	if !right {
		return false, s.countFailure(ctx, key)
	}
	some, err := s.blocked(ctx, key)
	if err != nil || !some {
		return outdated, err
	}
	_, err = s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Where("name_hash = ?", key).Delete(&models.SignInFailure{}).Error
	})
	return outdated, err
}

// blocked refuses with "sign_in_wait" during a pause, and says whether there have been failures.
func (s *Service) blocked(ctx context.Context, key string) (some bool, err error) {
	var f models.SignInFailure
	err = s.DB.Read(ctx).Where("name_hash = ?", key).Take(&f).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return false, nil
	}
	if err != nil {
		return false, errs.Internal("sign-in failures", err)
	}
	if now := s.DB.Time(); f.BlockedUntil != nil && now.Before(*f.BlockedUntil) {
		return true, wait(f.BlockedUntil.Sub(now))
	}
	return true, nil
}

// wait refuses with the whole minutes to wait, rounded up.
func wait(d time.Duration) error {
	return errs.TooMany("sign_in_wait", errs.Params{"minutes": int((d + time.Minute - 1) / time.Minute)})
}

// countFailure notes a failure; it gives "sign_in_wait" when this one or an earlier one asks to wait, else "sign_in_wrong".
func (s *Service) countFailure(ctx context.Context, key string) error {
	pause, err := s.fail(ctx, key, freeFailures)
	switch {
	case err != nil:
		return errs.Internal("sign-in failures", err)
	case pause > 0:
		return wait(pause)
	}
	return errs.Invalid("sign_in_wrong")
}

// fail notes a failure under a key of which so many less one are free, and says how long to wait now.
func (s *Service) fail(ctx context.Context, key string, free int) (pause time.Duration, err error) {
	_, err = s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		pause = 0
		f := models.SignInFailure{NameHash: key, LastAt: tx.Now}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&f).Error; err != nil {
			return 0, err
		}
		if err := tx.Lock().Where("name_hash = ?", key).Take(&f).Error; err != nil {
			return 0, err
		}
		if f.BlockedUntil != nil && tx.Now.Before(*f.BlockedUntil) {
			pause = f.BlockedUntil.Sub(tx.Now)
			return 0, nil
		}
		if tx.Now.Sub(f.LastAt) > forgetFailure {
			f.Count = 0
		}
		f.Count, f.LastAt, f.BlockedUntil = f.Count+1, tx.Now, nil
		if pause = pauseAfter(f.Count - free + freeFailures); pause > 0 {
			until := tx.Now.Add(pause)
			f.BlockedUntil = &until
		}
		return 0, tx.Model(&models.SignInFailure{}).Where("name_hash = ?", key).
			Updates(map[string]any{"count": f.Count, "last_at": f.LastAt, "blocked_until": f.BlockedUntil}).Error
	})
	return pause, err
}

// rehash stores the password at today's cost, unless it was changed meanwhile.
func (s *Service) rehash(ctx context.Context, a models.Account, password string) error {
	h, err := s.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	_, err = s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Model(&models.Account{}).Where("id = ? AND password_hash = ?", a.ID, a.PasswordHash).Update("password_hash", h).Error
	})
	return err
}

// ChangePassword gives the actor's account a new password and ends its other sign-ins: the epoch that it gives is the one in which
// the present sign-in goes on. The present password is asked for, but not of who must change it (who has just signed in). It
// refuses a wrong present password as SignIn does ("password_wrong" on the field current), the present one again
// ("password_same"), and what the rules refuse ("password_short", "password_common", "password_is_name").
func (s *Service) ChangePassword(ctx context.Context, actor Actor, current, fresh string) (epoch int, err error) {
	a, err := s.account(ctx, actor.AccountID)
	if err != nil {
		return 0, err
	}
	if !a.MustChange {
		_, err := s.prove(ctx, s.failureKey(a.ID, ""), func() (bool, bool, error) { return s.checkPassword(ctx, current, a.PasswordHash) })
		if errs.Is(err, "sign_in_wrong") {
			return 0, errs.OnField("current", "password_wrong")
		}
		if err != nil {
			return 0, err
		}
	}
	return s.setPassword(ctx, actor.By, a, fresh, "account.password", nil)
}

// setPassword checks the rules, stores the password and ends the account's sign-ins; with runs in the same transaction.
func (s *Service) setPassword(ctx context.Context, by store.By, a models.Account, fresh, action string, with func(tx *store.Tx) error) (epoch int, err error) {
	names, err := s.namesOf(ctx, a)
	if err != nil {
		return 0, err
	}
	if err := checkRules("password", fresh, names...); err != nil {
		return 0, err
	}
	if a.PasswordHash != "" {
		same, _, err := s.checkPassword(ctx, fresh, a.PasswordHash)
		if err != nil {
			return 0, err
		}
		if same {
			return 0, errs.OnField("password", "password_same")
		}
	}
	h, err := s.hashPassword(ctx, fresh)
	if err != nil {
		return 0, err
	}
	ref, err := s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		if with != nil {
			if err := with(tx); err != nil {
				return 0, err
			}
		}
		var row models.Account
		if err := tx.Lock().Where("id = ?", a.ID).Take(&row).Error; err != nil {
			return 0, err
		}
		next := row.Epoch + 1
		err := tx.Model(&models.Account{}).Where("id = ?", a.ID).
			Updates(map[string]any{"password_hash": h, "must_change": false, "epoch": next, "updated_at": tx.Now}).Error
		if err != nil {
			return 0, err
		}
		if err := tx.Where("name_hash = ?", s.failureKey(a.ID, "")).Delete(&models.SignInFailure{}).Error; err != nil {
			return 0, err
		}
		return uint64(next), tx.Audit(action, "account", a.ID, nil)
	})
	return int(ref), err
}

// SignOutEverywhere ends all sign-ins of the actor's account; the epoch that it gives is the one in which the present one goes on.
func (s *Service) SignOutEverywhere(ctx context.Context, actor Actor) (epoch int, err error) {
	ref, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		next, err := endSignIns(tx, actor.AccountID)
		if err != nil {
			return 0, err
		}
		return uint64(next), tx.Audit("account.sign_out_everywhere", "account", actor.AccountID, nil)
	})
	return int(ref), err
}

// endSignIns moves the account to its next epoch.
func endSignIns(tx *store.Tx, accountID uint64) (epoch int, err error) {
	var row models.Account
	if err := tx.Lock().Where("id = ?", accountID).Take(&row).Error; err != nil {
		return 0, err
	}
	return row.Epoch + 1, tx.Model(&models.Account{}).Where("id = ?", accountID).Update("epoch", row.Epoch+1).Error
}

// account reads an enabled account; it refuses others with "signed_out".
func (s *Service) account(ctx context.Context, id uint64) (models.Account, error) {
	var a models.Account
	err := s.DB.Read(ctx).Where("id = ? AND disabled = ?", id, false).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return a, errs.Unauthenticated("signed_out")
	}
	if err != nil {
		return a, errs.Internal("account", err)
	}
	return a, nil
}

// namesOf gives all names of an account: no password may be one of them.
func (s *Service) namesOf(ctx context.Context, a models.Account) ([]string, error) {
	var names []string
	if err := s.DB.Read(ctx).Model(&models.SignInName{}).Where("account_id = ?", a.ID).Pluck("name", &names).Error; err != nil {
		return nil, errs.Internal("sign-in names", err)
	}
	return append(names, a.Name), nil
}
