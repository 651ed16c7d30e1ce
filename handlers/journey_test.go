package handlers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"taphuan/internal/testweb"
	"taphuan/models"
)

// The journeys of those whom the system is for, told as one story of one department, from the spreadsheet that it sends to a
// certificate that anybody can check. People go through pages only; all that is done for them is to make the first account,
// which `taphuan user add` does, and to let time pass.

const (
	department  = "Sở Văn hóa, Thể thao và Du lịch"
	classOne    = "Tập huấn kiến thức, kỹ năng truyền thông về quyền con người năm 2026, đợt 1"
	classTwo    = "Tập huấn kiến thức, kỹ năng truyền thông về quyền con người năm 2026, đợt 2"
	holder      = "Phan Thị Ánh Đào" // who gets a certificate
	holderPhone = "0980217008"
	lateOne     = "Nông Thị Kim Ảnh"
	absentOne   = "La Minh Quyết"
)

func TestTheStoryFromASpreadsheetToACertificateThatAnybodyCanCheck(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, site *testweb.Site, clock *clock) {
		s := &story{t: t, site: site, clock: clock}
		s.itIs("2026-11-24 08:00")
		s.theAdministratorSetsTheSystemUp()
		s.theCoordinatorImportsARoster()
		s.theCoordinatorOpensAClass()
		s.theHeadSeesWhoIsMissing()
		s.theCoordinatorEnrolsThoseWhoLackIt()
		s.itIs("2026-11-26 07:20")
		s.theTrainerMarksTheFirstSessionOnAPhone()
		s.itIs("2026-11-27 07:25")
		s.theTrainerMarksTheSecondSession()
		s.itIs("2026-11-27 14:00")
		s.theCoordinatorClosesTheClassAndIssuesCertificates()
		s.itIs("2026-11-28 09:00")
		s.theHeadSeesTheDifferenceDeclaresAndNominates()
		s.theCoordinatorApproves()
		s.theHeadPrintsSlips()
		s.theCadreDownloadsTheCertificate()
		s.anybodyChecksItAndTheCoordinatorRevokesIt()
	})
}

type story struct {
	t     *testing.T
	site  *testweb.Site
	clock *clock

	coordinator, head, trainer, cadre, public *testweb.Tab

	slips map[string]slip // by name of the person
	check string          // the path that the QR code on the certificate leads to
}

// slip is what stands on a printed slip.
type slip struct{ SignIn, Code string }

// itIs lets time pass until then, in Cao Bằng.
func (s *story) itIs(then string) {
	at, err := time.ParseInLocation("2006-01-02 15:04", then, models.Zone)
	if err != nil {
		s.t.Fatal(err)
	}
	s.clock.at.Store(at.UnixMicro())
}

// signsIn signs in at the page to which the site leads whoever is signed out.
func (s *story) signsIn(b *testweb.Tab, name, password string) {
	s.t.Helper()
	b.Go("/")
	b.Fill("Tên đăng nhập", name)
	b.Fill("Mật khẩu", password)
	b.Click("Đăng nhập")
	b.Sees("Chào ")
}

// usesSlip sets the first password with the code on a slip and is signed in.
func (s *story) usesSlip(b *testweb.Tab, x slip) {
	s.t.Helper()
	b.Go("/")
	b.Click("Có phiếu mã một lần?")
	b.Fill("Mã một lần", x.Code)
	b.Fill("Mật khẩu mới", newPassword)
	b.Fill("Nhập lại mật khẩu mới", newPassword)
	b.Click("Đặt mật khẩu và đăng nhập")
	b.Sees("Từ nay hãy đăng nhập bằng tên " + x.SignIn)
}

// readsSlip reads the printed slip of a person off the page.
func (s *story) readsSlip(b *testweb.Tab, person string) slip {
	s.t.Helper()
	b.Sees(person)
	return testweb.Eval[slip](b, `(() => {
		const own = [...document.querySelectorAll(".slip")].find((x) => x.querySelector("h2").innerText === `+"`"+person+"`"+`);
		const said = [...own.querySelectorAll("dd")].map((x) => x.innerText.trim());
		return { SignIn: said[0], Code: said[1] };
	})()`)
}

