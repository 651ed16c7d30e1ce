package sheet

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models"
)

var today = models.MustDay("2026-11-24")

func TestBirthDatesInTheWritingsOfOffices(t *testing.T) {
	t.Parallel()
	text := func(s string) xlsx.Cell { return xlsx.Cell{Text: s} }
	num := func(s string) xlsx.Cell { return xlsx.Cell{Kind: xlsx.Number, Text: s} }
	date := func(s string) xlsx.Cell { return xlsx.Cell{Kind: xlsx.DateNumber, Text: s} }
	for _, c := range []struct {
		cell xlsx.Cell
		want string // "!" for refused
	}{
		{text("16/07/1966"), "1966-07-16"},
		{text("6/7/1966"), "1966-07-06"},
		{text(" 06-09-1975 "), "1975-09-06"},
		{text("6.9.1975"), "1975-09-06"},
		{text("6.9.75"), "1975-09-06"},
		{text("6/9/05"), "2005-09-06"},
		{text("6/9/15"), "!"}, // eleven or a hundred and eleven years old
		{text("1975-09-06"), "1975-09-06"},
		{text("1975-09-06 00:00:00"), "1975-09-06"},
		{text("1975-09-06T00:00:00"), "1975-09-06"},
		{text("16 / 07 / 1966"), "1966-07-16"},
		{text("ngày 2 tháng 9 năm 1975"), "1975-09-02"},
		{text("sinh ngày 02/9/1975"), "1975-09-02"},
		{text("tháng 5/1980"), "1980"},
		{text("5/1980"), "1980"},
		{text("Tháng 5 năm 1980"), "1980"},
		{text("00/00/1980"), "1980"},
		{text("__/__/1980"), "1980"},
		{text("../5/1980"), "1980"},
		{text("1980"), "1980"},
		{text("'1980"), "1980"},
		{text("Năm 1980"), "1980"},
		{text("sn 1980"), "1980"},
		{text("16071966"), "1966-07-16"},
		{text("16/07/1966 (theo giấy khai sinh)"), "1966-07-16"},
		{text("16/07/1966\u00a0"), "1966-07-16"},
		{text("-"), ""},
		{text("không"), ""},
		{text("31/02/1980"), "!"},
		{text("12/25/1980"), "!"},
		{text("30/02/1900"), "!"},
		{text("1/13/1980"), "!"},
		{text("32/1/1980"), "!"},
		{text("13/1980"), "!"},
		{text("1850"), "!"},
		{text("198"), "!"},
		{text("16/07/19666"), "!"},
		{text("rõ rồi"), "!"},
		{text("29221"), "!"},
		{num("1980"), "1980"},
		{num("24918"), "1968-03-21"},
		{date("24918"), "1968-03-21"},
		{date("24918.5"), "1968-03-21"},
		{date("1996"), "1996"},
		{xlsx.Cell{Kind: xlsx.YearNumber, Text: "29221"}, "1980"},
		{num("5.198"), "1980"},
		{num("12.1975"), "1975"},
		{num("16071966"), "1966-07-16"},
		{num("6071966"), "1966-07-06"},
		{num("19660716"), "1966-07-16"},
		{num("0"), ""},
		{num("-5"), "!"},
		{num("500"), "!"},
		{num("1e300"), "!"},
		{xlsx.Cell{Kind: xlsx.Error, Text: "#N/A"}, "!"},
	} {
		b, ok := birthOf(c.cell, false, today)
		got := b.text
		if !ok {
			got = "!"
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.cell, got, c.want)
		}
	}
	if b, ok := birthOf(date("23456"), true, today); !ok || b.text != "1968-03-21" {
		t.Errorf("1904 workbook: %v %v", b, ok)
	}
	for _, c := range [][4]string{
		{"16", "7", "1966", "1966-07-16"}, {"", "", "1966", "1966"}, {"", "7", "1966", "1966"}, {"", "", "", ""}, {"31", "2", "1980", "!"}, {"5", "", "1980", "!"}, {"5", "6", "", "!"},
	} {
		b, ok := birthParts(c[0], c[1], c[2], today)
		if got := map[bool]string{true: b.text, false: "!"}[ok]; got != c[3] {
			t.Errorf("%v: %q", c, got)
		}
	}
}

