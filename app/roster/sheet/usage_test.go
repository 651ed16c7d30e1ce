package sheet

import (
	"errors"
	"strings"
	"testing"

	"taphuan/app/errs"
)

// TestUsagesOfOffices holds the reader to single usages that rosters of many offices showed to be misread.
func TestUsagesOfOffices(t *testing.T) {
	t.Parallel()
	for _, s := range usages {
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

var usages = []scene{
	{name: "an address is no organisation, whatever it names", sheet: "Sở Tư pháp", rows: `
		STT|Họ và tên|Ngày sinh|Nơi ở hiện nay|Nhóm
		1|Nông An|1/1/1980|Phường Thục Phán|QCN
		2|Lê Bình|1/1/1981|Xã Hòa An|QCN`, want: `
		2 Nông An|1980-01-01|?|SO-TP|QCN
		3 Lê Bình|1981-01-01|?|SO-TP|QCN`},
	{name: "where somebody was before does not count, what is new does", rows: `
		STT|Họ và tên|Năm sinh|Đơn vị công tác cũ|Chức vụ trước sắp xếp|Đơn vị công tác|Chức vụ|Đơn vị mới|Chức vụ mới|Nhóm
		1|Nông An|1980|UBND huyện Bảo Lâm|Chuyên viên|Sở Y tế|Kế toán|Sở Tư pháp|Trưởng phòng|QCN`, want: `
		2 Nông An|1980|?|SO-TP|QCN|Trưởng phòng`},
	{name: "parts of an organisation under its line, counted in many ways", rows: `
		STT|Họ và tên|Năm sinh|Nhóm
		I|Sở Tư pháp (Tổng số: 3 người)
		|Ban Thường trực
		1|Nông An|1980|QCN
		|* Các phòng chuyên môn: 01 người
		2|Lê Bình|1981|QCN
		|Công chức, viên chức - 01 đồng chí
		3|Vi Chi|1982|QCN
		II|Sở Y tế: gồm 01 đ/c
		4|Bế Dung|1983|QCN`, want: `
		4 Nông An|1980|?|SO-TP|QCN
		6 Lê Bình|1981|?|SO-TP|QCN
		8 Vi Chi|1982|?|SO-TP|QCN
		10 Bế Dung|1983|?|SO-YT|QCN`},
	{name: "a body of the province is no part of the office above it", rows: `
		STT|Họ và tên|Năm sinh|Nhóm
		I|Sở Tư pháp
		1|Nông An|1980|QCN
		II|Thanh tra tỉnh
		2|Lê Bình|1981|QCN
		III|Văn phòng Tỉnh ủy
		3|Vi Chi|1982|QCN`, want: `
		3 Nông An|1980|?|SO-TP|QCN
		5 !unknown_organisation
		7 !unknown_organisation`},
	{name: "groups within offices and offices within groups, numbered or not", rows: `
		STT|Họ và tên|Năm sinh
		1|Sở Tư pháp
		|1. Nhân quyền
		1|Nông An|1980
		|2. Quản lý thông tin truyền thông
		2|Lê Bình|1981
		2|Sở Y tế
		|* QCN: 01 người
		3|Vi Chi|1982
		|* TTTT - 01 đồng chí
		4|Bế Dung|1983`, want: `
		4 Nông An|1980|?|SO-TP|QCN
		6 Lê Bình|1981|?|SO-TP|TTTT
		9 Vi Chi|1982|?|SO-YT|QCN
		11 Bế Dung|1983|?|SO-YT|TTTT`},
	{name: "a line that reads as a signature, with people below it", rows: `
		STT|Họ và tên|Năm sinh|Nhóm
		I|Sở Tư pháp
		|Lãnh đạo đơn vị
		1|Nông An|1980|QCN
		|Lãnh đạo đơn vị
		II|Sở Y tế
		2|Lê Bình|1981|QCN
		|GIÁM ĐỐC
		|Vi Văn Chi`, want: `
		4 Nông An|1980|?|SO-TP|QCN
		7 Lê Bình|1981|?|SO-YT|QCN`},
	{name: "a commune in short, numbered in a cell of its own", rows: `
		STT|Họ và tên|Năm sinh|Nhóm
		1.|X. HUY GIÁP (01 người)
		1|Nông An|1980|QCN`, want: `
		3 Nông An|1980|?|X-HUYGIAP|QCN`},
	{name: "lines of offices with counts or a telephone beside them", rows: `
		STT|Họ và tên|Chức vụ|QCN|TTTT|Điện thoại
		I|Sở Tư pháp||2|1|02063852123
		1|Nông An|Giám đốc|x||0912345678
		|Văn thư||||02063852124
		II|Hội Cựu chiến binh tỉnh||1|1
		2|Lê Bình|Chủ tịch||x|0912345679`, want: `
		3 Nông An||?|SO-TP|QCN|Giám đốc
		6 Lê Bình||?|HCCB|TTTT|Chủ tịch`},
	{name: "a cell for the name that holds an office names nobody", rows: `
		STT|Họ và tên|Năm sinh|Đơn vị|Nhóm
		1|Hội Nông dân tỉnh||Sở Tư pháp|QCN
		2|Đoàn Văn Cộng|1980|Sở Tư pháp|QCN
		3|Tổng Vi Hoa|||`, want: `
		2 !missing_name B
		3 Đoàn Văn Cộng|1980|?|SO-TP|QCN
		4 !unknown_organisation D`},
	{name: "a cell of a part only, under the line or the letterhead of its office", rows: `
		SỞ Y TẾ
		STT|Họ và tên|Năm sinh|Đơn vị|Nhóm
		1|Nông An|1980|Phòng Tổng hợp|QCN
		2|Lê Bình|1981|Phòng Nội vụ TP|QCN
		I|Sở Tư pháp
		3|Vi Chi|1982|Phòng Nghiệp vụ|QCN
		4|Bế Dung|1983|Sở Nội vụ|QCN`, want: `
		3 Nông An|1980|?|SO-YT|QCN
		4 !unknown_organisation D
		6 Vi Chi|1982|?|SO-TP|QCN
		7 Bế Dung|1983|?|SO-NV|QCN`},
	{name: "remarks and parts behind an organisation, and a bare commune", rows: `
		STT|Họ và tên|Năm sinh|Đơn vị|Nhóm
		1|Nông An|1980|Sở Y tế (cơ quan thường trực)|QCN
		2|Lê Bình|1981|Sở Văn hóa, Thể thao và Du lịch/Phòng Nghiệp vụ|QCN
		3|Vi Chi|1982|Sở Văn hóa, Thể thao và Du lịch - Văn phòng|QCN
		4|Bế Dung|1983|Hội Luật gia (Sở Tư pháp)|QCN
		5|Lý Giang|1984|Quang Trung|QCN`, want: `
		2 Nông An|1980|?|SO-YT|QCN
		3 Lê Bình|1981|?|SO-VHTTDL|QCN
		4 Vi Chi|1982|?|SO-VHTTDL|QCN
		5 !unknown_organisation D
		6 Lý Giang|1984|?|X-QUANGTRUNG|QCN`},
	{name: "the sheet goes by the bare name of a commune", sheet: "QUANG LONG", rows: `
		STT|Họ và tên|Năm sinh|Nhóm
		1|Nông An|1980|QCN`, want: `
		2 Nông An|1980|?|X-QUANGLONG|QCN`},
	{name: "initials that read as syllables, pairs of letters, ambiguous ones", rows: `
		STT|Họ và tên|Năm sinh|Đơn vị|Nhóm
		1|Nông An|1980|Sở YT|QCN
		2|Lê Bình|1981|Sở NgV|QCN
		3|Vi Chi|1982|Sở NV|QCN
		4|Bế Dung|1983|BĐBP tỉnh|QCN
		5|Lý Giang|1984|Hội Phụ nữ tỉnh|QCN`, want: `
		2 Nông An|1980|?|SO-YT|QCN
		3 Lê Bình|1981|?|SO-NGV|QCN
		4 !unknown_organisation D
		5 Bế Dung|1983|?|BDBP|QCN
		6 Lý Giang|1984|?|HLHPN|QCN`},
	{name: "an office without tones behind a title with them", rows: `
		STT|Họ và tên|Năm sinh|Chức vụ, đơn vị|Nhóm
		1|Nông An|1980|Thư ký So Giao duc va Dao tao|QCN`, want: `
		2 Nông An|1980|?|SO-GDDT|QCN|Thư ký`},
	{name: "sex in the heading of the birth date", rows: `
		STT|Họ và tên|Năm sinh (Nam)|Năm sinh nữ|Đơn vị|Nhóm
		1|Nông An|1/1/1980||Sở Tư pháp|QCN
		2|Lê Bình||1981|Sở Tư pháp|QCN`, want: `
		2 Nông An|1980-01-01|nam|SO-TP|QCN
		3 Lê Bình|1981|nữ|SO-TP|QCN`},
	{name: "three rows of headings, the middle one with one cell", merges: "D1:E1 D2:E2", rows: `
		STT|Họ và tên|Đơn vị|Thông tin cán bộ||Nhóm
		|||Ngày tháng năm sinh
		|||Nam|Nữ
		1|Nông An|Sở Tư pháp|1/1/1980||QCN`, want: `
		4 Nông An|1980-01-01|nam|SO-TP|QCN`},
	{name: "three rows of headings over the name", merges: "A1:A3 B1:C1 B2:C2 D1:D3 E1:E3", rows: `
		STT|Thông tin cán bộ||Đơn vị|Nhóm
		|Họ và tên
		|Họ đệm|Tên
		1|Nông Văn|An|Sở Tư pháp|QCN`, want: `
		4 Nông Văn An||?|SO-TP|QCN`},
	{name: "headings of the office's own below one that is known", merges: "C1:D1", rows: `
		STT|Họ và tên|Chức vụ||Năm sinh|Đơn vị|Nhóm
		||Đảng|Chính quyền
		1|Nông An|Bí thư chi bộ|Trưởng phòng|1980|Sở Tư pháp|QCN`, want: `
		3 Nông An|1980|?|SO-TP|QCN|Trưởng phòng`},
	{name: "a heading of two rows once more on the next page, ticks on that page only", merges: "D1:E1 D5:E5", rows: `
		TT|Tên cán bộ|Năm sinh|Diện||Đơn vị
		|||QCN|Quản lý thông tin, truyền thông
		1|Nông An|1980|x||Sở Tư pháp
		2|Lê Bình|1981|||Sở Tư pháp
		TT|Tên cán bộ|Năm sinh|Diện||Đơn vị
		|||QCN|Quản lý thông tin, truyền thông
		3|Vi Chi|1982||x|Sở Tư pháp`, want: `
		3 Nông An|1980|?|SO-TP|QCN
		4 Lê Bình|1981|?|SO-TP
		7 Vi Chi|1982|?|SO-TP|TTTT`},
	{name: "a second table under a title of its own, without any Họ in its heading", rows: `
		DANH SÁCH CÁN BỘ SỞ TƯ PHÁP
		STT|Họ và tên|Năm sinh|Nhóm
		1|Nông An|1980|QCN
		Danh sách cán bộ thuộc Sở Y tế
		Số TT|Tên cán bộ|Nhóm|Năm sinh
		1|Lê Bình|QCN|1981`, want: `
		3 Nông An|1980|?|SO-TP|QCN
		6 Lê Bình|1981|?|SO-YT|QCN`},
	{name: "an office that a title only mentions", rows: `
		DANH SÁCH CÁN BỘ GỬI SỞ TƯ PHÁP
		STT|Họ và tên|Năm sinh|Nhóm
		1|Nông An|1980|QCN`, want: `
		3 !unknown_organisation`},
	{name: "a body that nobody knows below the letterhead of its superior", rows: `
		SỞ Y TẾ
		TRUNG TÂM KIỂM SOÁT BỆNH TẬT
		STT|Họ và tên|Năm sinh|Nhóm
		1|Nông An|1980|QCN`, want: `
		4 !unknown_organisation`},
	{name: "name and title on two lines of a cell, one person and a total", rows: `
		STT|Họ và tên, chức vụ||Năm sinh|Đơn vị|Nhóm
		1|Đ/c Nông An\nTrưởng phòng||1980|Sở Tư pháp|QCN
		|Tổng cộng|1 người|1`, want: `
		2 Nông An|1980|?|SO-TP|QCN|Trưởng phòng`},
	{name: "office and group in one title, before what the list is for", rows: `
		PHỤ LỤC 2: DANH SÁCH CÁN BỘ QUẢN LÝ THÔNG TIN, TRUYỀN THÔNG CỦA SỞ Y TẾ THAM GIA TẬP HUẤN NĂM 2026
		STT|Họ và tên|Năm sinh
		1|Nông An|1980
		DANH SÁCH CÁN BỘ SỞ TƯ PHÁP THAM GIA LỚP TẬP HUẤN TRUYỀN THÔNG VỀ QUYỀN CON NGƯỜI CỦA SỞ NỘI VỤ
		STT|Họ và tên|Năm sinh
		1|Lê Bình|1981`, want: `
		3 Nông An|1980|?|SO-YT|TTTT
		6 Lê Bình|1981|?|SO-TP`},
	{name: "a heading that reads as a group over the offices themselves", rows: `
		STT|Họ và tên|Năm sinh|Tổ chức chính trị - xã hội|Đối tượng
		1|Nông An|1980|Hội Nông dân tỉnh|CTXH`, want: `
		2 Nông An|1980|?|HND|CTXH`},
	{name: "the office first and the title behind it, or no title", rows: `
		STT|Họ và tên|Năm sinh|Chức vụ, đơn vị|Nhóm
		1|Nông An|1980|Sở Y tế, Phó Giám đốc|QCN
		2|Lê Bình|1981|Sở Văn hóa, Thể thao và Du lịch|QCN`, want: `
		2 Nông An|1980|?|SO-YT|QCN|Phó Giám đốc
		3 Lê Bình|1981|?|SO-VHTTDL|QCN`},
	{name: "a post or a rank beside the name, numbers before it, nobody yet", rows: `
		STT|Họ và tên|Năm sinh|Đơn vị|Nhóm
		1|Nông An - Trưởng phòng|1980|Sở Y tế|QCN
		2|1. Lê Bình (Phó Giám đốc)|1981|Sở Y tế|QCN
		3|Thượng tá Vi Chi|1982|Công an tỉnh|QCN
		4|Bác sĩ Bế Dung|1983|Sở Y tế|QCN
		5|Kpă H-Lan|1984|Sở Y tế|QCN
		6|Chưa có|1985|Sở Y tế|QCN`, want: `
		2 Nông An|1980|?|SO-YT|QCN|Trưởng phòng
		3 Lê Bình|1981|?|SO-YT|QCN|Phó Giám đốc
		4 Vi Chi|1982|?|CA-TINH|QCN
		5 Bế Dung|1983|?|SO-YT|QCN
		6 Kpă H-Lan|1984|?|SO-YT|QCN
		7 !missing_name B`},
	{name: "telephones of the police, for Zalo, and two addresses", rows: `
		STT|Họ và tên|Năm sinh|Đơn vị|Nhóm|Điện thoại|Email
		1|Nông An|1980|Công an tỉnh|QCN|069.2569123|a@b.vn c@d.vn
		2|Lê Bình|1981|Sở Y tế|QCN|0912 345 678 (Zalo)|a @b.vn
		3|Vi Chi|1982|Sở Y tế|QCN|0912345678/Zalo`, want: `
		2 Nông An|1980|?|CA-TINH|QCN
		3 !invalid_email G
		4 Vi Chi|1982|?|SO-YT|QCN`},
	{name: "degrees without a full stop, signs that point to notes, dates of issue, two telephones", rows: `
		STT|Họ và tên|Năm sinh|Số CCCD, ngày cấp|Đơn vị|Nhóm|Điện thoại
		1|ThS Nông An (*)|1980|004080000001 - 12/3/2021|Sở Tư pháp|QCN|0912345678 hoặc 0868123456
		2|BS.CKI Lê Bình|1981|004081000002; 12/3/2021|Sở Tư pháp|QCN|0912345679 - 0868123457
		3|ThS, Vi Chi|1982|004082000003 (12/3/2021)|Sở Tư pháp|QCN`, want: `
		2 Nông An|1980|?|SO-TP|QCN||004080000001
		3 Lê Bình|1981|?|SO-TP|QCN||004081000002
		4 Vi Chi|1982|?|SO-TP|QCN||004082000003`},
}

// TestListsThatAreNoRosters proves that lists of something else than who people are give nobody.
func TestListsThatAreNoRosters(t *testing.T) {
	t.Parallel()
	for _, s := range []scene{
		{name: "attendance by days", rows: `
			SỞ TƯ PHÁP
			STT|Họ và tên|Chức vụ|1|2|3|4|Tổng công
			1|Nông An|Kế toán|x|x|P|x|3
			2|Lê Bình|Văn thư|x|x|x|x|4`},
		{name: "attendance of a class", rows: `
			STT|Họ và tên|Đơn vị|Sáng 12/3|Chiều 12/3|Ký tên
			1|Nông An|Sở Tư pháp|x|x
			2|Lê Bình|Sở Y tế|x|v`},
		{name: "a payment", rows: `
			STT|Họ và tên|Đơn vị|Số buổi|Mức chi|Ký nhận
			1|Nông An|Sở Tư pháp|2|500000
			2|Lê Bình|Sở Y tế|1|500000`},
		{name: "a budget", rows: `
			STT|Nội dung|Đơn vị tính|Số lượng|Đơn giá
			1|Thuê hội trường|buổi|2|2000000`},
		{name: "courses", rows: `
			STT|Tên lớp|Đối tượng|Thời gian|Địa điểm
			1|Tập huấn kỹ năng|TTTT|15/4/2026|Sở Y tế`},
		{name: "offices and their heads", rows: `
			STT|Tên đơn vị|Thủ trưởng|Điện thoại
			1|Sở Tư pháp|Nông An|02063852123`},
		{name: "headcounts", rows: `
			STT|Đơn vị|QCN|TTTT|Tổng
			1|Sở Tư pháp|3|2|5`},
		{name: "children of cadres", rows: `
			STT|Họ tên con|Ngày sinh|Họ tên bố/mẹ|Đơn vị
			1|Nông Bảo An|12/3/2018|Nông Văn Hùng|Sở Tư pháp`},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.rows = strings.ReplaceAll(s.rows, "\t", "")
			res, err := s.read(t)
			var e *errs.Error
			if !errors.As(err, &e) || e.Code != "table_not_understood" || res != nil {
				t.Errorf("%v, want table_not_understood", err)
			}
		})
	}
}