func (s *story) theAdministratorSetsTheSystemUp() {
	s.site.Account(s.t, testweb.Account{Name: "Hoàng Thị Quản", SignIn: "quan", Role: models.RoleAdministrator})
	b := testweb.Browse(s.t, s.site.URL)
	s.signsIn(b, "quan", testweb.Password)
	b.Click("Cài đặt")
	b.Sees("Chưa có địa chỉ công khai")
	b.Fill("Địa chỉ của hệ thống", s.site.URL)
	b.Check("Chỉ dùng trong mạng nội bộ")
	b.Fill("Cơ quan chủ quản", "Ủy ban nhân dân tỉnh Cao Bằng")
	b.Fill("Cơ quan cấp giấy chứng nhận", department)
	b.Click("Lưu cài đặt")
	b.Sees("Đã lưu cài đặt.")
	s.slips = map[string]slip{}
	for _, x := range []struct{ name, role string }{{"Nông Thị Điều", "Điều phối"}, {"Bế Văn Trưởng", "Thủ trưởng đơn vị"}, {"Lương Thế Giảng", "Giảng viên"}} {
		b.Click("Người dùng")
		b.Click("Thêm người dùng")
		b.Fill("Họ và tên", x.name)
		b.Check(x.role)
		if x.role == "Thủ trưởng đơn vị" {
			b.Fill("Cơ quan, đơn vị", "so van hoa")
			b.Press(kb.Enter)
		}
		b.Click("Tạo tài khoản")
		b.Sees("Đã tạo tài khoản", x.name, x.role)
		b.Click("Lập phiếu mã một lần")
		s.slips[x.name] = s.readsSlip(b, x.name)
		b.Look("journey-administrator-slip")
		b.Click("Quay lại")
	}
}

func (s *story) theCoordinatorImportsARoster() {
	b := testweb.Browse(s.t, s.site.URL)
	s.coordinator = b
	s.usesSlip(b, s.slips["Nông Thị Điều"])
	b.Look("journey-coordinator-first")
	b.Click("Nhập danh sách")
	b.Click("Nhập tệp mới")
	b.Upload("Tệp danh sách (.xlsx hoặc .xls)", rosterFile(s.t, "2026-so-vhttdl.xlsx"))
	b.Fill("Danh sách có hiệu lực từ ngày", "01/01/2026")
	b.Click("Tải tệp lên và xem trước")
	b.Sees("Ghi 32 dòng vào danh sách", "Hứa Đức Thắng", department)
	b.Click("Chưa nhận được")
	b.Sees("Số căn cước không đúng")
	b.Click("Ghi 32 dòng vào danh sách")
	b.Sees("Đã ghi xong danh sách")
	b.Click("Xem danh sách cán bộ")
	b.Sees("1–32 trên 32")
	b.Fill("Tìm theo tên", "phan anh dao")
	b.Press(kb.Enter)
	b.Sees(holder, "1–1 trên 1")
	b.Fill("Tìm theo tên", "dinh")
	b.Press(kb.Enter)
	b.Sees("Đinh Thị Ngọc Oanh")
	b.Lacks(holder)
	b.Click("Đinh Thị Ngọc Oanh")
	b.Sees("Quá trình công tác", "0977759906", department)
	b.Look("journey-cadre")
}

// opens makes a class with its sessions, each on a day from half past seven, gives it a trainer and opens it.
func (s *story) opens(title string, days ...string) {
	b := s.coordinator
	b.Click("Lớp tập huấn")
	b.Click("Thêm lớp")
	b.Fill("Tên lớp", title)
	b.Check("Hội nghị tập huấn")
	b.Fill("Cơ quan chủ trì", "so van hoa")
	b.Press(kb.Enter)
	b.Fill("Địa điểm tổ chức", "Hội trường UBND tỉnh, phường Thục Phán")
	b.Fill("Số chỗ", "40")
	b.Check("Cán bộ làm công tác quyền con người")
	b.Check("1.5. Công ước về Quyền Trẻ em")
	b.Check("1.2. ")
	b.Click("Lưu bản thảo")
	b.Sees("Đã lưu bản thảo", title)
	b.Click("Thêm buổi học")
	for i, day := range days {
		b.Fill("Ngày", day)
		b.Fill("Bắt đầu", "07:30")
		b.Fill("Kết thúc", "11:30")
		b.Fill("Phòng", "Hội trường A")
		if i < len(days)-1 {
			b.Click("Lưu và thêm buổi nữa")
		} else {
			b.Click("Lưu buổi học")
		}
		b.Sees("Đã lưu buổi học.")
	}
	b.Fill("Phân công thêm", "Lương Thế Giảng")
	b.Click("Phân công")
	b.Sees("Đã phân công.")
	b.Click("Mở ghi danh")
	b.Sees("Đã mở lớp.", "Đang ghi danh")
}

