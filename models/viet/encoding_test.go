package viet_test

import (
	"testing"

	"taphuan/models/viet"
)

func TestOldEncodingsAreReadAsTheirFontsShowThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		encoding viet.Encoding
		old, new string
	}{
		{viet.TCVN3, "NguyÔn ThÞ Hång Nhung", "Nguyễn Thị Hồng Nhung"},
		{viet.TCVN3, "V­¬ng §×nh Qu©n", "Vương Đình Quân"},
		{viet.TCVN3, "§ç V¨n Tó", "Đỗ Văn Tú"},
		{viet.TCVN3, "§ç Tó", "Đỗ Tú"},
		{viet.TCVN3, "Hoµng ThÞ ¸nh", "Hoàng Thị Ánh"},
		{viet.TCVN3, "ñy ban nh©n d©n tØnh", "Ủy ban nhân dân tỉnh"},
		{viet.TCVN3, "Phã chñ tÞch ñy ban", "Phó chủ tịch ủy ban"},
		{viet.TCVN3, "§Ò XUÊT CñA §¬N VÞ", "ĐỀ XUẤT CỦA ĐƠN VỊ"},
		{viet.TCVN3, "Céng hßa x· héi chñ nghÜa ViÖt Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"},
		{viet.TCVN3Capitals, "Së T­ ph¸p", "SỞ TƯ PHÁP"},
		{viet.VNI, "Nguyeãn Thò Hoàng Nhung", "Nguyễn Thị Hồng Nhung"},
		{viet.VNI, "Löông Vaên Ñöùc", "Lương Văn Đức"},
		{viet.VNI, "Ñaëng Thuøy Döông", "Đặng Thùy Dương"},
		{viet.VNI, "UÛy ban nhaân daân tænh Cao Baèng", "Ủy ban nhân dân tỉnh Cao Bằng"},
		{viet.VNI, "TRÖÔØNG PHOØNG NOÄI VUÏ", "TRƯỜNG PHÒNG NỘI VỤ"},
		{viet.VNI, "Lyù Quyønh Mî, ngaøy sinh, kyõ sö, hoï", "Lý Quỳnh Mỵ, ngày sinh, kỹ sư, họ"},
		{viet.VNI, "Trieäu Vó Xuaân, huyeän ngheøo", "Triệu Vĩ Xuân, huyện nghèo"},
	} {
		if got, ok := viet.Decode(c.old, c.encoding); got != c.new || !ok {
			t.Errorf("%s: %q is read as %q, %v, want %q", c.encoding, c.old, got, ok, c.new)
		}
	}
	for _, s := range []string{"Nguyễn", "à", "Ổ", "Ωmega"} {
		if got, ok := viet.Decode(s, viet.TCVN3); ok {
			t.Errorf("%q passes as TCVN3 for %q", s, got)
		}
	}
	for _, s := range []string{"Nguyễn", "¸nh", "bïn", "â"} {
		if got, ok := viet.Decode(s, viet.VNI); ok && s != "bïn" || s == "bïn" && ok {
			t.Errorf("%q passes as VNI for %q", s, got)
		}
	}
}

func TestFontsTellTheirEncoding(t *testing.T) {
	t.Parallel()
	for font, want := range map[string]viet.Encoding{".VnTime": viet.TCVN3, ".VnArial Narrow": viet.TCVN3, ".VNTIMEH": viet.TCVN3Capitals,
		"VNI-Times": viet.VNI, "vni-helve": viet.VNI, "Times New Roman": viet.Unicode, "": viet.Unicode, "Vnari": viet.Unicode} {
		if got := viet.EncodingOfFont(font); got != want {
			t.Errorf("%s: %v, want %v", font, got, want)
		}
	}
}

func TestSpeltKnowsVietnameseSyllables(t *testing.T) {
	t.Parallel()
	for _, w := range []string{"Nguyễn", "nguye\u0302\u0303n", "Hoà", "hòa", "Quỳnh", "quốc", "giếng", "Gì", "nghiêng", "Đoài", "Khúc", "yến", "Uyên", "rượu", "Thuở", "ƯỚC", "khuỷu", "Nặm", "Pác", "Ý", "ngoằn"} {
		if !viet.Spelt(w) {
			t.Errorf("%s is a syllable", w)
		}
	}
	for _, w := range []string{"NguyÔn", "Hoµng", "Phaïm", "Müller", "José", "được̣", "hoạcg", "hòac", "tat", "ñy", "HĐND", "", "đ", "Peña", "Bjørn"} {
		if viet.Spelt(w) {
			t.Errorf("%s is none", w)
		}
	}
}

func TestUTF8TakenForWindowsIsReadBack(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"Nguyá»…n VÄƒn LÃª": "Nguyễn Văn Lê", "Nông Văn Lý": "", "Lê": "", "An": "", "Nguyễn": ""} {
		if got := viet.Misread(s); got != want {
			t.Errorf("%q gives %q, want %q", s, got, want)
		}
	}
}
