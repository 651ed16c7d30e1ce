package viet

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Capitals says whether the text has letters and all of them are capitals.
func Capitals(s string) bool {
	some := false
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
		some = some || unicode.IsUpper(r)
	}
	return some
}

// Title gives a name that was written all in capitals its proper case (NÔNG VĂN HÙNG is Nông Văn Hùng, H'LINH is H'Linh);
// a name with any small letter is left as it is, but for NFC.
func Title(s string) string {
	s = NFC(s)
	if !Capitals(s) {
		return s
	}
	up := true
	s = strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) {
			up = true
			return r
		}
		if up {
			up = false
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, s)
	return norm.NFC.String(s)
}

// JobTitle gives a job title that was written all in capitals its proper case: the first letter, the post after "Phó"
// and names of bodies keep their capitals (PHÓ CHỦ TỊCH UBND XÃ is Phó Chủ tịch UBND xã), acronyms stay. A title with a
// small letter is left as it is, but for NFC, and so is an acronym alone.
func JobTitle(s string) string {
	s = NFC(s)
	if !Capitals(s) {
		return s
	}
	words := strings.Split(s, " ")
	lone := len(words) == 1
	for i, w := range words {
		core := strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if acronym(core) || strings.ContainsFunc(core, unicode.IsDigit) || lone && len([]rune(core)) < 3 {
			continue
		}
		words[i] = strings.ToLower(w)
	}
	s = norm.NFC.String(strings.Join(words, " "))
	s = bodies.Replace(" " + s + " ")
	words = strings.Fields(s)
	for i, w := range words {
		if i == 0 || isPost(words, i) {
			words[i] = upperFirst(w)
		}
	}
	return strings.Join(words, " ")
}

// isPost says whether word i begins the name of a post that is written with a capital: after "Phó", after a hyphen,
// comma, semicolon or slash that separates two posts, or as one of the chief posts.
func isPost(words []string, i int) bool {
	prev := words[i-1]
	two := words[i]
	if i+1 < len(words) {
		two += " " + words[i+1]
	}
	two = strings.TrimRight(two, ".,;")
	if strings.EqualFold(prev, "phó") {
		return two != "phó phòng" && !strings.HasPrefix(two, "phòng") && !strings.HasPrefix(two, "ban ")
	}
	if strings.HasSuffix(prev, ",") || strings.HasSuffix(prev, ";") || prev == "-" || prev == "–" || prev == "/" || prev == "+" {
		return posts[two] || strings.HasPrefix(two, "phó ") || strings.HasPrefix(two, "nguyên ")
	}
	return posts[two]
}

var posts = map[string]bool{
	"chủ tịch": true, "bí thư": true, "giám đốc": true, "tổng giám": true, "chánh văn": true, "chánh thanh": true, "trưởng ban": true,
	"trưởng phòng": true, "trưởng đoàn": true, "trưởng công": true, "tổng biên": true, "hiệu trưởng": true, "chỉ huy": true,
	"chính ủy": true, "chính trị": true, "ủy viên": true, "thường trực": true, "phó trưởng": true, "phó chủ": true, "phó giám": true,
	"phó bí": true, "phó chánh": true, "đội trưởng": true, "tổ trưởng": true, "chi cục": true,
}

// bodies gives names of bodies and fields of work their capitals; the keys are in small letters between spaces.
var bodies = func() *strings.Replacer {
	names := []string{
		"Văn hóa - Xã hội", "Văn hoá - Xã hội", "Văn hóa – Xã hội", "Văn hóa và Thông tin", "Văn hóa, Thể thao và Du lịch",
		"Văn hóa, Khoa học và Thông tin", "Văn hóa và Truyền thông",
		"Thông tin và Truyền thông", "Khoa học và Công nghệ", "Giáo dục và Đào tạo", "Lao động - Thương binh và Xã hội",
		"Ủy ban nhân dân", "Uỷ ban nhân dân", "Hội đồng nhân dân", "Ủy ban Mặt trận Tổ quốc", "Uỷ ban Mặt trận Tổ quốc", "Mặt trận Tổ quốc",
		"Liên đoàn Lao động", "Hội Nông dân", "Hội Liên hiệp Phụ nữ", "Hội Phụ nữ", "Hội Cựu chiến binh", "Đoàn Thanh niên",
		"Tỉnh ủy", "Tỉnh uỷ", "Huyện ủy", "Huyện uỷ", "Thành ủy", "Đảng ủy", "Đảng uỷ", "Tỉnh đoàn", "Huyện đoàn",
		"Ban Tuyên giáo", "Ban Dân vận", "Ban Tổ chức", "Việt Nam", "Cao Bằng", "Văn phòng", "Tư pháp - Hộ tịch", "Nội vụ", "Tư pháp",
	}
	var pairs []string
	for _, n := range names {
		low := strings.ToLower(n)
		for _, end := range []string{" ", ", ", "; "} {
			pairs = append(pairs, " "+low+end, " "+n+end)
		}
	}
	return strings.NewReplacer(pairs...)
}()

func upperFirst(s string) string {
	for i, r := range s {
		return s[:i] + string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}

// known are acronyms that could be read as syllables.
var known = map[string]bool{
	"TU": true, "HU": true, "ĐU": true, "BCĐ": true, "BTG": true, "BTV": true, "UV": true, "UVBTV": true, "BCH": true,
}

// acronym says of a word in capitals that it is no Vietnamese syllable: it has no vowel, or begins or ends as none does.
func acronym(w string) bool {
	if w == "" {
		return false
	}
	if known[w] || strings.Trim(w, "IVX") == "" {
		return true
	}
	for _, part := range strings.FieldsFunc(w, func(r rune) bool { return r == '-' || r == '/' || r == '.' || r == '&' }) {
		if !syllable(Fold(part)) {
			return true
		}
	}
	return false
}

var onsets = set("b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x")
var codas = set("c ch m n ng nh p t")
var nuclei = set("a e i o u y ai ao au ay eo eu ia ie iu oa oe oi oo ua ue ui uo uu uy uya uye uyu ye yeu ieu oai oay oao oeo uoi uou uay uao uau uai ueu")

func set(words string) map[string]bool {
	m := map[string]bool{"": true}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// syllable says whether a folded word can be a Vietnamese syllable.
func syllable(w string) bool {
	for i := 0; i <= 3 && i < len(w); i++ {
		if !onsets[w[:i]] {
			continue
		}
		for j := len(w); j > i; j-- {
			if codas[w[j:]] && nuclei[w[i:j]] {
				return true
			}
		}
	}
	return false
}

// IsSyllable says whether the word can be a Vietnamese syllable, whatever its tones; "UBND" and "VHTT" cannot.
func IsSyllable(word string) bool {
	f := Fold(word)
	return f != "" && syllable(f)
}
