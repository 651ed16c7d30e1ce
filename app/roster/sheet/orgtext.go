package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"taphuan/models/viet"
)

var orgSeparator = regexp.MustCompile(`[\n\r;,/()|]+|\s[-–—]\s`)

// parts of an organisation that have no entry of their own: their people are posted at the organisation.
var partOf = []string{"phòng", "văn phòng", "thanh tra", "tổ", "bộ phận", "lãnh đạo", "ban lãnh đạo", "ban giám đốc", "khoa", "thường trực", "khối văn phòng", "đội",
	"ban thường trực", "các phòng", "công chức", "viên chức", "cán bộ", "chuyên viên", "nhân viên", "người lao động"}

// notWithin are words of bodies of their own: "Văn phòng Đảng ủy xã" is no part of the people's committee.
var notWithin = []string{"đảng", "hội", "đoàn", "mặt trận", "mttq", "ubmttq", "công an", "quân sự", "trạm", "trường", "liên đoàn", "trung tâm", "ban qlda"}

func startsWithPart(s string) bool {
	s = strings.ToLower(s)
	for _, p := range partOf {
		if rest, ok := strings.CutPrefix(s, p); ok && (rest == "" || !unicode.IsLetter([]rune(rest)[0])) {
			return true
		}
	}
	return false
}

// isPart says whether the text names only a part of the organisation above. "Thanh tra tỉnh" and "Văn phòng Tỉnh ủy" are
// bodies of their own.
func isPart(s string) bool {
	return startsWithPart(s) && !namesOtherBody(s) && !hasAny(strings.ReplaceAll(phrase(s), " xa hoi ", " "), "tinh", "huyen", "thanh pho", "tp", "xa", "phuong", "uy")
}

func namesOtherBody(s string) bool {
	k := " " + strings.Join(words(s), " ") + " "
	for _, n := range notWithin {
		if n == "hội" {
			k = strings.NewReplacer(" "+strings.Join(words("xã hội"), " ")+" ", " ", " "+strings.Join(words("hội đồng nhân dân"), " ")+" ", " ").Replace(k)
		}
		if strings.Contains(k, " "+strings.Join(words(n), " ")+" ") {
			return true
		}
	}
	return false
}

// orgOf says which organisation a cell or line names: by its whole text, or by the one piece of it that names one, if the
// rest names only a part of it ("Phòng Văn hóa - Xã hội, UBND xã Quang Long"). Two organisations are none.
func (in *interpreter) orgOf(raw string, place []string) found {
	if len(raw) > 600 {
		return nobody
	}
	text := clean(raw)
	if f := in.orgs.find(text, place); f.ok() {
		return f
	}
	if text == "" {
		return nobody
	}
	if len(in.partCache) >= maxOrgTexts {
		return nobody
	}
	if f, ok := in.partCache[text+"\x00"+strings.Join(place, " ")]; ok {
		return f
	}
	f := in.orgOfParts(raw, text, place)
	in.partCache[text+"\x00"+strings.Join(place, " ")] = f
	return f
}

// communeOf takes the bare name of a commune ("Quang Trung") for its organisation, where nothing but an organisation can
// stand; elsewhere it may be a person's.
func (in *interpreter) communeOf(s string) found {
	result := nobody
	for _, kind := range []string{"xã ", "phường ", "thị trấn "} {
		if f := in.orgs.find(kind+s, nil); f.ok() && in.orgs.orgs[f.org].active {
			if result.ok() {
				return nobody
			}
			result = f
		}
	}
	return result
}

// maxOrgTexts is how many different texts are looked into for an organisation in a part of them; no roster has so many,
// and a file made to keep the reader busy gets no further.
const maxOrgTexts = 10_000

// tails tries the text from every word on, the longest first, and gives what stands before the organisation that
// one of them names.
func (in *interpreter) tails(text string, place []string, most int) (head string, f found) {
	fields := strings.Fields(text)
	p := prepare(text)
	at := 0 // words of p before the field
	for k := 1; k < len(fields) && k < most; k++ {
		at += len(words(fields[k-1]))
		if at == 0 || at >= len(p.words) {
			continue
		}
		if f := in.orgs.search(p.part(at, len(p.words)), place); f.ok() {
			return strings.Join(fields[:k], " "), f
		}
	}
	return text, nobody
}

