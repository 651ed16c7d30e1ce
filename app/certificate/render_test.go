package certificate

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"taphuan/app/errs"
)

func sample() Snapshot {
	return Snapshot{Version: 1, Serial: "0042/2026/GCN-QCN", Code: "K7WM4PQZ9TXC2HRB", VerifyURL: "https://taphuan.caobang.gov.vn/v/K7WM4PQZ9TXC2HRB",
		Superior: "Ủy ban nhân dân tỉnh Cao Bằng", Issuer: "Sở Văn hóa, Thể thao và Du lịch", Place: "Cao Bằng", Name: "Nông Thị Thanh Huyền", Sex: "female",
		Born: "1980-05-04", Title: "Phó Trưởng phòng", Organisation: "Ủy ban nhân dân xã Trùng Khánh", CourseType: "Hội nghị tập huấn",
		CourseTitle: "Tập huấn kiến thức, kỹ năng truyền thông về quyền con người năm 2026", From: "2026-11-10", To: "2026-11-12", Minutes: 960,
		Venue: "Hội trường Ủy ban nhân dân xã Trùng Khánh", IssuedDay: "2026-11-24", IssuedAt: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC),
		SignForm: "KT.", SignFor: "Giám đốc", SignTitle: "Phó Giám đốc", SignName: "Hoàng Văn Thạch"}
}

// longest is a certificate with the longest of everything: a name of 60 letters, a title of 300.
func longest() Snapshot {
	s := sample()
	s.Name = "Công Tằng Tôn Nữ Nguyễn Phước Huyền Trân Ngọc Bảo Phương Qué"
	s.CourseTitle = "Bồi dưỡng kiến thức pháp luật quốc tế về quyền con người, kỹ năng truyền thông, xử lý thông tin sai lệch, tin giả, tin xấu độc trên không gian mạng và " +
		"kỹ năng cung cấp thông tin cho báo chí về công tác quyền con người dành cho cán bộ chủ chốt của các tổ chức chính trị - xã hội cấp tỉnh và xã 2026 -2"
	s.Sex, s.Superior = "", "Ủy ban nhân dân tỉnh Cao Bằng và Ban Chỉ đạo về Nhân quyền tỉnh Cao Bằng giai đoạn 2023 - 2028"
	s.Issuer = "Ủy ban Mặt trận Tổ quốc Việt Nam và các tổ chức chính trị - xã hội thành phố Cao Bằng"
	s.Organisation = "Ủy ban Mặt trận Tổ quốc Việt Nam và các tổ chức chính trị - xã hội thành phố Cao Bằng, phường Thục Phán"
	s.Title = "Phó Chủ tịch Thường trực kiêm Trưởng Ban Tuyên giáo và Phong trào thi đua yêu nước"
	s.Venue = "Trung tâm Hội nghị tỉnh Cao Bằng, số 1 đường Hoàng Đình Giong, phường Thục Phán, tỉnh Cao Bằng"
	s.SignTitle, s.SignFor = "Phó Chủ tịch Thường trực phụ trách công tác tuyên truyền và quan hệ đối ngoại", "Chủ tịch Ủy ban Mặt trận Tổ quốc Việt Nam thành phố"
	s.VerifyURL = "https://tap-huan-quyen-con-nguoi.sovanhoathethaodulich.caobang.gov.vn/v/" + s.Code
	return s
}

func shortest() Snapshot {
	s := sample()
	s.Superior, s.Born, s.Title, s.Venue, s.SignForm, s.SignFor = "", "", "", "", "", ""
	s.Name, s.CourseTitle, s.To = "An", "X", s.From
	return s
}