func (s *story) theCoordinatorOpensAClass() {
	s.opens(classOne, "26/11/2026", "27/11/2026")
	s.coordinator.Look("journey-class-open")
}

func (s *story) theHeadSeesWhoIsMissing() {
	b := testweb.Browse(s.t, s.site.URL)
	s.head = b
	s.usesSlip(b, s.slips["Bế Văn Trưởng"])
	b.Sees(department, "0 trên 7, còn thiếu 7 người", "0 trên 32, còn thiếu 32 người")
	b.Look("journey-head-before")
}

func (s *story) theCoordinatorEnrolsThoseWhoLackIt() {
	b := s.coordinator
	b.Click("Ai nên dự")
	b.Sees("Tìm thấy 7 người.", holder, lateOne, absentOne)
	b.Look("journey-enrol")
	b.Click("Ghi danh cả 7 người")
	b.Sees("7 người có chỗ.", "7 trên 40")
	b.Look("journey-enrolled")
}

func (s *story) theTrainerMarksTheFirstSessionOnAPhone() {
	b := testweb.Browse(s.t, s.site.URL)
	s.trainer = b
	b.Phone()
	s.usesSlip(b, s.slips["Lương Thế Giảng"])
	b.Sees("Buổi lên lớp", classOne, "7 người ghi danh", "Đang diễn ra hoặc sắp bắt đầu")
	b.Look("journey-trainer-first")
	b.Phone()
	b.Click("Điểm danh")
	b.Sees("Điểm danh: buổi sáng 26/11", "0 / 7")
	b.Click("Tất cả có mặt")
	b.Sees("7 / 7", "Đã lưu")
	b.ClickIn(lateOne, "Khác")
	b.Click("Đi muộn")
	b.Sees("7 / 7", "Đã lưu")
	// The hall loses its reception; the list goes on.
	b.Offline(true)
	b.ClickIn(absentOne, "Khác")
	b.Click("Vắng không phép")
	b.Sees("6 / 7", "Mất kết nối · 1 chưa gửi")
	b.Look("journey-trainer-offline")
	b.Phone()
	b.Offline(false)
	b.Sees("6 / 7", "Đã lưu")
	// What the server has is what the phone showed.
	b.Go(b.Path())
	b.Sees("6 / 7", "0 người chưa ghi")
	for name, mark := range map[string]string{lateOne: "Đi muộn", absentOne: "Vắng không phép", holder: "Có mặt"} {
		if got := testweb.Eval[string](b, "region("+"`"+name+"`"+").querySelector('[data-att-word]').innerText"); got != mark {
			s.t.Errorf("%s is marked %q, want %q", name, got, mark)
		}
	}
	b.Look("journey-trainer-marked")
	b.Phone()
}

func (s *story) theTrainerMarksTheSecondSession() {
	b := s.trainer
	s.signsIn(b, s.slips["Lương Thế Giảng"].SignIn, newPassword)
	b.Click("Điểm danh")
	b.Sees("Điểm danh: buổi sáng 27/11", "0 / 7")
	b.Click("Tất cả có mặt")
	b.Sees("7 / 7", "Đã lưu")
}

