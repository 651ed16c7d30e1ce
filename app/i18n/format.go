package i18n

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"taphuan/models"
)

// integer reads any whole number, or a pointer to one.
func integer(v any) (int64, bool) {
	switch x := v.(type) {
	case int:
		return int64(x), true
	case int64:
		return x, true
	case uint64:
		return int64(x), true
	}
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	switch {
	case r.CanInt():
		return r.Int(), true
	case r.CanUint():
		return int64(r.Uint()), true
	}
	return 0, false
}

// None is what stands for a figure that does not exist.
const None = "–"

// Num writes a whole number or a decimal one (one decimal) the way the language does:
// 1.234,5 in Vietnamese and 1,234.5 in English. A nil pointer gives "–"; text stays as it is.
func Num(lang string, v any) string {
	switch x := v.(type) {
	case nil:
		return None
	case string:
		return x
	case float32:
		return decimal(lang, float64(x), 1)
	case float64:
		return decimal(lang, x, 1)
	}
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return None
		}
		return Num(lang, r.Elem().Interface())
	}
	if r.CanFloat() {
		return decimal(lang, r.Float(), 1)
	}
	if n, ok := integer(v); ok {
		return group(lang, strconv.FormatInt(n, 10))
	}
	return fmt.Sprint(v)
}

func separators(lang string) (thousands, point string) {
	if Lang(lang) == EN {
		return ",", "."
	}
	return ".", ","
}

func group(lang, digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	if len(digits) <= 3 {
		return sign + digits
	}
	sep, _ := separators(lang)
	var b strings.Builder
	b.WriteString(sign)
	head := len(digits) % 3
	b.WriteString(digits[:head])
	for i := head; i < len(digits); i += 3 {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(digits[i : i+3])
	}
	return b.String()
}

func decimal(lang string, f float64, places int) string {
	s := strconv.FormatFloat(f, 'f', places, 64)
	whole, part, _ := strings.Cut(s, ".")
	_, point := separators(lang)
	if part == "" {
		return group(lang, whole)
	}
	return group(lang, whole) + point + part
}

// Pct writes a percentage that is already rounded to one decimal: "66,6 %" (with a no-break space) in Vietnamese,
// "66.6%" in English. nil gives "–".
func Pct(lang string, v any) string {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return None
		}
		r = r.Elem()
	}
	if !r.IsValid() {
		return None
	}
	var s string
	if n, ok := integer(r.Interface()); ok {
		s = group(lang, strconv.FormatInt(n, 10))
	} else if r.CanFloat() {
		s = decimal(lang, r.Float(), 1)
	} else {
		return fmt.Sprint(v)
	}
	if Lang(lang) == EN {
		return s + "%"
	}
	return s + "\u00a0%"
}

// Target writes a target percentage, which is a whole number unless somebody says otherwise: "70 %", "62,5 %".
func Target(lang string, pct float64) string {
	if pct == float64(int64(pct)) {
		return Pct(lang, int64(pct))
	}
	return Pct(lang, pct)
}

// Points writes a change of so many tenths of a percentage point: "+12,4", "−3,0" in Vietnamese.
func Points(lang string, tenths int) string {
	sign := "+"
	switch {
	case tenths == 0:
		sign = ""
	case tenths < 0:
		sign, tenths = "−", -tenths
	}
	return sign + decimal(lang, float64(tenths)/10, 1)
}

// Day writes a day as 23/11/2026 in both languages. No day and Forever give "–".
func Day(_ string, d models.Day) string {
	if d.IsZero() || d == models.Forever {
		return None
	}
	y, m, day := d.Date()
	return fmt.Sprintf("%02d/%02d/%04d", day, int(m), y)
}

// ShortDay leaves out the year: 23/11.
func ShortDay(_ string, d models.Day) string {
	if d.IsZero() || d == models.Forever {
		return None
	}
	_, m, day := d.Date()
	return fmt.Sprintf("%02d/%02d", day, int(m))
}

// LongDay is for headings and the beginnings of lines: "Thứ Hai, 23/11/2026" or "Monday, 23/11/2026".
func LongDay(lang string, d models.Day) string {
	if d.IsZero() || d == models.Forever {
		return None
	}
	return lineStart(Weekday(lang, d)) + ", " + Day(lang, d)
}

