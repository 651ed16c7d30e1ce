package viet

import (
	"golang.org/x/text/unicode/norm"
)

// alphabet is the order of the letters: the Vietnamese ones, with f j w z at their Latin places.
const alphabet = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"

// toneMarks are the combining marks in the order of the tones: ngang (none), huyền, hỏi, ngã, sắc, nặng.
var toneMarks = [...]rune{0, '\u0300', '\u0309', '\u0303', '\u0301', '\u0323'}

// letter is what a lower-case letter of the Vietnamese alphabet is made of.
type letter struct {
	base  rune // without its tone
	ascii byte // without any mark
	rank  byte // its place in alphabet
	tone  byte // its place in toneMarks
	vowel bool
}

// letters knows every lower-case letter of the alphabet with every tone.
var letters = func() map[rune]letter {
	m := make(map[rune]letter, 128)
	rank := byte(0)
	for _, r := range alphabet {
		l := letter{base: r, ascii: asciiOf(r), rank: rank}
		rank++
		switch l.ascii {
		case 'a', 'e', 'i', 'o', 'u', 'y':
			l.vowel = true
			for t := 1; t < len(toneMarks); t++ {
				l.tone = byte(t)
				m[[]rune(norm.NFC.String(string(r) + string(toneMarks[t])))[0]] = l
			}
			l.tone = 0
		}
		m[r] = l
	}
	m['ð'] = m['đ'] // Icelandic eth looks the same in capitals and is often typed instead
	return m
}()

// toned are the letters by rank and tone; 0 where the letter takes none.
var toned = func() (t [33][len(toneMarks)]rune) {
	for r, l := range letters {
		if r != 'ð' {
			t[l.rank][l.tone] = r
		}
	}
	return t
}()

func asciiOf(r rune) byte {
	if r == 'đ' {
		return 'd'
	}
	return norm.NFD.String(string(r))[0]
}
