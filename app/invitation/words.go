package invitation

import (
	"fmt"
	"strings"

	"taphuan/models"
)

// signLines are the lines above a signature: the form of signing with whom it is for, then the own title.
func signLines(x models.Signatory) []string {
	switch {
	case x.Title == "":
		return []string{"THỦ TRƯỞNG CƠ QUAN"}
	case x.Form == "":
		return []string{strings.ToUpper(x.Title)}
	}
	return []string{x.Form + " " + strings.ToUpper(x.FormTitle), strings.ToUpper(x.Title)}
}

// dateInWords gives "ngày 24 tháng 11 năm 2026"; days below 10 and months 1 and 2 have two digits, as the decree asks.
func dateInWords(d models.Day) string {
	y, m, day := d.Date()
	month := fmt.Sprint(int(m))
	if m < 3 {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", day, month, y)
}

// hours writes a clock time as letters do: "07 giờ 30".
func hours(minutes int) string { return fmt.Sprintf("%02d giờ %02d", minutes/60, minutes%60) }

func lowerFirst(s string) string {
	for i := range s {
		if i > 0 {
			return strings.ToLower(s[:i]) + s[i:]
		}
	}
	return strings.ToLower(s)
}

// join joins those of the texts that say something.
func join(with string, texts ...string) string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, with)
}

func suffix(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}
