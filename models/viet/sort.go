package viet

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SortKeyMax is the greatest length of a SortKey in bytes.
const SortKeyMax = 191

// SortKey gives a key whose order by bytes is the order of Vietnamese lists of names: by given name (the last word), then
// family name, then middle names, each compared by syllable, first its letters in the order of the Vietnamese alphabet
// and then its tone (ngang, huyền, hỏi, ngã, sắc, nặng). A syllable that begins another stands before it, and so does a
// name that begins another. The key is ASCII without lower-case letters, so that it sorts alike in binary and in
// case-blind collations, and has at most SortKeyMax bytes.
func SortKey(fullName string) string {
	words := syllables(fullName)
	if len(words) == 0 {
		return ""
	}
	var b strings.Builder
	writeSyllable(&b, words[len(words)-1])
	for _, w := range words[:len(words)-1] {
		writeSyllable(&b, w)
	}
	k := b.String()
	if len(k) > SortKeyMax {
		k = k[:SortKeyMax]
	}
	return k
}

// syllables splits at whatever is no letter, mark or digit; an apostrophe joins (H'Linh is one).
func syllables(s string) []string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\'', '’', '‘', 'ʼ', '`', '´':
			return -1
		}
		return r
	}, NFC(s))
	return strings.FieldsFunc(norm.NFC.String(strings.ToLower(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	})
}

// The bytes of a key, in their order: a syllable ends with its tone '0' to '5', below everything that could continue it;
// digits are '6' to '?'; the 33 letters are '@' to '`'; other scripts are '{' and six hexadecimal digits.
func writeSyllable(b *strings.Builder, s string) {
	tone := byte(0)
	for _, r := range s {
		if l, ok := letters[r]; ok {
			b.WriteByte('@' + l.rank)
			if tone == 0 {
				tone = l.tone
			}
			continue
		}
		for _, d := range norm.NFKD.String(string(r)) {
			l, ok := letters[unicode.ToLower(d)]
			switch {
			case ok:
				b.WriteByte('@' + l.rank)
			case '0' <= d && d <= '9':
				b.WriteByte('6' + byte(d-'0'))
			case unicode.Is(unicode.Mn, d):
			default:
				fmt.Fprintf(b, "{%06X", d)
			}
		}
	}
	b.WriteByte('0' + tone)
}
