package enrolment

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"taphuan/app/paper"
	"taphuan/models"
)

// example is a list of n people, with names and offices as long as they come.
func example(n int) *Paper {
	p := &Paper{Superior: "Ủy ban nhân dân tỉnh Cao Bằng", Office: "Sở Văn hóa, Thể thao và Du lịch", Place: "Cao Bằng", Day: models.MustDay("2026-11-24"),
		Sign: []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}, Signer: "Sầm Việt An", At: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC),
		Course: models.Course{Code: "2026-014", Title: "Kiến thức và kỹ năng truyền thông về quyền con người cho cán bộ Mặt trận và đoàn thể xã, phường, đợt hai",
			FirstDay: models.MustDay("2026-12-08"), LastDay: models.MustDay("2026-12-09"), Venue: "Hội trường Ủy ban nhân dân xã Quảng Uyên"}}
	for i := range n {
		r := PaperRow{Name: "Nguyễn Thị Hồng Nhung", BirthYear: 1985, Title: "Chuyên viên", Organisation: "Phòng Văn hóa và Gia đình", Groups: "QCN"}
		switch i % 7 {
		case 2:
			r = PaperRow{Name: "Hoàng Lương Nguyễn Thị Phương Thảo Nguyên", Title: "Phó Trưởng phòng phụ trách Phòng Quản lý Di sản văn hóa và Thiết chế văn hóa cơ sở",
				Organisation: "Trung tâm Văn hóa, Thông tin và Xúc tiến du lịch trực thuộc Sở Văn hóa, Thể thao và Du lịch", Groups: "QCN, TTTT, TTDN", Note: "Trùng lịch lớp 2026-013"}
		case 5:
			r = PaperRow{Name: strings.Repeat("W", 60), Title: "Ủy viên", Organisation: "Sở", Note: "Chờ, thứ 12"} // a word that no column holds
		}
		p.Rows = append(p.Rows, r)
	}
	return p
}

func TestTheListForSigningStandsWithinItsMarginsOnEveryPage(t *testing.T) {
	t.Parallel()
	for n, pages := range map[int]int{0: 1, 3: 1, 60: 6} {
		p := example(n)
		d := p.draw()
		b, err := d.Bytes()
		if err != nil || !strings.HasPrefix(string(b), "%PDF") {
			t.Fatal(err)
		}
		if dir := os.Getenv("TAPHUAN_SCREENSHOTS"); dir != "" {
			if err := os.WriteFile(fmt.Sprintf("%s/nominations-%d.pdf", dir, n), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if d.Pages() != pages {
			t.Errorf("%d people take %d pages, want %d", n, d.Pages(), pages)
		}
		heads, numbers, people, said := 0, 0, 0, ""
		for i, x := range d.Boxes {
			number := strings.HasPrefix(x.Text, "Trang ")
			if x.X0 < paperLeft-1 && !number || x.X1 > paperLeft+paperWidth+1 && !number || x.Y0 < 15*paper.Millimetre || x.Y1 > paperBottom+1 && !number {
				t.Errorf("%q stands outside: %+v", x.Text, x)
			}
			for _, y := range d.Boxes[i+1:] {
				if x.Page == y.Page && x.X0 < y.X1-0.5 && y.X0 < x.X1-0.5 && x.Y0 < y.Y1-3 && y.Y0 < x.Y1-3 {
					t.Errorf("page %d: %q lies on %q", x.Page, x.Text, y.Text)
				}
			}
			switch {
			case x.Text == "STT":
				heads++
			case number:
				numbers++
				if want := fmt.Sprintf("Trang %d/%d", x.Page, pages); x.Text != want {
					t.Errorf("%s on page %d", x.Text, x.Page)
				}
			case x.Text == "Hồng Nhung":
				people++
			}
			said += x.Text + "\n"
		}
		if numbers != pages || n > 0 && heads < pages-1 || people != n-n/7*2-min(max(n%7-2, 0), 1)-min(max(n%7-5, 0), 1) {
			t.Errorf("%d people: %d heads, %d numbers on %d pages, %d ordinary names", n, heads, numbers, pages, people)
		}
		for _, want := range []string{"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "TỈNH CAO BẰNG", "DANH SÁCH CỬ CÁN BỘ THAM DỰ", "Cao Bằng, ngày 24 tháng 11 năm 2026", "KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Sầm Việt An",
			fmt.Sprintf("Danh sách này có %d người.", n), "Từ ngày 08/12/2026 đến ngày 09/12/2026"} {
			if !strings.Contains(said, want) {
				t.Errorf("%d people: nowhere %q", n, want)
			}
		}
	}
}