func TestNothingLeavesThePageAndNoLinesOverlapHoweverLongTheText(t *testing.T) {
	t.Parallel()
	if n := len([]rune(longest().Name)); n != 60 {
		t.Fatalf("the longest name has %d letters", n)
	}
	if n := len([]rune(longest().CourseTitle)); n != 300 {
		t.Fatalf("the longest title has %d letters", n)
	}
	for name, s := range map[string]Snapshot{"usual": sample(), "longest": longest(), "shortest": shortest()} {
		d := draw(s)
		if _, err := d.Bytes(); err != nil {
			t.Fatal(name, err)
		}
		all := ""
		for i, a := range d.Boxes {
			all += a.Text + " "
			if a.X0 < 52 || a.X1 > d.W-52 || a.Y0 < 48 || a.Y1 > d.H-48 {
				t.Errorf("%s: %q stands outside the frame: %+v", name, a.Text, a)
			}
			for _, b := range d.Boxes[i+1:] {
				// Lines may touch by the room that descenders leave.
				if a.X0 < b.X1 && b.X0 < a.X1 && a.Y0+3 < b.Y1 && b.Y0+3 < a.Y1 {
					t.Errorf("%s: %q overlaps %q", name, a.Text, b.Text)
				}
			}
		}
		for _, want := range []string{s.Name, s.CourseTitle, s.Serial, s.SignName} {
			if !strings.Contains(all, want) {
				t.Errorf("%s: %q is not on the page", name, want)
			}
		}
	}
}

func TestOtherProgramsReadWhatTheCertificateSays(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]Snapshot{"usual": sample(), "longest": longest()} {
		b, err := Render(s)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 60<<10 {
			t.Errorf("%s: %d bytes", name, len(b))
		}
		file := filepath.Join(t.TempDir(), "c.pdf")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("qpdf", "--check", file).CombinedOutput(); err != nil {
			t.Errorf("%s: qpdf: %v\n%s", name, err, out)
		}
		fonts, err := exec.Command("pdffonts", file).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range strings.Split(strings.TrimSpace(string(fonts)), "\n")[2:] {
			if f := strings.Fields(l); len(f) < 7 || f[4] != "yes" || f[5] != "yes" {
				t.Errorf("%s: a font that is not embedded as a subset: %s", name, l)
			}
		}
		text, err := exec.Command("pdftotext", "-raw", file, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(strings.Fields(string(text)), " ")
		at := 0
		for _, want := range []string{"GIẤY CHỨNG NHẬN", "chứng nhận", s.Name, "hội nghị tập huấn", s.CourseTitle, "16 giờ", s.Serial, "K7WM-4PQZ-9TXC-2HRB", "ngày 24 tháng 11 năm 2026", s.SignName} {
			i := strings.Index(got[at:], want)
			if i < 0 {
				t.Errorf("%s: %q is missing or out of reading order in: %s", name, want, got)
				continue
			}
			at += i
		}
		if !norm.NFC.IsNormalString(got) {
			t.Errorf("%s: text is not NFC", name)
		}
		if out, err := exec.Command("pdftoppm", "-r", "100", "-png", "-singlefile", file, strings.TrimSuffix(file, ".pdf")).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
		code, err := exec.Command("zbarimg", "-q", "--raw", strings.TrimSuffix(file, ".pdf")+".png").Output()
		if err != nil || strings.TrimSpace(string(code)) != s.VerifyURL {
			t.Errorf("%s: the QR code reads %q, %v", name, code, err)
		}
	}
}

func TestTheSameSnapshotGivesTheSameBytesAlsoAtOnce(t *testing.T) {
	t.Parallel()
	want, err := Render(sample())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if got, err := Render(sample()); err != nil || !bytes.Equal(got, want) {
				t.Errorf("differs: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestLettersThatTheFontsLackAreRefusedNotPrintedAsBlanks(t *testing.T) {
	t.Parallel()
	s := sample()
	s.Name = "Nông Văn 漢"
	if _, err := Render(s); !errs.Is(err, "glyph_missing") {
		t.Errorf("got %v", err)
	}
	s.Name = "No\u0302ng Va\u0306n Hu\u0300ng" // decomposed is composed first
	if _, err := Render(s); err != nil {
		t.Error(err)
	}
}

func BenchmarkRender(b *testing.B) {
	s := sample()
	for b.Loop() {
		if _, err := Render(s); err != nil {
			b.Fatal(err)
		}
	}
}
