package access

import (
	"context"
	"time"

	"taphuan/app/errs"
	"taphuan/models"
)

// GuessLimit bounds how often a short code may be guessed wrong under a key before each further failure asks to wait: a minute, then
// twice as long each time, a quarter of an hour at most, as after wrong passwords.
type GuessLimit struct {
	Key  string // what is counted together, such as a device in a session
	Free int    // failures without a pause
}

// Guess runs a check of a short code and counts it under all limits when it was wrong. Failures are forgotten a day after the last one and
// not with a right code, since whoever guesses may have one of their own. The pause is looked at before and after the check, so that
// guesses made at once gain nothing. It refuses with "code_wait" (minutes) during a pause, else with wrong.
func (s *Service) Guess(ctx context.Context, limits []GuessLimit, wrong *errs.Error, check func() bool) error {
	keys := make([]string, len(limits))
	for i, l := range limits {
		keys[i] = s.Keys.Hash("guess", l.Key)
	}
	if err := s.guessedEnough(ctx, keys); err != nil {
		return err
	}
	if check() {
		return s.guessedEnough(ctx, keys)
	}
	var longest time.Duration
	for i, l := range limits {
		pause, err := s.fail(ctx, keys[i], l.Free+1)
		if err != nil {
			return errs.Internal("guesses", err)
		}
		longest = max(longest, pause)
	}
	if longest > 0 {
		return codeWait(longest)
	}
	return wrong
}

func (s *Service) guessedEnough(ctx context.Context, keys []string) error {
	now := s.DB.Time()
	var f []models.SignInFailure
	err := s.DB.Read(ctx).Where("name_hash IN ? AND blocked_until > ?", keys, now).Order("blocked_until DESC").Limit(1).Find(&f).Error
	if err != nil {
		return errs.Internal("guesses", err)
	}
	if len(f) > 0 {
		return codeWait(f[0].BlockedUntil.Sub(now))
	}
	return nil
}

func codeWait(d time.Duration) error {
	return errs.TooMany("code_wait", errs.Params{"minutes": int((d + time.Minute - 1) / time.Minute)})
}
