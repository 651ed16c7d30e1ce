package sheet

import (
	"strings"
	"unicode"

	"taphuan/models/viet"
)

// clean gives text of a cell as the product stores it, with the Icelandic letter that keyboards put for đ set right.
func clean(s string) string {
	s = viet.NFC(s)
	if strings.ContainsAny(s, "Ðð") {
		s = strings.NewReplacer("Ð", "Đ", "ð", "đ").Replace(s)
	}
	return s
}

// nothing are texts that offices put where there is nothing to say.
var nothing = map[string]bool{
	"-": true, "--": true, "---": true, "–": true, "—": true, ".": true, "..": true, "...": true, "…": true, "/": true, "_": true, "không": true,
	"không có": true, "chưa có": true, "chưa": true, "ko": true, "k": true, "n/a": true, "na": true, "null": true, "none": true, "trống": true, "\\": true,
	"0": true, "?": true, "x": false,
}

// saysNothing says whether the text is empty or stands for nothing.
func saysNothing(s string) bool { return s == "" || nothing[strings.ToLower(s)] }

// ditto are signs for "as above".
func ditto(s string) bool {
	switch strings.Trim(strings.ToLower(s), " -.()") {
	case `"`, `''`, "”", "“", "nt", "như trên", "//", "〃", "n.t":
		return s != ""
	}
	return false
}

// words gives the words of a text in comparable form (lower case, one placing of tones) without punctuation; & is "và".
func words(s string) []string {
	return split(viet.Key(strings.ReplaceAll(s, "&", " và ")))
}

// foldWords gives the words without tones and marks.
func foldWords(s string) []string {
	return split(viet.Fold(strings.ReplaceAll(s, "&", " và ")))
}

func split(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	})
}

// phrase gives folded words between spaces, for looking up phrases as whole words.
func phrase(s string) string { return " " + strings.Join(foldWords(s), " ") + " " }

func hasAny(phrase string, list ...string) bool {
	for _, l := range list {
		if strings.Contains(phrase, " "+l+" ") {
			return true
		}
	}
	return false
}

func hasPrefixAny(s string, list ...string) bool {
	for _, l := range list {
		if strings.HasPrefix(s, l) {
			return true
		}
	}
	return false
}

func digitsOnly(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }
