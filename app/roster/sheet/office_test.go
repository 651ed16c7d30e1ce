package sheet

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"

	"taphuan/models"
	"taphuan/models/viet"
)

// office writes rosters as offices do, in habits drawn by chance, and knows what they mean.
type office struct {
	*rand.Rand
	t         testing.TB
	dir       Directory
	effective models.Day
	orgs      []Organisation // active and with people of their own
	f         *excelize.File
	date1904  bool
	truth     Result
	used      map[string]bool // names and ids in the file
	dateStyle int
	serial    int
	ticked    bool     // the sheet ticks groups in columns
	log       []string // the habits drawn, for messages
}

func one[T any](o *office, list ...T) T { return list[o.IntN(len(list))] }

func (o *office) chance(percent int) bool { return o.IntN(100) < percent }

func (o *office) note(s string) { o.log = append(o.log, s) }

// person is somebody with the truth about them, and how the row lies if it does.
type person struct {
	Row
	org   Organisation
	fault Reason
	y     int
	m, d  int
	year  bool // only the year is known
}

var (
	families = strings.Fields("Nông Hoàng Bế Lý Đàm Hứa Lục Vi Triệu Mã Nguyễn Trần Phan Đặng Lương Hầu Sầm Chu Dương Ma Tô Quan Đinh")
	middles  = strings.Fields("Văn Thị Đức Quốc Thanh Hữu Ngọc Bích Minh Xuân Kim")
	givens   = strings.Fields("Hùng Dũng Hương Ước Ưng Oanh Quỳnh Nghĩa Bằng Hoà Thúy Khỏe Đào Yến Vỹ Thắng Ảnh Đạt Quyết Ưởng Lệ")
	posts    = []string{"Phó Trưởng phòng", "Công chức Văn hóa - Xã hội", "Phó Chủ tịch", "Chuyên viên", "Trưởng phòng"}
)

func newOffice(t testing.TB, seed uint64) *office {
	o := &office{Rand: rand.New(rand.NewPCG(seed, 77)), t: t, dir: testDirectory(t), used: map[string]bool{}}
	o.effective = models.MustDay(one(o, "2024-01-01", "2026-01-01"))
	for _, x := range o.dir.Organisations {
		if x.Kind != "province" && x.Kind != "block" && x.Kind != "district" && x.From <= o.effective && (x.To == 0 || o.effective < x.To) {
			o.orgs = append(o.orgs, x)
		}
	}
	o.f = excelize.NewFile()
	o.date1904 = o.chance(15)
	if o.date1904 {
		yes := true
		o.must(o.f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}))
	}
	style, err := o.f.NewStyle(&excelize.Style{NumFmt: 14})
	o.must(err)
	o.dateStyle = style
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) person(org Organisation) *person {
	p := &person{org: org}
	for {
		p.Name = one(o, families...) + " " + one(o, middles...) + " " + one(o, givens...)
		if o.chance(30) {
			p.Name = one(o, families...) + " " + one(o, middles...) + " " + one(o, middles...) + " " + one(o, givens...)
		}
		if k := viet.Key(p.Name); !o.used[k] {
			o.used[k] = true
			break
		}
	}
	female := o.chance(50)
	p.Female = &female
	p.y, p.m, p.d = 1962+o.IntN(42), 1+o.IntN(12), 1+o.IntN(28)
	p.year = o.chance(15)
	p.Born = fmt.Sprintf("%04d-%02d-%02d", p.y, p.m, p.d)
	if p.year {
		p.Born = p.Born[:4]
	}
	if o.chance(85) {
		p.NationalID = o.newID(p)
	}
	p.Title = one(o, posts...)
	p.Organisation = org.Code
	codes := []string{"QCN", "TTTT", "TTDN"}
	if org.Level != "commune" || o.effective >= models.MustDay("2025-07-01") {
		codes = append(codes, "CTXH")
	}
	p.Groups = []string{one(o, codes...)}
	if o.chance(15) {
		if more := one(o, codes...); more != p.Groups[0] {
			p.Groups = append(p.Groups, more)
		}
	}
	if o.chance(85) {
		p.Phone = "09" + fmt.Sprintf("%08d", o.IntN(1e8))
	}
	if o.chance(60) {
		p.Email = fmt.Sprintf("cb%06d@example.vn", o.IntN(1e6))
	}
	return p
}

