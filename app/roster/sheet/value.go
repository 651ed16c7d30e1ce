package sheet

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models"
	"taphuan/models/viet"
)

// honorifics stand before names; the longer ones first.
var honorifics = regexp.MustCompile(`(?i)^(?:(?:đồng chí|đ\s*/\s*c|đ\.\s*c|đc|ông\s*\(bà\)|ông\s*/\s*bà|ông|bà)(?:\s*[.:]\s*|\s+)|(?:đ\s*/\s*c)|(?:ths|ts|pgs|gs|bs|ds|cn|ks|cg|ls|kts|ncs|(?:bs)?cki{1,2}|ck[12])(?:\s*[.,;:]\s*|\s+)|(?:(?:tiến|thạc|bác|dược) s[ĩỹ]|(?:luật|kỹ|kĩ) sư|(?:đại|thượng|trung|thiếu) (?:tướng|tá|úy|uý)),?\s+)`)

// nameNote points from a name to a note below the table.
var nameNote = regexp.MustCompile(`\s*\((?:\*+|\d)\)$`)

var nameSex = regexp.MustCompile(`(?i)\s*\((nam|nữ)\)$`)

// personName gives the name without what offices write around it. An empty name means that the cell names nobody.
func personName(s string) string {
	s = listMark.ReplaceAllString(clean(s), "")
	if strings.Contains(s, " ") && saysNothing(s) {
		return "" // chưa có
	}
	for {
		m := honorifics.FindString(s)
		if m == "" {
			break
		}
		rest := strings.TrimSpace(s[len(m):])
		if rest == "" || strings.HasPrefix(m, "Đồng Chí") && !strings.Contains(rest, " ") {
			break
		}
		s = rest
	}
	if strings.HasSuffix(s, ")") {
		s = nameNote.ReplaceAllString(nameSex.ReplaceAllString(s, ""), "")
	}
	s = strings.Trim(s, " .,;:*+-–—…_\"/\\")
	if !hasLetter(s) {
		return ""
	}
	return viet.Title(s)
}

var postInName = regexp.MustCompile(`(?i)^(.*?)\s*(?:[,;(]|\s[-–—])\s*((?:phó|trưởng|chủ tịch|giám đốc|chánh|bí thư|chuyên viên|ủy viên|hiệu trưởng|kế toán)(?:\s.*|))$`)

// nameWithPost takes "Nông Văn An - Trưởng phòng" apart; post is empty where a name is but a name.
func nameWithPost(s string) (name, post string) {
	if strings.ContainsAny(s, ",;(-–—") {
		if m := postInName.FindStringSubmatch(s); m != nil {
			return m[1], strings.Trim(m[2], " )")
		}
	}
	return s, ""
}

// birth is a birth date as far as a cell says it.
type birth struct {
	text  string     // YYYY-MM-DD or YYYY, "" if nothing is said
	day   models.Day // 0 where only the year is known
	year  int
	month bool // month and year were said, and only the year is kept
}

const oldest = 1900

func fullBirth(y, m, d int) (birth, bool) {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if y < oldest || y > 9999 || m < 1 || m > 12 || t.Day() != d || int(t.Month()) != m {
		return birth{}, false
	}
	day := models.NewDay(y, time.Month(m), d)
	return birth{text: day.String(), day: day, year: y}, true
}

func yearOnly(y int) (birth, bool) {
	if y < oldest || y > 9999 {
		return birth{}, false
	}
	return birth{text: strconv.Itoa(y), year: y}, true
}

// future says whether the birth lies after today.
func (b birth) future(today models.Day) bool {
	if b.day != 0 {
		return b.day > today
	}
	return b.year > today.Year()
}

// epoch is day 0 of a workbook's dates.
func epoch(date1904 bool) models.Day {
	if date1904 {
		return models.NewDay(1904, 1, 1)
	}
	return models.NewDay(1899, 12, 30)
}

// birthOf reads the cell as a birth date: a date, a year, or a text of either. ok is false if it is neither; nothing said
// gives an empty birth.
func birthOf(c xlsx.Cell, date1904 bool, today models.Day) (birth, bool) {
	switch c.Kind {
	case xlsx.Number, xlsx.DateNumber, xlsx.YearNumber:
		return birthNumber(c, date1904)
	case xlsx.Error, xlsx.Bool:
		return birth{}, false
	}
	s := clean(c.Text)
	if saysNothing(s) {
		return birth{}, true
	}
	return birthText(s, today)
}

