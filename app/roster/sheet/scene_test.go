package sheet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/models"
)

// scene is a sheet drawn as text, a line a row and | between cells, and what must be made of it.
type scene struct {
	name   string
	sheet  string
	day    string // effective, 2026-01-01 if empty
	merges string // "B2:B4 C1:D1"
	hide   []int
	counts string // code of an organisation that may not keep names
	rows   string
	want   string
}

// tell writes a result as scenes expect it: row, name, born, sex, organisation, groups, title, id; or row and reason.
func tell(res *Result) string {
	type line struct {
		row  int
		text string
	}
	var out []line
	for _, r := range res.Accepted {
		sex := "?"
		if r.Female != nil {
			sex = map[bool]string{true: "nữ", false: "nam"}[*r.Female]
		}
		out = append(out, line{r.Row, strings.TrimRight(fmt.Sprintf("%d %s|%s|%s|%s|%s|%s|%s", r.Row, r.Name, r.Born, sex, r.Organisation, strings.Join(r.Groups, "+"), r.Title, r.NationalID), "|")})
	}
	for _, r := range res.Refused {
		out = append(out, line{r.Row, fmt.Sprintf("%d !%s %s", r.Row, r.Reason, r.Column)})
	}
	slices.SortStableFunc(out, func(a, b line) int { return a.row - b.row })
	var b strings.Builder
	for _, l := range out {
		b.WriteString(strings.TrimSpace(l.text) + "\n")
	}
	return b.String()
}

func lines(s string) []string { return strings.Split(strings.Trim(s, "\n"), "\n") }

func (s scene) read(t *testing.T) (*Result, error) {
	t.Helper()
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	sheet := "Sheet1"
	if s.sheet != "" {
		sheet = s.sheet
		must(f.SetSheetName("Sheet1", sheet))
	}
	for i, l := range lines(s.rows) {
		for j, c := range strings.Split(l, "|") {
			if c = strings.TrimSpace(c); c == "" {
				continue
			}
			ref, err := excelize.CoordinatesToCellName(j+1, i+1)
			must(err)
			must(f.SetCellValue(sheet, ref, strings.ReplaceAll(c, `\n`, "\n")))
		}
	}
	for _, m := range strings.Fields(s.merges) {
		a, b, _ := strings.Cut(m, ":")
		must(f.MergeCell(sheet, a, b))
	}
	for _, r := range s.hide {
		must(f.SetRowVisible(sheet, r, false))
	}
	var b bytes.Buffer
	must(f.Write(&b))
	day := s.day
	if day == "" {
		day = "2026-01-01"
	}
	dir := testDirectory(t)
	for i := range dir.Organisations {
		dir.Organisations[i].CountsOnly = dir.Organisations[i].Code == s.counts
	}
	return Read(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), dir, Options{Effective: models.MustDay(day), Today: today})
}

func TestScenes(t *testing.T) {
	t.Parallel()
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			res, err := s.read(t)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := tell(res), strings.Join(lines(strings.ReplaceAll(s.want, "\t", "")), "\n")+"\n"; got != want {
				t.Errorf("\ngot\n%swant\n%s%+v", got, want, res.Tables)
			}
		})
	}
}

var scenes = []scene{
	{name: "every reason, and the first that applies", counts: "CA-TINH", rows: `
		STT|Họ và tên|Ngày sinh|CCCD|Chức vụ|Đơn vị|Đối tượng|Điện thoại|Email
		1||31/02/1980|00419A|CV|Sở lạ|Nhóm lạ|1|x@
		2|Nông An|31/02/1980|00419A|CV|Sở lạ|Nhóm lạ|1|x@
		3|Nông An|1/1/2030|00419A|CV|Sở lạ|Nhóm lạ|1|x@
		4|Nông An|1/1/1980|00419A|CV|Sở lạ|Nhóm lạ|1|x@
		5|Nông An|1/1/1980|004080000001|CV|Sở lạ|Nhóm lạ|1|x@
		6|Nông An|1/1/1980|004080000001|CV|Sở Thông tin và Truyền thông|Nhóm lạ|1|x@
		7|Nông An|1/1/1980|004080000001|CV|Khối cơ quan Đảng|Nhóm lạ|1|x@
		7|Nông An|1/1/1980|004080000001|CV|Công an tỉnh|Nhóm lạ|1|x@
		8|Nông An|1/1/1980|004080000001|CV|Sở Tư pháp|Nhóm lạ|1|x@
		9|Nông An|1/1/1980|004080000001|CV|Sở Tư pháp|QCN|1|x@
		10|Nông An|1/1/1980|004080000001|CV|Sở Tư pháp|QCN|1|x@y.vn
		11|Nông An|1/1/1980|004080000001|CV|Sở Tư pháp|QCN|0912345678|x@y.vn
		12|Nông An|1/1/1981|004080000001|CV|Sở Nội vụ|QCN|0912345678|x@y.vn
		13|Lê Bình|1/1/1980|004080000001|CV|Sở Nội vụ|QCN|0912345678|x@y.vn
		14|Lê Bình|1/1/1970|004080000001|CV|Sở Nội vụ|QCN|0912345678|x@y.vn`, want: `
		2 !missing_name B
		3 !invalid_birth_date C
		4 !birth_date_in_future C
		5 !invalid_national_id D
		6 !unknown_organisation F
		7 !organisation_not_active F
		8 !organisation_is_total F
		9 !organisation_counts_only F
		10 !unknown_target_group G
		11 !invalid_email I
		12 !invalid_phone H
		13 Nông An|1980-01-01|?|SO-TP|QCN|CV|004080000001
		14 !duplicate_in_file D
		15 !duplicate_in_file D
		16 !national_id_of_another_person D`},
	{name: "a group that may not be posted at the level", day: "2024-01-01", rows: `
		Họ tên|Năm sinh|Đơn vị|Nhóm
		Nông An|1980|UBND xã Bảo Lâm|CTXH
		Nông An|1980|UBND huyện Bảo Lâm|CTXH`, want: `
		2 !organisation_not_active C
		3 Nông An|1980|?|UBND-BAOLAM|CTXH`},
	{name: "the same person twice without an id", rows: `
		Họ tên|Năm sinh|Đơn vị|Nhóm|CCCD
		Nông Hoà|12/05/1980|Sở Tư pháp|QCN|
		NÔNG HÒA|1980|Sở Tư pháp|TTTT|
		Nông Hoà|13/05/1980|Sở Tư pháp|QCN|
		Nông Hoa|12/05/1980|Sở Tư pháp|QCN|
		Nông Hoà|12/05/1980|Sở Nội vụ|QCN|
		Nông Hoà||Sở Tư pháp|QCN|004080000001`, want: `
		2 Nông Hoà|1980-05-12|?|SO-TP|QCN
		3 !duplicate_in_file A
		4 Nông Hoà|1980-05-13|?|SO-TP|QCN
		5 Nông Hoa|1980-05-12|?|SO-TP|QCN
		6 Nông Hoà|1980-05-12|?|SO-NV|QCN
		7 !duplicate_in_file A`},
	{name: "parts of an office in sections, the office in the letterhead", rows: `
		UBND TỈNH CAO BẰNG||||CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
		SỞ TƯ PHÁP||||Độc lập - Tự do - Hạnh phúc
		TT|Họ và tên|Ngày sinh|Chức vụ|Đối tượng
		I|LÃNH ĐẠO SỞ|||
		1|Nông Văn An|1/2/1970|Giám đốc|QCN
		II|Văn phòng Sở|||
		2|Lê Thị Bình|1/2/1980|Chánh Văn phòng|TTTT
		III|Trung tâm Trợ giúp pháp lý|||
		3|Hà Văn Chí|1/2/1981|Giám đốc|TTTT`, want: `
		5 Nông Văn An|1970-02-01|?|SO-TP|QCN|Giám đốc
		7 Lê Thị Bình|1980-02-01|?|SO-TP|TTTT|Chánh Văn phòng
		9 !unknown_organisation`},
	{name: "two tables on one sheet, each with its own office", rows: `
		Đơn vị: Sở Tư pháp
		STT|Họ và tên|Năm sinh|Đối tượng
		1|Nông Văn An|1970|QCN
		Tổng cộng: 1 người
		|NGƯỜI LẬP||THỦ TRƯỞNG
		|Lục Thị Ký||Nông Văn Trưởng

		Đơn vị: Sở Nội vụ
		DANH SÁCH CÁN BỘ
		STT|Ngày sinh|Họ và tên|Đối tượng
		1|2/3/1975|Lê Thị Bình|TTTT`, want: `
		3 Nông Văn An|1970|?|SO-TP|QCN
		11 Lê Thị Bình|1975-03-02|?|SO-NV|TTTT`},
	{name: "a heading repeated on a new page goes on with the section", rows: `
		STT|Họ và tên|Năm sinh|Đối tượng
		I|UBND xã Quang Long||
		1|Nông Văn An|1970|QCN
		STT|Họ và tên|Năm sinh|Đối tượng
		2|Lê Thị Bình|1971|QCN`, want: `
		3 Nông Văn An|1970|?|X-QUANGLONG|QCN
		5 Lê Thị Bình|1971|?|X-QUANGLONG|QCN`},
	{name: "title and organisation in one column", rows: `
		STT|Họ và tên|Ngày tháng năm sinh|Chức vụ, đơn vị công tác|Đối tượng
		1|Nông Văn An|1/2/1970|Phó Chủ tịch UBND xã Quang Long|QCN
		2|Lê Thị Bình|1/2/1971|Giám đốc, Sở Tư pháp|QCN
		3|Hà Văn Chí|1/2/1972|Phó Bí thư Đảng ủy xã Quang Long|QCN
		4|Hà Văn Dương|1/2/1972|Chuyên viên|QCN`, want: `
		2 Nông Văn An|1970-02-01|?|X-QUANGLONG|QCN|Phó Chủ tịch
		3 Lê Thị Bình|1971-02-01|?|SO-TP|QCN|Giám đốc
		4 !unknown_organisation D
		5 !unknown_organisation D`},
	{name: "the organisation only at the end of the title", rows: `
		Họ và tên|Năm sinh|Chức vụ|Đối tượng
		Nông Văn An|1970|Chủ tịch UBND xã Quang Long|QCN
		Lê Thị Bình|1971|Trưởng phòng|QCN`, want: `
		2 Nông Văn An|1970|?|X-QUANGLONG|QCN|Chủ tịch UBND xã Quang Long
		3 !unknown_organisation`},
	{name: "name and title in one column", rows: `
		TT|Họ tên, chức vụ|Năm sinh|Đơn vị|Đối tượng
		1|Đ/c Nông Văn An - Phó Chủ tịch|1970|UBND xã Quang Long|QCN
		2|Lê Thị Bình|1971|UBND xã Quang Long|QCN`, want: `
		2 Nông Văn An|1970|?|X-QUANGLONG|QCN|Phó Chủ tịch
		3 Lê Thị Bình|1971|?|X-QUANGLONG|QCN`},
	{name: "groups by section, and none at all", rows: `
		TT|Họ và tên|Năm sinh|Đơn vị
		A|CÁN BỘ LÀM CÔNG TÁC QUYỀN CON NGƯỜI||
		1|Nông Văn An|1970|Sở Tư pháp
		B|Cán bộ quản lý thông tin, truyền thông||
		2|Lê Thị Bình|1971|Sở Tư pháp`, want: `
		3 Nông Văn An|1970|?|SO-TP|QCN
		5 Lê Thị Bình|1971|?|SO-TP|TTTT`},
	{name: "the group of all in the title", rows: `
		DANH SÁCH CÁN BỘ LÀM CÔNG TÁC QUYỀN CON NGƯỜI NĂM 2026
		TT|Họ và tên|Năm sinh|Đơn vị
		1|Nông Văn An|1970|Sở Tư pháp`, want: `
		3 Nông Văn An|1970|?|SO-TP|QCN`},
	{name: "district and office in two columns", day: "2024-01-01", rows: `
		TT|Huyện|Đơn vị|Họ và tên|Năm sinh|Nhóm
		1|Huyện Bảo Lâm|UBND huyện|Nông Văn An|1970|QCN
		2|Huyện Bảo Lâm|Trung tâm VH&TT|Lê Thị Bình|1971|TTTT
		3|Huyện Bảo Lạc|UBND|Hà Văn Chí|1972|QCN
		4||UBND huyện|Hà Văn Dương|1972|QCN`, want: `
		2 Nông Văn An|1970|?|UBND-BAOLAM|QCN
		3 Lê Thị Bình|1971|?|TTVH-BAOLAM|TTTT
		4 Hà Văn Chí|1972|?|UBND-BAOLAC|QCN
		5 !unknown_organisation C`},
	{name: "a gap in a list of offices is no fill-down", rows: `
		TT|Họ và tên|Năm sinh|Đơn vị|Nhóm
		1|Nông Văn An|1970|Sở Tư pháp|QCN
		2|Lê Thị Bình|1971|Sở Nội vụ|QCN
		3|Hà Văn Chí|1972||QCN
		4|Hà Văn Dương|1973|Sở Y tế|QCN`, want: `
		2 Nông Văn An|1970|?|SO-TP|QCN
		3 Lê Thị Bình|1971|?|SO-NV|QCN
		4 !unknown_organisation D
		5 Hà Văn Dương|1973|?|SO-YT|QCN`},
	{name: "three rows of headings and hidden rows", merges: "A1:A3 B1:B3 C1:F1 C2:D2 E2:E3 F2:F3 G1:G3", hide: []int{5}, rows: `
		TT|Họ và tên|Thông tin cá nhân||||Đơn vị
		||Ngày sinh||Số CCCD|Nhóm đối tượng|
		||Nam|Nữ|||
		1|Nông Văn An|1970||004070000001|QCN|Sở Tư pháp
		2|Lê Thị Bình||1/2/1971|004171000001|QCN|Sở Tư pháp`, want: `
		4 Nông Văn An|1970|nam|SO-TP|QCN||004070000001
		5 Lê Thị Bình|1971-02-01|nữ|SO-TP|QCN||004171000001`},
	{name: "several numbers under one heading", merges: "C1:E1", rows: `
		TT|Họ và tên|CCCD|||Năm sinh|Đơn vị|Nhóm
		||Số|Ngày cấp|Nơi cấp|||
		1|Nông Văn An|004070000001|01/02/2021|Cục CS QLHC|1970|Sở Tư pháp|QCN`, want: `
		3 Nông Văn An|1970|?|SO-TP|QCN||004070000001`},
	{name: "columns without a known heading are known by what they hold", rows: `
		TT|Cán bộ|Sinh|Thẻ|Liên lạc|Thuộc về|Mảng
		1|Nông Văn An|1970|004070000001|0912345678|Sở Tư pháp|QCN
		2|Lê Thị Bình|1971|004171000001|0912345679|Sở Nội vụ|TTTT`, want: `
		2 Nông Văn An|1970|?|SO-TP|QCN||004070000001
		3 Lê Thị Bình|1971|?|SO-NV|TTTT||004171000001`},
	{name: "the same as above", rows: `
		TT|Họ và tên|Năm sinh|Đơn vị|Nhóm
		1|Nông Văn An|1970|Sở Tư pháp|QCN
		2|Lê Thị Bình|1971|nt|"
		3|Hà Văn Chí|1972|Như trên|-nt-`, want: `
		2 Nông Văn An|1970|?|SO-TP|QCN
		3 Lê Thị Bình|1971|?|SO-TP|QCN
		4 Hà Văn Chí|1972|?|SO-TP|QCN`},
	{name: "numbered lines without people, sums and names of signatories", rows: `
		TT|Họ và tên|Năm sinh|Chức vụ|Đơn vị|Nhóm
		(1)|(2)|(3)|(4)|(5)|(6)
		1|Nông Văn An|1970|Chuyên viên|Sở Tư pháp|QCN
		2|||||
		3||||Sở Tư pháp|QCN
		4|Tổng Văn Bí|1975|Tổng biên tập|Sở Tư pháp|QCN
		|Cộng: 2||||
		|Tổng cộng|2|||
		||||Cao Bằng, ngày 5 tháng 1 năm 2026|
		|NGƯỜI LẬP||THỦ TRƯỞNG||
		|(Ký tên)||(Ký tên, đóng dấu)||
		|Lục Thị Ký||Nông Văn Trưởng||`, want: `
		3 Nông Văn An|1970|?|SO-TP|QCN|Chuyên viên
		5 !missing_name B
		6 Tổng Văn Bí|1975|?|SO-TP|QCN|Tổng biên tập`},
	{name: "names only, below their office", sheet: "Sở Tư pháp", rows: `
		STT|Họ và tên|Ghi chú
		1|Nông Văn An|
		2|Lê Thị Bình|nghỉ thai sản`, want: `
		2 Nông Văn An||?|SO-TP
		3 Lê Thị Bình||?|SO-TP`},
	{name: "families and given names, and one name of one word", rows: `
		STT|Họ và tên đệm|Tên|Năm sinh|Đơn vị|Nhóm
		1|NÔNG VĂN|AN|1970|Sở Tư pháp|QCN
		2||Páo|1971|Sở Tư pháp|QCN
		3|Đ/c Lê Thị|Bình|1972|Sở Tư pháp|QCN`, want: `
		2 Nông Văn An|1970|?|SO-TP|QCN
		3 Páo|1971|?|SO-TP|QCN
		4 Lê Thị Bình|1972|?|SO-TP|QCN`},
	{name: "the sheet's name in short, and a letter of another office in the title", sheet: "X. Quang Long", rows: `
		Phụ lục 1
		(Kèm theo Công văn số 12/UBND-VX ngày 05/01/2026 của UBND tỉnh)
		STT|Họ và tên|Năm sinh|Đối tượng
		1|Nông Văn An|1970|QCN`, want: `
		4 Nông Văn An|1970|?|X-QUANGLONG|QCN`},
	{name: "a letterhead in two lines", rows: `
		ỦY BAN NHÂN DÂN|||CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
		XÃ QUANG LONG|||Độc lập - Tự do - Hạnh phúc
		STT|Họ và tên|Nam|Nữ|Đối tượng
		1|Nông Văn An|1970||QCN
		2|Lê Thị Bình||2/3/1970|QCN`, want: `
		4 Nông Văn An|1970|nam|X-QUANGLONG|QCN
		5 Lê Thị Bình|1970-03-02|nữ|X-QUANGLONG|QCN`},
	{name: "sections in the office's column, with counts where names stand", rows: `
		TT|Đơn vị|Họ và tên|Năm sinh|Nhóm
		I|Sở Tư pháp|2||
		1||Nông Văn An|1970|QCN
		2||Lê Thị Bình|1971|QCN
		II|Sở Nội vụ|1||
		1||Hà Văn Chí|1971|QCN
		|Tổng cộng|3||`, want: `
		3 Nông Văn An|1970|?|SO-TP|QCN
		4 Lê Thị Bình|1971|?|SO-TP|QCN
		6 Hà Văn Chí|1971|?|SO-NV|QCN`},
	{name: "ticked groups without a heading over them, and English headings", rows: `
		No|Full name|Date of birth|Sex|QCN|TTTT|CT-XH|Organisation|National ID
		1|Nông Văn An|1970|M|x|||so tu phap|004070000001
		2|Lê Thị Bình|1971|F|x|x||So Noi vu|4171000001`, want: `
		2 Nông Văn An|1970|nam|SO-TP|QCN||004070000001
		3 Lê Thị Bình|1971|nữ|SO-NV|QCN+TTTT||004171000001`},
	{name: "nested sections and bodies of a district without its name", day: "2024-01-01", rows: `
		STT|Họ và tên|Năm sinh|Nhóm
		I|HUYỆN BẢO LÂM||
		1.|UBND huyện||
		|Nông Văn An|1970|QCN
		2.|Trung tâm Văn hóa và Truyền thông||
		|Lê Thị Bình|1971|TTTT
		3.|Hội Nông dân||
		|Hà Văn Chí|1972|TTTT
		II|HUYỆN BẢO LẠC||
		|Hà Văn Dương|1973|TTTT`, want: `
		4 Nông Văn An|1970|?|UBND-BAOLAM|QCN
		6 Lê Thị Bình|1971|?|TTVH-BAOLAM|TTTT
		8 !unknown_organisation
		10 !organisation_is_total`},
}
