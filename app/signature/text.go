package signature

import (
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// people gives a string of a PDF as people read it.
func people(v any) string {
	t, _ := v.(text)
	s := t.value
	switch {
	case strings.HasPrefix(s, "\xfe\xff"):
		var units []uint16
		for i := 2; i+1 < len(s); i += 2 {
			units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
		}
		s = string(utf16.Decode(units))
	case strings.HasPrefix(s, "\xef\xbb\xbf"):
		s = s[3:]
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return norm.NFC.String(s)
}

// timeOf reads "D:20261124030000+07'00'"; zero where it cannot.
func timeOf(v any) time.Time {
	t, _ := v.(text)
	s := strings.ReplaceAll(strings.TrimPrefix(t.value, "D:"), "'", "")
	for _, layout := range []string{"20060102150405Z0700", "20060102150405Z", "20060102150405"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