func birthNumber(c xlsx.Cell, date1904 bool) (birth, bool) {
	f, err := strconv.ParseFloat(c.Text, 64)
	if err != nil || f < 0 || f > 1e8 {
		return birth{}, false
	}
	whole := math.Floor(f)
	n := int(whole)
	if n == 0 && f == 0 {
		return birth{}, true
	}
	if oldest <= n && n <= 2100 && f == whole {
		return yearOnly(n) // a serial number as small as this would be a birth before 1906
	}
	serial := func() (birth, bool) {
		y, m, d := epoch(date1904).AddDays(n).Date()
		if c.Kind == xlsx.YearNumber {
			return yearOnly(y)
		}
		return fullBirth(y, int(m), d)
	}
	switch {
	case c.Kind != xlsx.Number && n > 60:
		return serial()
	case 2100 < n && n < 90_000:
		return serial()
	case f != whole && n >= 1 && n <= 12: // 5.198 is what becomes of 5.1980
		y := int(math.Round((f - whole) * 1e4))
		if math.Abs((f-whole)*1e4-float64(y)) > 1e-6 {
			return birth{}, false
		}
		b, ok := yearOnly(y)
		b.month = ok
		return b, ok
	case f == whole && n >= 1_011_900:
		if b, ok := fullBirth(n%10_000, n/10_000%100, n/1_000_000); ok {
			return b, true
		}
		return fullBirth(n/10_000, n/100%100, n%100)
	}
	return birth{}, false
}

var (
	birthPrefix = regexp.MustCompile(`(?i)^(?:sinh|ngày|năm|ns|sn|s\.n|\s|[:.])+`)
	birthWords  = regexp.MustCompile(`(?i)\s*(?:tháng|năm|ngày|thg)\s*`)
	birthTail   = regexp.MustCompile(`\s*(?:\(.*\)|T?\s*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?Z?)$`)
	dateParts   = regexp.MustCompile(`^([0-9_.…?xX]*)\s*[/.\- ,–\\]+\s*([0-9_.…?xX]*)\s*[/.\- ,–\\]+\s*(\d{2}|\d{4})$`)
	isoDate     = regexp.MustCompile(`^(\d{4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})$`)
	monthYear   = regexp.MustCompile(`^[/.\- ]*(\d{1,2})\s*[/.\- ]\s*(\d{4})$`)
	eightDigits = regexp.MustCompile(`^(\d{2})(\d{2})(\d{4})$`)
)

func birthText(s string, today models.Day) (birth, bool) {
	if len(s) == 10 && (s[2] == '/' || s[2] == '-' || s[2] == '.') && s[5] == s[2] && digitsOnly(s[:2]) && digitsOnly(s[3:5]) && digitsOnly(s[6:]) && s[:2] != "00" && s[3:5] != "00" {
		return fullBirth(atoi(s[6:]), atoi(s[3:5]), atoi(s[:2])) // as most are written
	}
	s = strings.Trim(s, " '`’")
	s = birthTail.ReplaceAllString(s, "")
	monthOnly := strings.HasPrefix(strings.ToLower(s), "tháng")
	s = birthPrefix.ReplaceAllString(s, "")
	s = strings.Trim(birthWords.ReplaceAllString(s, "/"), " /.,;-")
	if digitsOnly(s) && len(s) == 4 {
		return yearOnly(atoi(s))
	}
	if m := isoDate.FindStringSubmatch(s); m != nil {
		if atoi(m[2]) == 0 && atoi(m[3]) == 0 {
			return yearOnly(atoi(m[1]))
		}
		return fullBirth(atoi(m[1]), atoi(m[2]), atoi(m[3]))
	}
	if m := monthYear.FindStringSubmatch(s); m != nil {
		mm := atoi(m[1])
		if mm > 12 || mm == 0 && monthOnly {
			return birth{}, false
		}
		b, ok := yearOnly(atoi(m[2]))
		b.month = ok && mm > 0
		return b, ok
	}
	if m := eightDigits.FindStringSubmatch(s); m != nil {
		return fullBirth(atoi(m[3]), atoi(m[2]), atoi(m[1]))
	}
	m := dateParts.FindStringSubmatch(s)
	if m == nil {
		return birth{}, false
	}
	y := atoi(m[3])
	if len(m[3]) == 2 {
		var ok bool
		if y, ok = century(y, today); !ok {
			return birth{}, false
		}
	}
	dayKnown, monthKnown := digitsOnly(m[1]) && atoi(m[1]) > 0, digitsOnly(m[2]) && atoi(m[2]) > 0
	switch {
	case dayKnown && monthKnown && len(m[1]) <= 2 && len(m[2]) <= 2:
		return fullBirth(y, atoi(m[2]), atoi(m[1]))
	case dayKnown, len(m[3]) == 2:
		return birth{}, false
	case monthKnown && atoi(m[2]) > 12:
		return birth{}, false
	}
	b, ok := yearOnly(y) // 00/00/1980, __/5/1980
	b.month = ok && monthKnown
	return b, ok
}