func (s *story) theCoordinatorClosesTheClassAndIssuesCertificates() {
	b := s.coordinator
	s.signsIn(b, s.slips["Nông Thị Điều"].SignIn, newPassword)
	b.Sees("Lớp đã học xong, chờ kết thúc", classOne)
	b.Look("journey-to-close")
	b.Click("Kết thúc lớp")
	b.Sees("Thiếu thời gian tham dự (1)", absentOne, "240 trên 480 phút", "Hoàn thành (6)")
	b.Look("journey-closing")
	b.Click("Kết thúc lớp và ghi kết quả")
	b.Sees("Đã kết thúc lớp.")
	b.Look("journey-closed")
	b.Click("Giấy chứng nhận của lớp")
	// Nobody has said yet who issues and who signs.
	b.Sees("Chưa có người ký nào đang có hiệu lực.")
	b.Look("journey-no-signatory")
	b.Click("Cơ quan cấp và người ký")
	b.Fill("Cơ quan, đơn vị", "so van hoa")
	b.Press(kb.Enter)
	if got := b.Value("Tên cơ quan trên giấy"); got != department {
		s.t.Errorf("the name of the issuer is %q before anybody wrote it", got) // the settings know it
	}
	b.Fill("Nơi cấp", "Cao Bằng")
	b.Fill("Ký hiệu sổ", "GCN-QCN")
	b.Click("Lưu")
	b.Sees("Đã lưu cơ quan cấp.")
	b.Fill("Họ và tên", "Triệu Thị Kiều Dung")
	b.Fill("Chức danh của người ký", "Phó Giám đốc")
	b.Fill("Hình thức ký", "KT.")
	b.Fill("Ký thay cho", "Giám đốc")
	b.Click("Thêm người ký")
	b.Sees("Đã thêm người ký.", "Triệu Thị Kiều Dung")
	b.Look("journey-issuers")
	b.Click("Tiếp tục")
	// Five days have not passed since they got their seats; they signed for their names on the sheet.
	b.Sees("6 người chưa cấp được", "Cấp được từ ngày")
	b.Click("Đã kiểm trên danh sách ký")
	b.ClickAt("[data-select-all]")
	b.Look("journey-names")
	b.Click("Đã kiểm trên danh sách ký")
	b.Sees("Đã ghi 7 người.")
	b.Click("2026-001")
	b.Click("Giấy chứng nhận của lớp")
	b.Fill("Người ký", "Triệu Thị Kiều Dung")
	b.Click("Cấp 6 giấy chứng nhận")
	b.Sees("Đã cấp 6 giấy chứng nhận.", "0001/2026/GCN-QCN", "0006/2026/GCN-QCN", holder)
	b.Lacks(absentOne)
	b.Look("journey-issued")
	s.opens(classTwo, "10/12/2026")
}

func (s *story) theHeadSeesTheDifferenceDeclaresAndNominates() {
	b := s.head
	s.signsIn(b, s.slips["Bế Văn Trưởng"].SignIn, newPassword)
	b.Sees("6 trên 7, còn thiếu 1 người", "85,7 %", "6 trên 32, còn thiếu 26 người", "18,7 %", absentOne)
	b.Look("journey-head-after")
	b.Click("Xem tỷ lệ bao phủ")
	b.Fill("Tính đến ngày", "26/11/2026") // before the last day of the class
	b.Press(kb.Enter)
	b.Sees("tính đến hết ngày 26/11/2026", "0 trên 7, còn thiếu 7 người", "0 trên 32, còn thiếu 32 người")
	b.Look("journey-coverage-before")
	b.Fill("Tính đến ngày", "27/11/2026") // the last day
	b.Press(kb.Enter)
	b.Sees("tính đến hết ngày 27/11/2026", "6 trên 7, còn thiếu 1 người", "85,7 %", "chưa đạt chỉ tiêu 100")
	b.Look("journey-coverage-after")
	// The office has nine such posts, two of them not filled by name.
	b.Click("Cơ quan, đơn vị")
	b.Click(department)
	b.Click("Khai số người")
	b.Check("Cán bộ làm công tác quyền con người")
	b.Fill("Số người", "9")
	b.Fill("Áp dụng từ ngày", "28/11/2026")
	b.Click("Lưu số khai")
	b.Sees("Đã ghi số khai.")
	b.Look("journey-declared")
	b.Click("Xem tỷ lệ bao phủ")
	b.Sees("6 trên 9, còn thiếu 3 người", "66,6 %")
	b.ClickIn("6 trên 9", "Xem tên 1 người còn thiếu")
	b.Sees(absentOne, "Đã khai, chưa có tên", classTwo)
	b.Look("journey-missing")
	b.ClickIn(classTwo, "Đưa người còn thiếu vào lớp")
	b.Sees("Cử cán bộ tham dự", absentOne)
	b.Look("journey-nominate")
	tick(b, absentOne)
	b.Click("Cử người đã chọn")
	b.Sees("Đã cử 1 người, chờ duyệt.")
}

