package badge_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"taphuan/app/badge"
	"taphuan/app/secret"
)

func keys(t *testing.T, fill byte) *secret.Keys {
	t.Helper()
	k, err := secret.New(bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAPersonalCodeIsKnownHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	k := keys(t, 1)
	for _, id := range []uint64{1, 7, 105, 40961} {
		code := badge.Code(k, id)
		if !regexp.MustCompile(`^\d+-[0-9A-HJKMNP-TV-Z]{6}$`).MatchString(code) {
			t.Errorf("%q", code)
		}
		bare := strings.Replace(code, "-", "", 1)
		for _, typed := range []string{code, strings.ToLower(code), bare, " " + strings.Replace(code, "-", " ", 1) + " ", strings.NewReplacer("0", "o", "1", "l").Replace(code)} {
			if got, ok := badge.OfCode(k, typed); !ok || got != id {
				t.Errorf("%q: %d %v", typed, got, ok)
			}
		}
	}
}

func TestNoOtherCodeIsTaken(t *testing.T) {
	t.Parallel()
	k := keys(t, 1)
	code := badge.Code(k, 105)
	last := code[len(code)-1]
	other := byte('0')
	if last == other {
		other = '2'
	}
	for _, typed := range []string{"", "-", "105", "105-", code[:len(code)-1], code[:len(code)-1] + string(other), "106" + code[3:], "0" + code[3:], badge.Code(keys(t, 2), 105),
		strings.Repeat("9", 40) + code[3:], "105-\xff\xfe\xfd", "١٠٥" + code[3:], badge.Token(k, 105)} {
		if id, ok := badge.OfCode(k, typed); ok {
			t.Errorf("%q is %d", typed, id)
		}
	}
}

func TestATokenTellsNothingOfTheCodeAndItsCutNothingOfTheToken(t *testing.T) {
	t.Parallel()
	k := keys(t, 1)
	token := badge.Token(k, 105)
	if !regexp.MustCompile(`^105\.[0-9A-HJKMNP-TV-Z]{16}$`).MatchString(token) {
		t.Errorf("%q", token)
	}
	if strings.Contains(token, strings.TrimPrefix(badge.Code(k, 105), "105-")) {
		t.Error("the code can be read off the badge")
	}
	if !badge.Is(k, token) || badge.Is(k, "105") || badge.Is(k, token[:len(token)-1]) || badge.Is(keys(t, 2), token) || badge.Is(k, "") {
		t.Error("a token is not known, or another is")
	}
	if cut := badge.Cut(token); len(cut) != 16 || cut == badge.Cut(badge.Token(k, 106)) {
		t.Errorf("%q", cut)
	}
	if badge.Token(k, 105) != token || badge.Token(keys(t, 2), 105) == token {
		t.Error("a token does not follow from the enrolment and the key")
	}
}

func TestLettersAreThoseOfTheBits(t *testing.T) {
	t.Parallel()
	for want, sum := range map[string][]byte{"00000000": {0, 0, 0, 0, 0}, "ZZZZZZZZ": {255, 255, 255, 255, 255}, "04106218": {0x01, 0x02, 0x03, 0x08, 0x28}} {
		if got := badge.Letters(sum, 40); got != want {
			t.Errorf("%x: %q, not %q", sum, got, want)
		}
	}
}
