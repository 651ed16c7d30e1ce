package viet

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// Encoding is how the characters of a text stand for Vietnamese letters.
type Encoding uint8

// The encodings. The old ones put Vietnamese letters in the places of Western European ones, and fonts made for them show
// those as what is meant: .VnTime for TCVN3 (ABC), VNI-Times for VNI.
const (
	Unicode Encoding = iota
	TCVN3
	TCVN3Capitals // .VnTimeH: every letter shows as a capital
	VNI
)

// String gives the name that offices know the encoding by.
func (e Encoding) String() string { return [...]string{"Unicode", "TCVN3", "TCVN3", "VNI"}[e] }

// EncodingOfFont tells the encoding that a font was made for by its name.
func EncodingOfFont(name string) Encoding {
	name = strings.ToLower(strings.TrimSpace(name))
	switch {
	case strings.HasPrefix(name, ".vn") && strings.HasSuffix(name, "h"):
		return TCVN3Capitals
	case strings.HasPrefix(name, ".vn"):
		return TCVN3
	case strings.HasPrefix(name, "vni-"), strings.HasPrefix(name, "vni "):
		return VNI
	}
	return Unicode
}

// tcvn3 are the letters of TCVN3 by the character in whose place they stand.
var tcvn3 = pairs("¡Ă¢Â£Ê¤Ô¥Ơ¦Ư§Đ¨ă©âªê«ô¬ơ\u00adư®đµà¶ả·ã¸á¹ạ»ằ¼ẳ½ẵ¾ắÆặÇầÈẩÉẫÊấËậÌèÎẻÏẽÐéÑẹÒềÓểÔễÕếÖệ×ìØỉÜĩÝíÞịßòáỏâõãóäọåồæổçỗèốéộêờëởìỡíớîợïùñủòũóúôụõừöửøứ÷ữùựúỳûỷüỹýýþỵ")

// vniLetters stand alone, vniMarks follow the letter that they belong to.
var (
	vniLetters = pairs("ñđÑĐôơÔƠöưÖƯììÌÌíí\u00cdÍæỉÆỈóĩÓĨòịÒỊîỵÎỴ")
	vniMarks   = map[rune]string{
		'ø': "\u0300", 'ù': "\u0301", 'û': "\u0309", 'õ': "\u0303", 'ï': "\u0323",
		'â': "\u0302", 'à': "\u0302\u0300", 'á': "\u0302\u0301", 'å': "\u0302\u0309", 'ã': "\u0302\u0303", 'ä': "\u0302\u0323",
		'ê': "\u0306", 'è': "\u0306\u0300", 'é': "\u0306\u0301", 'ú': "\u0306\u0309", 'ü': "\u0306\u0303", 'ë': "\u0306\u0323",
	}
)

func pairs(s string) map[rune]rune {
	m := map[rune]rune{}
	for p := range slices.Chunk([]rune(s), 2) {
		m[p[0]] = p[1]
	}
	return m
}

// Decode gives a text of an old encoding in Unicode. It says false if the text holds what that encoding cannot.
func Decode(s string, e Encoding) (string, bool) {
	switch e {
	case TCVN3, TCVN3Capitals:
		return decodeTCVN3(s, e)
	case VNI:
		return decodeVNI(s)
	}
	return s, true
}

func decodeTCVN3(s string, e Encoding) (string, bool) {
	var b strings.Builder
	ok := true
	for _, r := range s {
		if l, has := tcvn3[r]; has {
			r = l
		} else if strange(r) {
			ok = false
		}
		b.WriteRune(r)
	}
	if e == TCVN3Capitals {
		return strings.ToUpper(b.String()), ok
	}
	return capitals(b.String()), ok
}