func (s *story) theCoordinatorApproves() {
	b := s.coordinator
	s.signsIn(b, s.slips["Nông Thị Điều"].SignIn, newPassword)
	b.Click("Duyệt 1 người")
	b.Sees(absentOne, "Bế Văn Trưởng", classTwo)
	tick(b, absentOne)
	b.Look("journey-approve")
	b.Click("Duyệt người đã chọn")
	b.Sees("1 người có chỗ.")
	s.head.Click("Cử tham dự")
	s.head.Sees(absentOne, "Có chỗ")
	s.head.Look("journey-nominated")
}

func (s *story) theHeadPrintsSlips() {
	b := s.head
	b.Click("Phiếu đăng nhập")
	b.Click(department)
	b.Sees(holder, "Chưa có tài khoản", "32 người được chọn")
	b.Look("journey-slips")
	b.Click("Lập và in phiếu")
	s.slips[holder] = s.readsSlip(b, holder)
	b.Look("journey-slips-printed")
}

func (s *story) theCadreDownloadsTheCertificate() {
	b := testweb.Browse(s.t, s.site.URL)
	s.cadre = b
	b.Phone()
	if x := s.slips[holder]; x.SignIn != holderPhone {
		s.t.Errorf("the slip says to sign in as %q", x.SignIn)
	}
	s.usesSlip(b, s.slips[holder])
	b.Look("journey-cadre-first")
	b.Click("Đăng xuất")
	s.signsIn(b, "0980 217 008", newPassword) // as people write such numbers
	b.Phone()
	b.Click("Xem tất cả")
	b.Sees("Giấy chứng nhận", classOne, "Còn giá trị")
	b.Look("journey-my")
	pdf, kind := b.Download("Tải PDF")
	if kind != "application/pdf" {
		s.t.Errorf("the certificate is of type %q", kind)
	}
	file := filepath.Join(s.t.TempDir(), "giay.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		s.t.Fatal(err)
	}
	text := strings.Join(strings.Fields(s.run("pdftotext", "-raw", file, "-")), " ")
	for _, want := range []string{"GIẤY CHỨNG NHẬN", holder, classOne, "/2026/GCN-QCN", "KT. GIÁM ĐỐC", "Triệu Thị Kiều Dung"} {
		if !strings.Contains(text, want) {
			s.t.Errorf("the certificate does not say %q, but: %s", want, text)
		}
	}
	s.run("pdftoppm", "-r", "100", "-png", "-singlefile", file, strings.TrimSuffix(file, ".pdf"))
	code := strings.TrimSpace(s.run("zbarimg", "-q", "--raw", strings.TrimSuffix(file, ".pdf")+".png"))
	path, ok := strings.CutPrefix(code, s.site.URL)
	if !ok {
		s.t.Fatalf("the QR code leads to %q", code)
	}
	s.check = path
}

func (s *story) anybodyChecksItAndTheCoordinatorRevokesIt() {
	b := testweb.Browse(s.t, s.site.URL)
	s.public = b
	b.Phone()
	b.Go(s.check)
	b.Sees("Giấy chứng nhận còn giá trị", holder, classOne, department)
	b.Lacks("Đăng xuất")
	b.Look("journey-public-valid")
	c := s.coordinator
	c.Click("Giấy chứng nhận")
	c.ClickIn(holder, "/2026/GCN-QCN")
	c.Fill("Lý do", "Cấp nhầm người dự thay")
	c.Look("journey-revoke")
	c.Click("Thu hồi")
	c.Sees("Đã thu hồi giấy chứng nhận.", "Cấp nhầm người dự thay")
	b.Go("/v/") // the same address with a "#" would not be asked for again
	b.Go(s.check)
	b.Sees("Giấy chứng nhận đã bị thu hồi", "Thu hồi ngày 28/11/2026. Lý do: Cấp nhầm người dự thay", holder)
	b.Lacks("Giấy chứng nhận còn giá trị")
	b.Look("journey-public-revoked")
}

// run runs a program that reads what the system made, and gives its output.
func (s *story) run(program string, args ...string) string {
	s.t.Helper()
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		s.t.Fatalf("%s: %v", program, err)
	}
	return string(out)
}