func TestNationalIDsAndPhonesThatWentThroughExcel(t *testing.T) {
	t.Parallel()
	text := func(s string) xlsx.Cell { return xlsx.Cell{Text: s} }
	num := func(s string) xlsx.Cell { return xlsx.Cell{Kind: xlsx.Number, Text: s} }
	for _, c := range []struct {
		cell xlsx.Cell
		want string
	}{
		{text("004066346573"), "004066346573"}, {text("004 068 469069"), "004068469069"}, {text("004.068.469.069"), "004068469069"},
		{text("'004068469069"), "004068469069"}, {text("CCCD: 004068469069"), "004068469069"}, {num("4099171271"), "004099171271"},
		{num("4.099171271E9"), "004099171271"}, {num("4099171271.0"), "004099171271"}, {num("79099171271"), "079099171271"},
		{text("4099171271"), "004099171271"}, {text("4099171271.0"), "004099171271"}, {text("4.099171271E+09"), "004099171271"},
		{text("4.09917E+09"), "!"}, {text("4,09917E+09"), "!"}, {text("080123456"), "080123456"}, {num("80123456"), "!"}, {num("380123456"), "380123456"},
		{text("00419A123"), "!"}, {text("0040663465731"), "!"}, {text("097066346573"), "!"}, {text("000066346573"), "!"}, {text("096066346573"), "096066346573"},
		{text("004066346573 cấp ngày 01/02/2021"), "004066346573"}, {text("004066346573 / 080123456"), "004066346573"}, {text("080123456\n004066346573"), "004066346573"},
		{text("-"), ""}, {text("không có"), ""}, {num("4099171271.5"), "!"}, {text("000000000"), "!"}, {text("004066346573/004066346574"), "!"},
		{xlsx.Cell{Kind: xlsx.Error, Text: "#REF!"}, "!"},
	} {
		id, ok := nationalID(c.cell)
		if got := map[bool]string{true: id, false: "!"}[ok]; got != c.want {
			t.Errorf("id %v: %q, want %q", c.cell, got, c.want)
		}
	}
	for _, c := range []struct {
		cell xlsx.Cell
		want string
	}{
		{text("0998195008"), "0998195008"}, {text("0912.259.598"), "0912259598"}, {num("961407146"), "0961407146"}, {num("9.61407146E8"), "0961407146"},
		{text("961407146"), "0961407146"}, {text("+84 961 407 146"), "0961407146"}, {text("84961407146"), "0961407146"}, {text("(+84) 961407146"), "0961407146"}, {text("0961-407-146"), "0961407146"},
		{text("ĐT: 0961407146"), "0961407146"}, {text("0961407146; 0912259598"), "0961407146"}, {text("0961407146/0912259598"), "0961407146"}, {text("961407146.0"), "0961407146"},
		{text("02063 852 123"), "02063852123"}, {text("(0206) 3852123"), "02063852123"}, {num("2063852123"), "02063852123"}, {text("9.61E+08"), "!"}, {text("12345"), "!"}, {text("0123456789"), "!"},
		{text("09614071467"), "!"}, {text("không"), ""}, {text("…"), ""}, {text("abc"), "!"}, {text("0961407146; abc"), "!"},
	} {
		n, _, ok := phone(c.cell)
		if got := map[bool]string{true: n, false: "!"}[ok]; got != c.want {
			t.Errorf("phone %v: %q, want %q", c.cell, got, c.want)
		}
	}
	for in, want := range map[string]string{
		"cb1@example.vn": "cb1@example.vn", " CB1@Example.VN ": "cb1@example.vn", "mailto:a@b.vn": "a@b.vn", "a@b.vn; c@d.vn": "a@b.vn", "khong-phai-thu": "!", "a@b": "!", "a b@c.vn": "!", "-": "", "a@b..vn": "!",
	} {
		a, _, ok := email(text(in))
		if got := map[bool]string{true: a, false: "!"}[ok]; got != want {
			t.Errorf("email %q: %q, want %q", in, got, want)
		}
	}
}

