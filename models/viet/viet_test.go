package viet

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

func TestNFCComposesAndTidiesSpace(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                               "",
		"An":                             "An",
		"  Hứa  Đức \t Thắng ":           "Hứa Đức Thắng",
		"Lê\u00a0Thị\u202fAn":            "Lê Thị An",
		norm.NFD.String("Nguyễn Thị Vỹ"): "Nguyễn Thị Vỹ",
		"\ufeffHà\u200b Nội":             "Hà Nội",
		"dòng một\r\ndòng hai":           "dòng một dòng hai",
		"a\xffb":                         "ab",
		"  ":                             "",
	} {
		if got := NFC(in); got != want {
			t.Errorf("NFC(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNFCKnowsComposedLettersAtSight(t *testing.T) {
	t.Parallel()
	for r := rune(0x80); r < 0x3000; r++ {
		for _, s := range []string{string(r), "a" + string(r), "a" + string(r) + "b"} {
			if plain(s) && norm.NFC.String(s) != s {
				t.Errorf("%U is not settled", r)
			}
		}
	}
}

func TestFoldDropsTonesMarksAndCase(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Nguyễn Thị Ước": "nguyen thi uoc", "ĐẶNG Quang Đạt": "dang quang dat", "Ðinh": "dinh", norm.NFD.String("Hoàng Ỷ"): "hoang y", "Số 5, Ca\u0301nh": "so 5, canh",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestKeyUnifiesSpellingsOfOneNameOnly(t *testing.T) {
	t.Parallel()
	same := [][2]string{
		{"Hòa", "Hoà"}, {"Thúy", "Thuý"}, {"KHỎE", "khoẻ"}, {"Hủy", "huỷ"}, {"Lê  Thị An ", "lê thị an"}, {norm.NFD.String("Nguyễn Thúy"), "Nguyễn Thuý"},
		{"Quý", "Qúy"}, {"Toàn", "Tòan"}, {"H’Linh", "H'LINH"}, {"Ðào", "Đào"}, {"Giàng A Páo", "GIÀNG A PÁO"},
	}
	for _, p := range same {
		if Key(p[0]) != Key(p[1]) {
			t.Errorf("Key(%q) = %q, Key(%q) = %q: want the same", p[0], Key(p[0]), p[1], Key(p[1]))
		}
	}
	other := [][2]string{{"Hoa", "Hòa"}, {"Hòa", "Hóa"}, {"Đào", "Dào"}, {"Lê An", "LêAn"}, {"Ơn", "Ôn"}, {"Thúy", "Thủy"}}
	for _, p := range other {
		if Key(p[0]) == Key(p[1]) {
			t.Errorf("Key(%q) = Key(%q) = %q: want them apart", p[0], p[1], Key(p[0]))
		}
	}
}

func TestSortKeyOrdersAsVietnameseLists(t *testing.T) {
	t.Parallel()
	want := []string{
		"An", "Lê An", "Lê Thị An", "Lề An", "Lễ An", "Nguyễn Văn An", "Nguyễn Văn Án", "Hoàng Anh", "Hoàng Ánh", "Trần Ăn", "Trần Ân", "Vi Bình", "Vi Bính", "Chu Cường", "Lý Dũng",
		"Lý Đạt", "Lý Đông", "Lý Hoa", "Lý Hòa", "Lý Hoàng", "Lý Long", "Lý Nga", "Lý Ngà", "Lý Nghĩa", "Lý Oanh", "Lý Ôn", "Lý Ơn", "Lý Thái", "Lý Tú", "Lý Tư",
	}
	got := slices.Clone(want)
	rng := rand.New(rand.NewPCG(1, 2))
	rng.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
	slices.SortFunc(got, func(a, b string) int { return strings.Compare(SortKey(a), SortKey(b)) })
	if !slices.Equal(got, want) {
		t.Errorf("sorted\n%v\nwant\n%v", got, want)
	}
	var tones []string
	for _, s := range strings.Fields("ma mà mả mã má mạ mă mằ mẳ mẵ mắ mặ mâ mầ mẩ mẫ mấ mậ") {
		tones = append(tones, SortKey(s))
	}
	if !slices.IsSorted(tones) {
		t.Errorf("tones out of order: %v", tones)
	}
	if SortKey("Hòa") != SortKey("Hoà") || SortKey("AN") != SortKey("an") || SortKey(" ") != "" {
		t.Error("placing of tone and case must not count, and nothing sorts as nothing")
	}
}

// TestSortKeyAgreesWithUnicodeCollation holds single syllables to the Vietnamese tailoring of the Unicode collation.
func TestSortKeyAgreesWithUnicodeCollation(t *testing.T) {
	t.Parallel()
	var words []string
	for _, on := range strings.Fields("b d đ ng nh th tr x") {
		for _, v := range strings.Fields("a à ả ã á ạ ă ắ â ậ e è ê ế i ị o ò ô ố ơ ợ u ủ ư ữ y ỹ") {
			for _, end := range []string{"", "n", "ng", "t"} {
				words = append(words, on+v+end)
			}
		}
	}
	c := collate.New(language.Vietnamese)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		a, b := words[rng.IntN(len(words))], words[rng.IntN(len(words))]
		if got, want := strings.Compare(SortKey(a), SortKey(b)), c.CompareString(a, b); got != want {
			t.Fatalf("%s against %s: %d, collation says %d", a, b, got, want)
		}
	}
}

func TestTitleUndoesCapitalsOnly(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"NÔNG VĂN HÙNG": "Nông Văn Hùng", "Nông văn Hùng": "Nông văn Hùng", "ĐẶNG  THỊ ƯỚC": "Đặng Thị Ước", "H'LINH": "H'Linh", "LÝ A": "Lý A",
		norm.NFD.String("ẤU Ỷ"): "Ấu Ỷ", norm.NFD.String("HOÀNG THỊ ỚT"): "Hoàng Thị Ớt", "": "", "123": "123", "Y-BLÔK": "Y-Blôk",
	} {
		if got := Title(in); got != want {
			t.Errorf("Title(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestJobTitleUndoesCapitalsAndKeepsAcronyms(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"PHÓ TRƯỞNG PHÒNG":              "Phó Trưởng phòng",
		"PHÓ CHỦ TỊCH":                  "Phó Chủ tịch",
		"CHUYÊN VIÊN":                   "Chuyên viên",
		"TRƯỞNG PHÒNG":                  "Trưởng phòng",
		"CÔNG CHỨC VĂN HÓA - XÃ HỘI":    "Công chức Văn hóa - Xã hội",
		"PHÓ CHỦ TỊCH UBND XÃ":          "Phó Chủ tịch UBND xã",
		"CHỦ TỊCH LĐLĐ HUYỆN":           "Chủ tịch LĐLĐ huyện",
		"CHỦ TỊCH UBMTTQ":               "Chủ tịch UBMTTQ",
		"PHÓ CHÁNH VĂN PHÒNG":           "Phó Chánh Văn phòng",
		"BÍ THƯ ĐẢNG ỦY, CHỦ TỊCH HĐND": "Bí thư Đảng ủy, Chủ tịch HĐND",
		"CHỦ TỊCH HỘI NÔNG DÂN":         "Chủ tịch Hội Nông dân",
		"PHÓ GIÁM ĐỐC":                  "Phó Giám đốc",
		"PHÓ PHÒNG":                     "Phó phòng",
		"PCT":                           "PCT",
		"Chuyên viên UBND":              "Chuyên viên UBND",
		"chuyên viên":                   "chuyên viên",
		"":                              "",
	} {
		if got := JobTitle(in); got != want {
			t.Errorf("JobTitle(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"Nguyễn Thị Vỹ", "  \u00a0", "\xff\xfe", norm.NFD.String("HOÀNG ỚT"), "H'Linh Ðào", "PHÓ CHỦ TỊCH UBND", "漢字 An", "İ", "ǅ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := NFC(s)
		if !utf8.ValidString(n) || NFC(n) != n || strings.TrimSpace(n) != n || strings.Contains(n, "  ") || !norm.NFC.IsNormalString(n) {
			t.Fatalf("NFC(%q) = %q is not settled", s, n)
		}
		k := SortKey(s)
		if len(k) > SortKeyMax || strings.ContainsFunc(k, func(r rune) bool { return r < '0' || r > '{' || 'a' <= r && r <= 'z' }) {
			t.Fatalf("SortKey(%q) = %q", s, k)
		}
		if SortKey(n) != k {
			t.Fatalf("SortKey of %q changes with NFC: %q, %q", s, k, SortKey(n))
		}
		if key := Key(s); Key(key) != key || Key(n) != key {
			t.Fatalf("Key(%q) = %q is not settled: %q, %q", s, key, Key(key), Key(n))
		}
		for _, g := range []func(string) string{Title, JobTitle, Fold} {
			if got := g(s); !utf8.ValidString(got) || g(n) != got {
				t.Fatalf("%q gives %q", s, got)
			}
		}
	})
}