func (in *interpreter) orgOfParts(raw, text string, place []string) found {
	// an organisation, and a part of it or a remark: "Sở Y tế - Thanh tra", "Sở Y tế (cơ quan thường trực)"
	cuts := orgSeparator.FindAllStringIndex(raw, 6)
	for _, cut := range slices.Backward(cuts) {
		rest := clean(strings.TrimRight(raw[cut[1]:], " )"))
		if f := in.orgs.find(raw[:cut[0]], place); f.ok() && (isPart(rest) || strings.Contains(raw[cut[0]:cut[1]], "(") && !namesOtherBody(rest)) {
			return f
		}
	}
	result := nobody
	if pieces := orgSeparator.Split(raw, 6); len(pieces) > 1 && len(pieces) < 6 {
		for _, p := range pieces {
			p = clean(p)
			if p == "" || startsWithPart(p) && !in.orgs.find(p, place).ok() {
				continue
			}
			f := in.orgs.find(p, place)
			if !f.ok() || result.ok() && result != f {
				result = nobody
				break
			}
			result = f
		}
		if result.ok() {
			return result
		}
	}
	if !startsWithPart(text) {
		return nobody
	}
	head, f := in.tails(text, place, 14)
	if !f.ok() || in.orgs.orgs[f.org].total || namesOtherBody(head) {
		return nobody
	}
	return f
}

// orgAtEnd splits "Phó Chủ tịch UBND xã Quang Long" into the title and the organisation at its end.
func (in *interpreter) orgAtEnd(raw string, place []string) (string, found) {
	text := clean(raw)
	key := text + "\x00" + strings.Join(place, " ")
	if e, ok := in.endCache[key]; ok {
		return e.head, e.org
	}
	if len(in.endCache) >= maxOrgTexts || len(text) > 400 {
		return text, nobody
	}
	head, f := in.tails(text, place, 40)
	if f.ok() && (namesOtherBody(head) || in.orgs.orgs[f.org].total) {
		head, f = text, nobody
	}
	if f.ok() {
		head = strings.TrimRight(head, " ,;:-–/")
		for _, link := range []string{"của", "tại", "thuộc"} {
			if rest, ok := strings.CutSuffix(head, " "+link); ok {
				head = strings.TrimRight(rest, " ,;:-–/")
			}
		}
	}
	in.endCache[key] = atEnd{head, f}
	return head, f
}

// orgAtStart splits "Sở Y tế, Phó Giám đốc" into the title and the organisation before it; an organisation alone has none.
func (in *interpreter) orgAtStart(raw string, place []string) (string, found) {
	for _, cut := range slices.Backward(orgSeparator.FindAllStringIndex(raw, 6)) {
		if f := in.orgs.find(raw[:cut[0]], place); f.ok() {
			return clean(strings.TrimRight(raw[cut[1]:], " )")), f
		}
	}
	return "", in.orgs.find(raw, place)
}

// atEnd is a text taken apart by orgAtEnd.
type atEnd struct {
	head string
	org  found
}

var (
	lineNumber = regexp.MustCompile(`^\s*(?:([IVXLivxl]{1,6})|([A-ZĐ])|(\d{1,3}(?:\.\d{1,3})*))\s*[.)/:\-–]+\s*`)
	romanSpace = regexp.MustCompile(`^\s*([IVX]{1,6})\s+`)
	lineBullet = regexp.MustCompile(`^\s*[-+*•–—]+\s*`)
	lineLabel  = regexp.MustCompile(`(?i)^\s*(?:(?:tên )?(?:cơ quan|đơn vị|tổ chức)(?:\s*(?:,|/|và)?\s*(?:cơ quan|đơn vị|tổ chức|địa phương))*|địa phương|khối)\s*(?:công tác|lập|báo cáo|gửi)?\s*:\s*`)
	lineCount  = regexp.MustCompile(`(?i)\s*[:\-–,(]*\s*\(?\s*(?:(?:tổng số|tổng cộng|tổng|cộng|gồm|có)\s*:?\s*)?\d{1,5}\s*(?:người|đồng chí|đ/c|cán bộ|đc)?\s*\)?\s*[.:]?$`)
)