func TestNamesLoseWhatIsNoName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"NÔNG VĂN HÙNG": "Nông Văn Hùng", "Đ/c Nông Văn Hùng": "Nông Văn Hùng", "đ/c. NÔNG VĂN HÙNG": "Nông Văn Hùng", "Đồng chí Nông Văn Hùng": "Nông Văn Hùng", "Đc Nông Văn Hùng": "Nông Văn Hùng",
		"Ông Nông Văn Hùng": "Nông Văn Hùng", "BÀ: LÊ THỊ AN": "Lê Thị An", "Đ/c Bà Lê Thị An": "Lê Thị An", "  Hứa  Đức\u00a0Thắng ": "Hứa Đức Thắng", norm.NFD.String("NGUYỄN THỊ VỸ"): "Nguyễn Thị Vỹ",
		"Bàn Thị Bà": "Bàn Thị Bà", "Ông": "Ông", "Đồng Chí Dũng": "Đồng Chí Dũng", "ThS. Lê An": "Lê An", "Lê Thị An (nữ)": "Lê Thị An", "Lê Thị An *": "Lê Thị An", "...": "", "12": "", "": "",
		"H'LINH NIÊ": "H'Linh Niê", "Ðặng An": "Đặng An", "Đ/CNông An": "Nông An",
	} {
		if got := personName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestOrganisationsByTheNamesInUse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ day, text, place, want string }{
		{"2026-01-01", "Ủy ban nhân dân xã Quang Long", "", "X-QUANGLONG"},
		{"2026-01-01", "Uỷ ban nhân dân xã Quang Long", "", "X-QUANGLONG"},
		{"2026-01-01", "UBND xã Quang Long", "", "X-QUANGLONG"},
		{"2026-01-01", "UBND X. Quang Long", "", "X-QUANGLONG"},
		{"2026-01-01", "UBND X.Quang Long, tỉnh Cao Bằng", "", "X-QUANGLONG"},
		{"2026-01-01", "ubnd xã quang long", "", "X-QUANGLONG"},
		{"2026-01-01", "ỦY BAN NHÂN DÂN XÃ QUANG LONG", "", "X-QUANGLONG"},
		{"2026-01-01", norm.NFD.String("Ủy ban nhân dân xã Lũng Nặm"), "", "X-LUNGNAM"},
		{"2026-01-01", "Xã Quang Long", "", "X-QUANGLONG"},
		{"2026-01-01", "UBND P. Thục Phán", "", "X-THUCPHAN"},
		{"2026-01-01", "phường Thục Phán", "", "X-THUCPHAN"},
		{"2026-01-01", "UBND xã Lí Bôn", "", "X-LYBON"},
		{"2026-01-01", "UBND xã Hoà An", "", "X-HOAAN"},
		{"2026-01-01", "UBND xa Quang Long", "", "X-QUANGLONG"},
		{"2026-01-01", "X-QUANGLONG", "", "X-QUANGLONG"},
		{"2026-01-01", "UBND xã Quãng Long", "", ""},
		{"2026-01-01", "UBND xã", "", ""},
		{"2026-01-01", "UBND xã", "xã Quang Long", "X-QUANGLONG"},
		{"2026-01-01", "UBND", "xã Quang Long", "X-QUANGLONG"},
		{"2026-01-01", "Đảng ủy xã Quang Long", "", ""},
		{"2026-01-01", "HĐND xã Quang Long", "", ""},
		{"2026-01-01", "Phòng Văn hóa - Xã hội, UBND xã Quang Long", "", "X-QUANGLONG"},
		{"2026-01-01", "Phòng VH-XH xã Quang Long", "", "X-QUANGLONG"},
		{"2026-01-01", "Văn phòng HĐND và UBND xã Quang Long", "", "X-QUANGLONG"},
		{"2026-01-01", "Văn phòng Đảng ủy xã Quang Long", "", ""},
		{"2026-01-01", "UBND xã Quang Long; UBND xã Quang Lâm", "", ""},
		{"2026-01-01", "Sở VHTTDL", "", "SO-VHTTDL"},
		{"2026-01-01", "Sở VH, TT&DL", "", "SO-VHTTDL"},
		{"2026-01-01", "Sở VHTT&DL tỉnh Cao Bằng", "", "SO-VHTTDL"},
		{"2026-01-01", "Sở Văn hoá - Thể thao và Du lịch", "", "SO-VHTTDL"},
		{"2026-01-01", "Phòng Quản lý văn hóa - Sở Văn hóa, Thể thao và Du lịch", "", "SO-VHTTDL"},
		{"2026-01-01", "Sở KH&CN", "", "SO-KHCN"},
		{"2026-01-01", "Sở GD và ĐT", "", "SO-GDDT"},
		{"2026-01-01", "Sở GDĐT", "", "SO-GDDT"},
		{"2026-01-01", "Sở Tư pháp tỉnh Cao Bằng", "", "SO-TP"},
		{"2026-01-01", "Sở TP", "", "SO-TP"},
		{"2026-01-01", "Sở Y tế", "", "SO-YT"},
		{"2026-01-01", "Sở DT&TG", "", "SO-DTTG"},
		{"2026-01-01", "Sở", "", ""},
		{"2026-01-01", "Sở TT", "", ""},
		{"2026-01-01", "Sở Không Có Thật", "", ""},
		{"2026-01-01", "Sở LĐ-TB&XH", "", "SO-LDTBXH"},
		{"2026-01-01", "Văn phòng UBND tỉnh", "", "VP-UBND"},
		{"2026-01-01", "VP UBND tỉnh", "", "VP-UBND"},
		{"2026-01-01", "UBND tỉnh Cao Bằng", "", ""},
		{"2026-01-01", "UBND tỉnh", "", ""},
		{"2026-01-01", "UBMTTQ VIỆT NAM TỈNH", "", "MTTQ"},
		{"2026-01-01", "Ủy ban MTTQ Việt Nam tỉnh Cao Bằng", "", "MTTQ"},
		{"2026-01-01", "Mặt trận Tổ quốc tỉnh", "", "MTTQ"},
		{"2026-01-01", "Uỷ ban Mặt trận Tổ quốc VN tỉnh", "", "MTTQ"},
		{"2026-01-01", "LĐLĐ tỉnh", "", "LDLD"},
		{"2026-01-01", "Hội LHPN tỉnh", "", "HLHPN"},
		{"2026-01-01", "Hội CCB tỉnh", "", "HCCB"},
		{"2026-01-01", "Hội Nông dân tỉnh Cao Bằng", "", "HND"},
		{"2026-01-01", "Hội Nông dân", "", "HND"},
		{"2024-01-01", "Hội Nông dân", "huyện Bảo Lâm", ""},
		{"2026-01-01", "Tỉnh đoàn", "", "TINHDOAN"},
		{"2026-01-01", "CA tỉnh", "", "CA-TINH"},
		{"2026-01-01", "Công an tỉnh Cao Bằng", "", "CA-TINH"},
		{"2026-01-01", "BCH Bộ đội Biên phòng tỉnh", "", "BDBP"},
		{"2026-01-01", "Bộ CHBĐBP tỉnh", "", "BDBP"},
		{"2026-01-01", "Báo và PTTH Cao Bằng", "", "BAO-PTTH"},
		{"2026-01-01", "Báo và PT-TH Cao Bằng", "", "BAO-PTTH"},
		{"2026-01-01", "Hội Nhà báo", "", "HNB"},
		{"2026-01-01", "Ban Tuyên giáo và Dân vận TU", "", "BTGDV"},
		{"2026-01-01", "Ban TGDV Tỉnh ủy", "", "BTGDV"},
		{"2026-01-01", "Ban Chỉ đạo Nhân quyền tỉnh", "", "BCD-NQ"},
		{"2026-01-01", "Khối cơ quan Đảng", "", "CB-DANG"},
		{"2024-01-01", "Đài PT-TH tỉnh", "", "DAI-PTTH"},
		{"2024-01-01", "Báo Cao Bằng", "", "BAO-CB"},
		{"2024-01-01", "UBND TP Cao Bằng", "", "UBND-CAOBANG"},
		{"2024-01-01", "UBND TP.Cao Bằng", "", "UBND-CAOBANG"},
		{"2024-01-01", "UBND thành phố", "", ""},
		{"2024-01-01", "UBND H. Bảo Lâm", "", "UBND-BAOLAM"},
		{"2024-01-01", "UBND huyện", "huyện Bảo Lâm", "UBND-BAOLAM"},
		{"2024-01-01", "TT VH&TT huyện Bảo Lâm", "", "TTVH-BAOLAM"},
		{"2024-01-01", "Trung tâm VH-TT huyện Bảo Lâm", "", "TTVH-BAOLAM"},
		{"2024-01-01", "TTVHTT H. Bảo Lâm", "", "TTVH-BAOLAM"},
		{"2024-01-01", "Trung tâm Văn hóa và Truyền thông", "huyện Bảo Lâm", "TTVH-BAOLAM"},
		{"2024-01-01", "MTTQ và các tổ chức CT-XH huyện Bảo Lâm", "", "CTXH-BAOLAM"},
		{"2024-01-01", "Huyện Bảo Lâm", "", "H-BAOLAM"},
		{"2024-01-01", "xã Bảo Lâm", "", "X-BAOLAM"},
		{"2024-01-01", "UBND-BAOLAM", "", "UBND-BAOLAM"},
		{"2024-01-01", "", "", ""},
	} {
		in := newInterpreter(t.Context(), testDirectory(t), Options{Effective: models.MustDay(c.day), Today: today}, &xlsx.Book{})
		got := ""
		if f := in.orgOf(c.text, in.orgs.placeOf(words(c.place))); f.ok() {
			got = in.orgs.orgs[f.org].Code
		}
		if got != c.want {
			t.Errorf("%s %q in %q: %q, want %q", c.day, c.text, c.place, got, c.want)
		}
	}
}

