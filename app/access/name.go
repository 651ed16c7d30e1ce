package access

import (
	"regexp"
	"strconv"
	"strings"

	"taphuan/models/viet"
)

// Kinds of sign-in names.
const (
	KindName   = "name"
	KindMobile = "mobile"
	KindEmail  = "email"
)

var (
	emailForm  = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@.]+$`)
	mobileForm = regexp.MustCompile(`^0[35789][0-9]{8}$`)
	nameForm   = regexp.MustCompile(`^[a-z][a-z0-9]*([._-][a-z0-9]+)*$`)
)

const maxSignInName = 190

// SignInName reads what somebody types as a sign-in name and gives it as it is kept: a mobile number as 0 and nine digits
// (from +84, 84, with or without the leading zero, with spaces, dots or hyphens), an e-mail in lower case, or a given name in
// small letters without tones, spaces as dots. ok is false for what can be none of these.
func SignInName(typed string) (name, kind string, ok bool) {
	s := strings.ToLower(viet.NFC(typed))
	if s == "" || len(s) > maxSignInName {
		return "", "", false
	}
	if strings.Contains(s, "@") {
		return s, KindEmail, emailForm.MatchString(s)
	}
	if m, ok := Mobile(s); ok {
		return m, KindMobile, true
	}
	s = strings.ReplaceAll(viet.Fold(s), " ", ".")
	return s, KindName, nameForm.MatchString(s)
}

// Mobile gives a Vietnamese mobile number as 0 and nine digits; ok is false for what is none.
func Mobile(typed string) (number string, ok bool) {
	s := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-()\u00a0", r) {
			return -1
		}
		return r
	}, typed)
	switch {
	case strings.HasPrefix(s, "+84"):
		s = s[3:]
	case len(s) >= 11 && strings.HasPrefix(s, "84"):
		s = s[2:]
	}
	if len(s) == 9 {
		s = "0" + s
	}
	return s, mobileForm.MatchString(s)
}

// givenName gives the sign-in name that a person's name suggests: the given name and the initials of the others, without
// tones: Nông Văn Hùng is hung.nv.
func givenName(fullName string) string {
	words := strings.FieldsFunc(viet.Fold(fullName), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if len(words) == 0 {
		return "canbo"
	}
	last := words[len(words)-1]
	if last[0] < 'a' {
		last = "canbo" + last
	}
	var initials strings.Builder
	for _, w := range words[:len(words)-1] {
		initials.WriteByte(w[0])
	}
	if initials.Len() == 0 {
		return last
	}
	return last + "." + initials.String()
}

// freeName gives base, or base with the first number from 2 on that is not taken, and marks it as taken.
func freeName(base string, taken map[string]bool) string {
	name := base
	for n := 2; taken[name]; n++ {
		name = base + strconv.Itoa(n)
	}
	taken[name] = true
	return name
}
