// Package viet knows Vietnamese text: how names sort, when two spellings are one name, how people search without tones,
// and how text that an office typed in capitals is written properly. It holds pure functions only.
package viet

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NFC gives the text as the product stores it: composed Unicode, every run of white space (non-breaking ones and line
// breaks included) one plain space, none at the ends, and without invisible characters or invalid bytes.
func NFC(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "")
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case invisible(r):
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// plain says whether s is certainly what NFC would give: printable ASCII and composed Latin letters, with single spaces
// inside.
func plain(s string) bool {
	space := true
	for _, r := range s {
		switch {
		case r == ' ':
			if space {
				return false
			}
			space = true
			continue
		case '!' <= r && r <= '~', 'À' <= r && r <= 'ư', 'Ạ' <= r && r <= 'ỹ':
		default:
			return false
		}
		space = false
	}
	return !space || s == ""
}

// invisible says of a character that it shows nothing: controls, joiners, marks of direction, byte order marks.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError
}

// Fold gives the text for searching: lower case, without tones and other marks, đ as d, single spaces.
// It is for finding only: Fold never decides who somebody is.
func Fold(s string) string {
	s = NFC(s)
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r < utf8.RuneSelf {
			b.WriteByte(lowerASCII(byte(r)))
			continue
		}
		if l, ok := letters[unicode.ToLower(r)]; ok {
			b.WriteByte(l.ascii)
			continue
		}
		for _, d := range norm.NFKD.String(string(r)) {
			if !unicode.Is(unicode.Mn, d) {
				b.WriteRune(unicode.ToLower(d))
			}
		}
	}
	return b.String()
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Key gives the identity of a name: two spellings with the same Key are the same name. It looks past case, composition,
// spaces, kinds of apostrophe and hyphen, and where the tone mark is put within a syllable (hòa and hoà, thúy and thuý),
// and past nothing else: Hoa and Hòa differ.
func Key(name string) string {
	s := norm.NFC.String(strings.ToLower(NFC(name)))
	var b strings.Builder
	b.Grow(len(s))
	start := 0
	for i, r := range s {
		if unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) {
			continue
		}
		b.WriteString(keySyllable(s[start:i]))
		start = i + utf8.RuneLen(r)
		switch r {
		case '’', '‘', 'ʼ', '`', '´':
			r = '\''
		case '‐', '‑', '‒', '–', '—', '−':
			r = '-'
		}
		b.WriteRune(r)
	}
	b.WriteString(keySyllable(s[start:]))
	return NFC(b.String())
}

// keySyllable puts the tone of a lower-case syllable on its first vowel, wherever it was; a syllable with no tone or
// with several stays as it is.
func keySyllable(s string) string {
	tone, tones, first := 0, 0, -1
	rs := []rune(s)
	for i, r := range rs {
		if r == 'ð' { // Icelandic eth, typed for đ
			rs[i] = 'đ'
			continue
		}
		l, ok := letters[r]
		if !ok {
			continue
		}
		if l.tone > 0 {
			tones++
			tone = int(l.tone)
		}
		if l.vowel && first < 0 {
			first = i
		}
	}
	if tones != 1 {
		return string(rs)
	}
	for i, r := range rs {
		l, ok := letters[r]
		if !ok || !l.vowel {
			continue
		}
		rs[i] = l.base
		if i == first {
			rs[i] = toned[l.rank][tone]
		}
	}
	return string(rs)
}