func (o *office) newID(p *person) string {
	for {
		c := 0
		if *p.Female {
			c = 1
		}
		if p.y >= 2000 {
			c += 2
		}
		id := fmt.Sprintf("%03d%d%02d%06d", one(o, 1, 4, 4, 4, 4, 20, 96), c, p.y%100, o.IntN(1e6))
		if o.chance(6) {
			id = fmt.Sprintf("%09d", 80000000+o.IntN(9000000))
		}
		if !o.used[id] {
			o.used[id] = true
			return id
		}
	}
}

// disguise writes a text as somebody might type it.
func (o *office) disguise(s string) string {
	if o.chance(15) {
		s = strings.ReplaceAll(s, " ", one(o, "  ", "\u00a0", " \u00a0"))
	}
	if o.chance(10) {
		s = " " + s + "  "
	}
	if o.chance(15) {
		s = norm.NFD.String(s)
	}
	return s
}

func (o *office) writeName(p *person, bare bool) string {
	s := p.Name
	if o.chance(20) {
		s = strings.ToUpper(s)
	}
	if !bare && o.chance(20) {
		s = one(o, "Đ/c ", "đ/c ", "Đ/C ", "Đồng chí ", "Ông ", "Bà ", "Đ/c. ", "ĐỒNG CHÍ ") + s
	}
	return o.disguise(s)
}

// writeOrg writes an organisation by one of the names in use; every one of them names no other.
func (o *office) writeOrg(x Organisation) string {
	s := x.Name
	if o.chance(40) {
		s = strings.NewReplacer("Ủy ban nhân dân", one(o, "UBND", "Uỷ ban nhân dân", "Ủy ban Nhân dân"), "Mặt trận Tổ quốc", one(o, "MTTQ", "Mặt trận tổ quốc"),
			"chính trị - xã hội", one(o, "CT-XH", "chính trị – xã hội", "chính trị xã hội"), "Văn hóa, Thể thao và Du lịch", one(o, "VHTTDL", "VH,TT&DL", "Văn hoá, Thể thao & Du lịch"),
			"Trung tâm Văn hóa và Truyền thông", one(o, "TT VH&TT", "Trung tâm VHTT", "TTVHTT"), "Liên đoàn Lao động", "LĐLĐ", "Liên hiệp Phụ nữ", "LHPN", "Cựu chiến binh", "CCB",
			"Khoa học và Công nghệ", "KH&CN", "Giáo dục và Đào tạo", one(o, "GD&ĐT", "GDĐT"), "Phát thanh - Truyền hình", one(o, "PT-TH", "PTTH"), "xã ", one(o, "xã ", "X. "),
			"huyện ", one(o, "huyện ", "H. ", "H."), "thành phố ", one(o, "TP ", "TP. "), "phường ", one(o, "P.", "phường "), "Bộ đội Biên phòng", "BĐBP").Replace(s)
	}
	if o.chance(10) && strings.HasSuffix(x.Name, " tỉnh") {
		s += " Cao Bằng"
	}
	if o.chance(10) {
		s = strings.ToUpper(s)
	}
	return o.disguise(s)
}

var groupWritings = map[string][]string{
	"QCN":  {"QCN", "Cán bộ làm công tác quyền con người", "cán bộ nhân quyền", "CÁN BỘ NHÂN QUYỀN", "quyền con người"},
	"TTTT": {"TTTT", "Cán bộ quản lý thông tin, truyền thông", "Quản lý thông tin truyền thông", "cán bộ làm công tác quản lý thông tin, truyền thông"},
	"TTDN": {"TTDN", "TTĐN", "Nhân sự tham gia công tác thông tin đối ngoại của các cơ quan báo chí", "thông tin đối ngoại"},
	"CTXH": {"CTXH", "Cán bộ chủ chốt CT-XH", "Cán bộ chủ chốt tổ chức chính trị - xã hội", "cán bộ chủ chốt của các tổ chức chính trị - xã hội"},
}