// Month writes the month of a day: "Tháng 3/2027" or "March 2027".
func Month(lang string, d models.Day) string {
	y, m, _ := d.Date()
	if Lang(lang) == EN {
		return fmt.Sprintf("%s %d", m, y)
	}
	return fmt.Sprintf("Tháng %d/%d", int(m), y)
}

// lineStart gives the name of a day a capital.
func lineStart(weekday string) string { return strings.ToUpper(weekday[:1]) + weekday[1:] }

var viWeekdays = [7]string{"Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"}

// Weekday names the day of the week.
func Weekday(lang string, d models.Day) string {
	if Lang(lang) == EN {
		return d.Weekday().String()
	}
	return viWeekdays[d.Weekday()]
}

// Clock writes minutes after midnight as 14:05.
func Clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// HalfDay says when on a day something starts, as people say it: "buổi sáng 23/11", "the morning of 23/11". minutes
// are after midnight.
func HalfDay(lang string, d models.Day, minutes int) string {
	part := 0
	switch {
	case minutes >= 18*60:
		part = 2
	case minutes >= 12*60:
		part = 1
	}
	if Lang(lang) == EN {
		return "the " + [3]string{"morning", "afternoon", "evening"}[part] + " of " + ShortDay(lang, d)
	}
	return "buổi " + [3]string{"sáng", "chiều", "tối"}[part] + " " + ShortDay(lang, d)
}

// Moment writes an instant in the product's time zone: "14:05 ngày 23/11/2026", "14:05 on 23/11/2026". The zero time
// gives "–".
func Moment(lang string, t time.Time) string {
	if t.IsZero() {
		return None
	}
	t = t.In(models.Zone)
	word := " ngày "
	if Lang(lang) == EN {
		word = " on "
	}
	return t.Format("15:04") + word + t.Format("02/01/2006")
}

// TimeOf writes the clock time of an instant in the product's time zone: 14:05.
func TimeOf(t time.Time) string {
	if t.IsZero() {
		return None
	}
	return t.In(models.Zone).Format("15:04")
}

// Duration writes a length given in minutes: "3 giờ 30 phút", "45 phút", "3 h 30 min".
func Duration(lang string, minutes int) string {
	hour, minute := "giờ", "phút"
	if Lang(lang) == EN {
		hour, minute = "h", "min"
	}
	h, m := minutes/60, minutes%60
	switch {
	case h == 0:
		return fmt.Sprintf("%d %s", m, minute)
	case m == 0:
		return group(lang, strconv.Itoa(h)) + " " + hour
	}
	return fmt.Sprintf("%s %s %d %s", group(lang, strconv.Itoa(h)), hour, m, minute)
}

// Bytes writes a file's size: "2,4 MB".
func Bytes(lang string, n int64) string {
	switch {
	case n >= 1<<20:
		return decimal(lang, float64(n)/(1<<20), 1) + " MB"
	case n >= 1<<10:
		return group(lang, strconv.FormatInt((n+1023)>>10, 10)) + " kB"
	}
	return group(lang, strconv.FormatInt(n, 10)) + " B"
}

// Show writes any value as the language does: whole numbers grouped, decimals with one place, days, instants.
func Show(lang string, v any) string {
	switch x := v.(type) {
	case string:
		return x
	case models.Day:
		return Day(lang, x)
	case time.Time:
		return Moment(lang, x)
	case fmt.Stringer:
		return x.String()
	case error:
		return x.Error()
	}
	if reflect.ValueOf(v).Kind() == reflect.String {
		return reflect.ValueOf(v).String()
	}
	return Num(lang, v)
}

// plain are parameters whose numbers name something and are not grouped: "năm 2026", "dòng 1047".
var plain = map[string]bool{"year": true, "id": true, "row": true, "line": true, "code": true, "number": true, "version": true}

func showParam(lang, name string, v any) string {
	if plain[name] {
		if n, ok := integer(v); ok {
			return strconv.FormatInt(n, 10)
		}
	}
	return Show(lang, v)
}