func TestGroupsInOneCell(t *testing.T) {
	t.Parallel()
	g := newGroupBook(testDirectory(t).Groups, today)
	for in, want := range map[string]string{
		"QCN": "QCN", "qcn": "QCN", "TTĐN": "TTDN", "ttdn": "TTDN", "Cán bộ chủ chốt CT-XH": "CTXH", "cán bộ nhân quyền": "QCN", "Nhân quyền": "QCN",
		"Cán bộ quản lý thông tin, truyền thông": "TTTT", "QL thông tin truyền thông": "TTTT", "TTTT; QCN": "TTTT QCN", "QCN, TTTT": "QCN TTTT", "QCN/TTTT": "QCN TTTT", "QCN + TTTT": "QCN TTTT",
		"1. QCN\n2. TTTT": "QCN TTTT", "- Cán bộ quản lý thông tin, truyền thông\n- Cán bộ nhân quyền": "TTTT QCN", "Cán bộ quản lý thông tin, truyền thông, cán bộ nhân quyền": "TTTT QCN",
		"quản lý thông tin, truyền thông và nhân quyền": "TTTT QCN", "QCN; QCN": "QCN", "CÁN BỘ LÀM CÔNG TÁC QUYỀN CON NGƯỜI": "QCN", norm.NFD.String("Cán bộ làm công tác quyền con người"): "QCN",
		"Thông tin đối ngoại": "TTDN", "Nhóm lạ": "!", "cán bộ": "!", "QCN; Nhóm lạ": "!", "thông tin": "!", "": "", "-": "", "Cán bộ chủ chốt tổ chức chính trị - xã hội": "CTXH", "Đối tượng QCN": "QCN",
	} {
		codes, ok := g.all(in)
		got := ""
		for i, c := range codes {
			if i > 0 {
				got += " "
			}
			got += c
		}
		if !ok {
			got = "!"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