func (o *office) writeGroups(codes []string) string {
	var parts []string
	for _, c := range codes {
		parts = append(parts, one(o, groupWritings[c]...))
	}
	return o.disguise(strings.Join(parts, one(o, "; ", ";", "\n", ", ")))
}

// set writes a value into a cell.
func (o *office) set(sheet string, column, row int, v any) {
	if s, ok := v.(string); ok && s == "" {
		return
	}
	ref, err := excelize.CoordinatesToCellName(column, row)
	o.must(err)
	if d, ok := v.(dateCell); ok {
		o.must(o.f.SetCellValue(sheet, ref, int(d)))
		o.must(o.f.SetCellStyle(sheet, ref, ref, o.dateStyle))
		return
	}
	o.must(o.f.SetCellValue(sheet, ref, v))
}

func (o *office) merge(sheet string, c1, r1, c2, r2 int) {
	a, err := excelize.CoordinatesToCellName(c1, r1)
	o.must(err)
	b, err := excelize.CoordinatesToCellName(c2, r2)
	o.must(err)
	o.must(o.f.MergeCell(sheet, a, b))
}

// dateCell is a day as the workbook counts it, shown as a date.
type dateCell int

func (o *office) serialOf(p *person) int {
	day := models.NewDay(p.y, time.Month(p.m), p.d)
	if o.date1904 {
		return int(day - models.MustDay("1904-01-01"))
	}
	return int(day - models.MustDay("1899-12-30"))
}

func (o *office) writeBorn(p *person) any {
	switch p.fault {
	case InvalidBirthDate:
		return one[any](o, "31/02/1980", "29/02/1981", "không rõ lắm", "12/13/1975", "0/1980/5")
	case BirthDateInFuture:
		return one[any](o, "12/05/2035", 2031, "01-01-2027")
	}
	if p.year {
		return one[any](o, p.y, strconv.Itoa(p.y), strconv.Itoa(p.y)+" ", fmt.Sprintf("tháng %d/%d", p.m, p.y), fmt.Sprintf("Năm %d", p.y))
	}
	switch o.IntN(7) {
	case 0:
		return dateCell(o.serialOf(p))
	case 1:
		return fmt.Sprintf("%d/%d/%d", p.d, p.m, p.y)
	case 2:
		return fmt.Sprintf("%02d-%02d-%d", p.d, p.m, p.y)
	case 3:
		return fmt.Sprintf("%d.%d.%02d", p.d, p.m, p.y%100)
	case 4:
		return fmt.Sprintf("%04d-%02d-%02d", p.y, p.m, p.d)
	case 5:
		return fmt.Sprintf("ngày %d tháng %d năm %d", p.d, p.m, p.y)
	}
	return fmt.Sprintf("%02d/%02d/%d", p.d, p.m, p.y)
}

func (o *office) writeID(p *person) any {
	if p.fault == InvalidNationalID {
		return one[any](o, "00419A123", "12345", "099066346573", 80123456, "4.09917E+10")
	}
	id := p.NationalID
	if id == "" {
		return one[any](o, "", "", "-", "không có")
	}
	n, err := strconv.ParseInt(id, 10, 64)
	o.must(err)
	lost := len(strconv.FormatInt(n, 10))
	switch o.IntN(5) {
	case 0:
		if len(id) == 12 || lost == 9 {
			return n
		}
	case 1:
		if len(id) == 12 {
			return id[:3] + " " + id[3:6] + " " + id[6:]
		}
	case 2:
		if len(id) == 12 && lost >= 10 {
			return strconv.FormatInt(n, 10) + one(o, "", ".0")
		}
	case 3:
		return "'" + id
	}
	return id
}

func (o *office) writePhone(p *person) any {
	if p.fault == InvalidPhone {
		return one[any](o, "12345", "09x", "0123456789", 912)
	}
	s := p.Phone
	if s == "" {
		return one[any](o, "", "", "…")
	}
	n, err := strconv.Atoi(s)
	o.must(err)
	return one[any](o, s, s, n, float64(n), s[:4]+"."+s[4:7]+"."+s[7:], s[:4]+" "+s[4:], "+84"+s[1:])
}

// bytes gives the workbook.
func (o *office) bytes() []byte {
	var b bytes.Buffer
	o.must(o.f.Write(&b))
	return b.Bytes()
}