// capitals gives back capitals that TCVN3 does not have: there are none with tones, so that NGUYỄN is typed "NGUYÔN" and
// Ánh "¸nh", and the font shows the difference. Words are capital whose plain letters are; one of a single plain letter
// ("§ç") goes with the words beside it. A first letter is capital at the beginning, and where all other words begin so.
func capitals(s string) string {
	words := strings.SplitAfter(s, " ")
	type count struct{ upper, lower, first int }
	counts, proper := make([]count, len(words)), true
	for i, w := range words {
		c := &counts[i]
		for k, r := range w {
			switch {
			case 'A' <= r && r <= 'Z' || strings.ContainsRune("ĂÂÊÔƠƯĐ", r):
				c.upper++
			case 'a' <= r && r <= 'z':
				c.lower++
			case k == 0 && unicode.IsLower(r) && !strings.ContainsRune("ăâêôơưđ", r):
				c.first = len(string(r))
			}
		}
		r, _ := utf8.DecodeRuneInString(w)
		proper = proper && (c.first > 0 || unicode.IsUpper(r) || strings.TrimSpace(w) == "")
	}
	sure := func(i int) bool { return i >= 0 && i < len(words) && counts[i].upper > 1 && counts[i].lower == 0 }
	for i, w := range words {
		switch c := counts[i]; {
		case sure(i), c.upper < 2 && c.lower == 0 && (sure(i-1) || sure(i+1)):
			words[i] = strings.ToUpper(w)
		case c.first > 0 && (i == 0 || proper):
			words[i] = strings.ToUpper(w[:c.first]) + w[c.first:]
		}
	}
	return strings.Join(words, "")
}

func decodeVNI(s string) (string, bool) {
	var b strings.Builder
	ok := true
	var before rune
	for _, r := range s {
		switch mark, isMark := vniMarks[unicode.ToLower(r)]; {
		case isMark && strings.ContainsRune("aeouyAEOUYôöÔÖ", before) && before != 0:
			b.WriteString(mark)
			before = 0
			continue
		case vniLetters[r] != 0:
			b.WriteRune(vniLetters[r])
		default:
			b.WriteRune(r)
			ok = ok && !isMark && !strange(r)
		}
		before = r
	}
	return norm.NFC.String(b.String()), ok
}

// strange says of a character that old encodings put something else in its place, or have none such.
func strange(r rune) bool {
	return r >= 0xa1 && (r <= 0xff || unicode.IsLetter(r) || unicode.Is(unicode.Mn, r))
}

// Spelt says whether a word is a Vietnamese syllable with its tone and marks: "Nguyễn" is, "Nguyên" too, "NguyÔn" is not.
func Spelt(word string) bool {
	var b strings.Builder
	tone := byte(0)
	for _, r := range norm.NFC.String(strings.ToLower(word)) {
		l, ok := letters[r]
		if !ok || l.tone > 0 && tone > 0 {
			return false
		}
		if l.tone > 0 {
			tone = l.tone
		}
		b.WriteRune(l.base)
	}
	s := b.String()
	for i := min(len(s), len("ngh")); i >= 0; i-- {
		if !speltOnsets[s[:i]] {
			continue
		}
		if stop, has := rimes[s[i:]]; has && (!stop || tone >= toneSharp) {
			return true
		}
	}
	return false
}

// toneSharp is the place of sắc in toneMarks; a syllable that ends in a stop takes it or nặng.
const toneSharp = 4

var speltOnsets = set("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x")

// rimes are what may follow the onset, without tones, and whether they end in a stop.
var rimes = func() map[string]bool {
	m := map[string]bool{}
	for _, r := range strings.Fields(`a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
		e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu iêu
		o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot
		ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt up ut uơ uy
		uya uych uyên uyêt uynh uyp uyt uyu uyn ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
		y yêm yên yêng yêt yêu ynh yt ym yn êng êc`) {
		m[r] = strings.HasSuffix(r, "c") || strings.HasSuffix(r, "ch") || strings.HasSuffix(r, "p") || strings.HasSuffix(r, "t")
	}
	return m
}()

// Misread gives the text that is meant by one whose UTF-8 a program took for Windows-1252 ("Nguyá»…n"), "" if it is none.
func Misread(s string) string {
	b, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil || !utf8.ValidString(b) || len(b) == utf8.RuneCountInString(b) {
		return ""
	}
	return b
}