// line is a section line taken apart.
type line struct {
	level int // 1 for A, 2 for I, 3 for 1, 4 for 1.1, 0 for none
	text  string
	whole string // with what may be a number: "X. Quang Long" is a commune
}

func numberLevel(s string) int {
	s = strings.Trim(clean(s), " .)/:-–")
	switch {
	case s == "":
		return 0
	case strings.Trim(s, "IVXLivxl") == "":
		return 2
	case len([]rune(s)) == 1 && hasLetter(s):
		return 1
	case digitsOnly(s):
		return 3
	case digitsOnly(strings.ReplaceAll(s, ".", "")):
		return 3 + strings.Count(s, ".")
	}
	return 0
}

// lineOf takes the number, bullet, label and count off a section line.
func lineOf(index, text string) line {
	l := line{level: numberLevel(index), text: clean(text)}
	if rest := lineCount.ReplaceAllString(l.text, ""); rest != "" {
		l.text = rest
	}
	l.whole = l.text
	if m := lineNumber.FindStringSubmatch(l.text); m != nil {
		if n := numberLevel(m[1] + m[2] + m[3]); l.level == 0 {
			l.level = n
		}
		l.text = l.text[len(m[0]):]
	} else if m := romanSpace.FindStringSubmatch(l.text); m != nil && l.level == 0 {
		l.level = 2
		l.text = l.text[len(m[0]):]
	}
	l.text = lineBullet.ReplaceAllString(l.text, "")
	l.text = lineLabel.ReplaceAllString(l.text, "")
	l.text = strings.Trim(l.text, " .:;,")
	return l
}

// looksLikePerson says of a line without anything beside it whether it reads as a name: two to six words, each with a
// capital, no digits, and no word of offices.
func looksLikePerson(s string) bool {
	w := strings.Fields(s)
	if len(w) < 2 || len(w) > 6 || hasDigit(s) || strings.ContainsAny(s, ".,:;/&()-–\"") {
		return false
	}
	for _, x := range w {
		r := []rune(x)
		if !unicode.IsUpper(r[0]) || len(r) > 8 {
			return false
		}
	}
	return !looksLikeOffice(s)
}

var officeWords = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range []string{
		"ubnd", "hđnd", "mttq", "ubmttq", "ủy ban", "hội đồng", "sở", "ban", "phòng", "chi cục", "cục", "trung tâm", "huyện", "xã", "phường", "thị trấn", "thành phố", "tỉnh",
		"khối", "cơ quan", "đơn vị", "liên đoàn", "đoàn", "hội", "đài", "báo", "trường", "viện", "bệnh viện", "công an", "bộ chỉ huy", "mặt trận", "văn phòng", "thanh tra",
		"đảng ủy", "huyện ủy", "thành ủy", "đảng bộ", "tòa án", "viện kiểm sát", "kho bạc", "chi nhánh", "công ty", "trạm", "tổ chức", "lãnh đạo", "danh sách", "nhóm", "cán bộ",
		"cấp", "tp", "tt", "tx", "h.", "x.", "p.", "vp", "ub",
	} {
		m[strings.Join(words(s), " ")] = true
	}
	return m
}()

// startsAsOffice says whether the text begins as names of offices do.
func startsAsOffice(s string) bool {
	w := words(s)
	if len(w) > 1 && w[0] == wordThe.key {
		w = w[1:] // các cơ quan
	}
	for k := 1; k <= 3 && k <= len(w); k++ {
		if officeWords[strings.Join(w[:k], " ")] {
			return true
		}
	}
	return false
}

// looksLikeOffice says whether the text begins as names of offices do, or holds an abbreviation.
func looksLikeOffice(s string) bool {
	return startsAsOffice(s) || slices.ContainsFunc(words(s), func(x string) bool {
		return !viet.IsSyllable(x) && !digitsOnly(x) && len([]rune(x)) > 1
	})
}