// century completes a year of two digits so that the person is between 15 and 99; ok is false where both or no century fits.
func century(yy int, today models.Day) (int, bool) {
	now := today.Year()
	found := 0
	for _, y := range []int{1900 + yy, 2000 + yy} {
		if age := now - y; 15 <= age && age <= 99 {
			if found != 0 {
				return 0, false
			}
			found = y
		}
	}
	return found, found != 0
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// birthParts puts together day, month and year from cells of their own.
func birthParts(d, m, y string, today models.Day) (birth, bool) {
	for _, s := range []*string{&d, &m, &y} {
		*s = strings.TrimSuffix(clean(*s), ".0")
		if saysNothing(*s) {
			*s = ""
		}
	}
	switch {
	case d == "" && m == "" && y == "":
		return birth{}, true
	case y == "" || d != "" && m == "":
		return birth{}, false
	case m == "":
		return birthText(y, today)
	case d == "":
		return birthText(m+"/"+y, today)
	}
	return birthText(d+"/"+m+"/"+y, today)
}

// sexOf reads a word for a sex: nil for nothing said, ok false for a word that is none.
func sexOf(s string) (female *bool, ok bool) {
	s = strings.Trim(strings.ToLower(clean(s)), " .")
	yes, no := true, false
	switch s {
	case "nữ", "nu", "nữ giới", "female", "f", "gái", "phụ nữ", "bà":
		return &yes, true
	case "nam", "nam giới", "male", "m", "trai", "ông":
		return &no, true
	}
	return nil, saysNothing(s)
}

// marked says of a cell in a column for one thing whether it is ticked; ok is false where the text is no tick.
func marked(c xlsx.Cell) (yes, ok bool) {
	s := strings.ToLower(clean(c.Text))
	switch s {
	case "x", "×", "✓", "✔", "☑", "v", "1", "1.0", "true", "có", "+", "*", "√", "ü", "þ", "•", "●", "xx", "■":
		return true, true
	case "false", "☐":
		return false, true
	}
	return false, saysNothing(s)
}

// digits gives the digits of a number or of a text written with separators; ok is false where there is something else or
// where digits were lost (4.09917E+11 as text).
func digits(c xlsx.Cell) (string, bool) {
	s := clean(c.Text)
	if c.Kind == xlsx.Error || c.Kind == xlsx.Bool {
		return "", false
	}
	if c.Kind != xlsx.Text {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f < 0 || f >= 1e15 || f != math.Trunc(f) {
			return "", false
		}
		return strconv.FormatFloat(f, 'f', 0, 64), true
	}
	s = strings.Trim(s, "'`’ ")
	if d, ok := exactFloat(s); ok {
		return d, d != ""
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
		case strings.ContainsRune(" .,-–_'’\u00a0", r):
		default:
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}

var floatText = regexp.MustCompile(`^(\d+)(?:[.,](\d+))?(?:[eE]\+?(\d{1,2}))?$`)

// exactFloat reads a whole number that a program wrote as a float ("4099171271.0", "4.099171271E+09"). It gives "" where
// the digits that it shows are fewer than the number has, and ok false where the text is no float.
func exactFloat(s string) (string, bool) {
	m := floatText.FindStringSubmatch(s)
	if m == nil || m[2] == "" && m[3] == "" {
		return "", false
	}
	if m[3] == "" {
		if strings.Trim(m[2], "0") != "" || len(m[2]) > 2 {
			return "", false // separators of thousands or of groups
		}
		return m[1], true
	}
	exp := atoi(m[3])
	if len(m[1]) != 1 || exp > 14 || len(m[2]) > exp && strings.Trim(m[2][exp:], "0") != "" || len(m[2]) < exp {
		return "", true
	}
	return m[1] + m[2][:exp], true
}

var idNoise = regexp.MustCompile(`(?i)^(?:số|cccd|cmnd|cmt|căn cước(?: công dân)?|cc|\s|[:/.])+`)
var idWithDate = regexp.MustCompile(`(?i)^([\d .]+?)[\s,;(\-]*(?:ngày\s*)?(?:cấp|nc|do)\b.*$|^(\d[\d .]*\d)\s*[\s,;(\-–]\s*\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}\)?$`)

// nationalID gives 12 digits, or 9 of an old card; "" and ok for nothing said.
func nationalID(c xlsx.Cell) (string, bool) {
	s := clean(c.Text)
	if saysNothing(s) {
		return "", true
	}
	if id, ok := oneID(c); ok {
		return id, true
	}
	if c.Kind != xlsx.Text {
		return "", false
	}
	// two cards in one cell: the newer one counts
	best, n := "", 0
	for _, part := range strings.FieldsFunc(c.Text, func(r rune) bool { return r == '/' || r == ';' || r == '\n' || r == ',' || r == '(' || r == ')' }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		id, ok := oneID(xlsx.Cell{Text: part})
		if !ok {
			return "", false
		}
		n++
		switch {
		case best == "", len(best) == 9 && len(id) == 12:
			best = id
		case len(id) == 12 && id != best:
			return "", false
		}
	}
	return best, n > 1
}

func oneID(c xlsx.Cell) (string, bool) {
	d, ok := digits(c)
	if !ok && c.Kind == xlsx.Text {
		s := idNoise.ReplaceAllString(clean(c.Text), "")
		if m := idWithDate.FindStringSubmatch(s); m != nil {
			s = m[1] + m[2]
		}
		d, ok = digits(xlsx.Cell{Text: s})
	}
	if !ok || strings.Trim(d, "0") == "" {
		return "", false
	}
	switch len(d) {
	case 9:
		return d, true
	case 10, 11:
		d = strings.Repeat("0", 12-len(d)) + d
	case 12:
	default:
		return "", false
	}
	province := atoi(d[:3])
	return d, 1 <= province && province <= 96
}

// idSays gives the sex and the year of birth that a 12-digit id states: its fourth digit is the century and the sex.
func idSays(id string) (female bool, year int, ok bool) {
	if len(id) != 12 {
		return false, 0, false
	}
	c := int(id[3] - '0')
	return c%2 == 1, 1900 + 100*(c/2) + atoi(id[4:6]), true
}

var betweenPhones = regexp.MustCompile(`(?i)[/;,|+&\n\r]+|\s[-–—]\s|\s(?:hoặc|và)\s`)

// phoneNote says what a number is for: "0912 345 678 (Zalo)".
var phoneNote = regexp.MustCompile(`(?i)[\s(/\-–]*(?:zalo|viber|di động|dđ)\s*\)?\s*$`)

var phoneNoise = regexp.MustCompile(`(?i)^(?:số|sđt|đt|tel|điện thoại|di động|dđ|cq|nr|\s|[:.])+`)

// phone gives ten digits of a mobile number or ten to eleven of a fixed one, with the zero in front. several says that
// the cell holds more numbers, of which it gives the first.
func phone(c xlsx.Cell) (number string, several, ok bool) {
	s := clean(c.Text)
	if saysNothing(s) {
		return "", false, true
	}
	if c.Kind == xlsx.Text && len(s) > 10 {
		c.Text = phoneNote.ReplaceAllString(c.Text, "")
	}
	if n, ok := onePhone(c); ok {
		return n, false, true
	}
	if c.Kind != xlsx.Text {
		return "", false, false
	}
	for _, part := range betweenPhones.Split(c.Text, 10) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		n, ok := onePhone(xlsx.Cell{Text: part})
		if !ok {
			return "", false, false
		}
		if number == "" {
			number = n
		} else {
			several = true
		}
	}
	return number, several, number != ""
}

func onePhone(c xlsx.Cell) (string, bool) {
	if c.Kind == xlsx.Text {
		s := strings.NewReplacer("(", " ", ")", " ").Replace(phoneNoise.ReplaceAllString(clean(c.Text), ""))
		if plus := strings.TrimSpace(s); strings.HasPrefix(plus, "+84") {
			s = strings.TrimPrefix(plus, "+")
		}
		c.Text = s
	}
	d, ok := digits(c)
	if !ok {
		return "", false
	}
	if len(d) >= 11 && strings.HasPrefix(d, "84") {
		d = "0" + strings.TrimPrefix(d[2:], "0")
	}
	if d[0] != '0' {
		d = "0" + d
	}
	switch {
	case len(d) < 10:
		return "", false
	case len(d) == 10 && strings.IndexByte("35789", d[1]) >= 0:
	case len(d) == 10 && strings.HasPrefix(d, "069"): // police and army
	case d[1:2] == "2" && (len(d) == 10 || len(d) == 11):
	default:
		return "", false
	}
	return d, true
}

var emailShape = regexp.MustCompile(`^[a-z0-9.!#$%&'*+/=?^_{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$`)

// email gives an address in small letters; several says that the cell holds more, of which it gives the first.
func email(c xlsx.Cell) (address string, several, ok bool) {
	s := clean(c.Text)
	if saysNothing(s) {
		return "", false, true
	}
	many := strings.Count(s, "@") > 1
	for _, part := range strings.FieldsFunc(c.Text, func(r rune) bool { return r == ';' || r == ',' || r == '\n' || many && r == ' ' }) {
		part = strings.Trim(strings.ToLower(clean(part)), " .<>")
		part = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(part, "email:"), "mailto:"), " ")
		if part == "" {
			continue
		}
		if !emailShape.MatchString(part) || strings.Contains(part, "..") || len(part) > 191 {
			return "", false, false
		}
		if address == "" {
			address = part
		} else {
			several = true
		}
	}
	return address, several, address != ""
}
