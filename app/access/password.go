package access

import (
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"taphuan/app/errs"
	"taphuan/models/viet"
)

// passwordCost is what one password costs: 64 MiB once over, on one core, so that a hash means the same on every machine.
var passwordCost = argon2id.Params{Memory: 64 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

func (s *Service) cost() argon2id.Params {
	if s.PasswordCost != nil {
		return *s.PasswordCost
	}
	return passwordCost
}

// Password hashing takes 64 MiB each: so many run at once in this process, so many more may wait.
const (
	hashesAtOnce  = 3
	hashesWaiting = 1000
)

var (
	hashing = make(chan struct{}, hashesAtOnce)
	waiting atomic.Int64
)

// takeTurn waits for the right to hash one password; it refuses with "sign_in_busy" where too many wait already.
func takeTurn(ctx context.Context) (done func(), err error) {
	if waiting.Add(1) > hashesWaiting {
		waiting.Add(-1)
		return nil, errs.TooMany("sign_in_busy")
	}
	defer waiting.Add(-1)
	select {
	case hashing <- struct{}{}:
		return func() { <-hashing }, nil
	case <-ctx.Done():
		return nil, errs.Internal("waiting for a turn to hash", ctx.Err())
	}
}

// hashPassword gives the argon2id hash of a password.
func (s *Service) hashPassword(ctx context.Context, password string) (string, error) {
	done, err := takeTurn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	cost := s.cost()
	h, err := argon2id.CreateHash(viet.NFC(password), &cost)
	if err != nil {
		return "", errs.Internal("hashing a password", err)
	}
	return h, nil
}

// decoy is compared with where there is no password to compare with, so that both take the same time: the hash of nothing known.
func decoy(c argon2id.Params) string {
	zeros := func(n uint32) string { return base64.RawStdEncoding.EncodeToString(make([]byte, n)) }
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", c.Memory, c.Iterations, c.Parallelism, zeros(c.SaltLength), zeros(c.KeyLength))
}

// checkPassword says whether the password is the one of the hash, and whether the hash was made at another cost than today's.
// An empty hash costs the same time and is never right.
func (s *Service) checkPassword(ctx context.Context, password, hash string) (right, outdated bool, err error) {
	real := hash != ""
	if !real {
		hash = decoy(s.cost())
	}
	done, err := takeTurn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	ok, cost, err := argon2id.CheckHash(viet.NFC(password), hash)
	if err != nil {
		return false, false, errs.Internal("reading a password hash", err)
	}
	return ok && real, *cost != s.cost(), nil
}

// MinPassword is how many characters a password has at least, maxPassword at most.
const (
	MinPassword = 10
	maxPassword = 200
)

//go:embed passwords.txt
var commonList string

// common holds the passwords that everybody tries first, folded.
var common = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, l := range strings.Fields(commonList) {
		m[l] = true
	}
	return m
})

// checkRules refuses a password that is too short ("password_short") or too long ("password_long"), that is one of the person's
// names ("password_is_name"), or one of those that everybody tries first ("password_common").
func checkRules(field, password string, names ...string) error {
	p := viet.NFC(password)
	switch n := utf8.RuneCountInString(p); {
	case n < MinPassword:
		return errs.OnField(field, "password_short", errs.Params{"n": MinPassword})
	case n > maxPassword:
		return errs.OnField(field, "password_long", errs.Params{"n": maxPassword})
	}
	bare := bareText(p)
	letters := strings.TrimRight(bare, "0123456789")
	for _, name := range names {
		if b := bareText(name); b != "" && (bare == b || letters == b && len(bare)-len(letters) <= 4) {
			return errs.OnField(field, "password_is_name")
		}
	}
	if common()[bare] || len(letters) > 2 && common()[letters] || common()[strings.TrimLeft(bare, "0123456789")] || monotone(textOrSigns(bare, p)) {
		return errs.OnField(field, "password_common")
	}
	return nil
}

// bareText is the folded text without spaces and signs.
func bareText(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, viet.Fold(s))
}

// textOrSigns is the bare text, or the password itself where that is hardly anything but signs.
func textOrSigns(bare, p string) string {
	if len(bare) < 4 {
		return p
	}
	return bare
}

// monotone says whether a text repeats a piece of up to three characters, or counts up or down throughout.
func monotone(s string) bool {
	if len(s) < 4 {
		return true
	}
	for n := 1; n <= 3; n++ {
		if strings.Repeat(s[:n], len(s)/n+1)[:len(s)] == s {
			return true
		}
	}
	up, down := true, true
	for i := 1; i < len(s); i++ {
		step := int(s[i]) - int(s[i-1])
		up = up && (step == 1 || s[i-1] == '9' && s[i] == '0')
		down = down && (step == -1 || s[i-1] == '0' && s[i] == '9')
	}
	return up || down
}

// unambiguous are the characters of codes that people read from paper and type: no 0 O, 1 I L, no 5 S, no 2 Z, no 8 B, no U V.
const unambiguous = "34679ACDEFGHJKMNPQRTWXY"

// randomCode gives groups of characters of the unambiguous alphabet, all equally likely: XXXXX-XXXXX has 45 bits.
func randomCode(r io.Reader, groups, size int) (string, error) {
	var b strings.Builder
	var one [1]byte
	limit := byte(256 / len(unambiguous) * len(unambiguous))
	for i := 0; i < groups*size; {
		if _, err := io.ReadFull(r, one[:]); err != nil {
			return "", errs.Internal("random numbers", err)
		}
		if one[0] >= limit {
			continue
		}
		if i > 0 && i%size == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(unambiguous[int(one[0])%len(unambiguous)])
		i++
	}
	return b.String(), nil
}
