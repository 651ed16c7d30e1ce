package views

import (
	"html/template"
	"net/url"
	"time"

	"taphuan/app/page"
	"taphuan/models"
	"taphuan/views/plot"
)

// GalleryData is what the page gallery/show stands on: made-up people and offices with names as long as they come.
type GalleryData struct {
	Day           models.Day
	Week          []models.Day
	Options       []Option
	Organisations []Option
	People        []GalleryPerson
	Marks         []AttendanceRow
	Timeline      []Event
	Line          template.HTML
	Bars          template.HTML
	Colours       []string
	Icons         []string
	Long, Short   page.Place // of a list
	Quizzes       []models.Quiz
	Now           time.Time
	Badge         template.URL // a picture in place of a badge
	Shared        []string     // who checked in with one phone
}

// GalleryPerson is one row of the gallery's table.
type GalleryPerson struct {
	ID           int
	Name         string
	Title        string
	Organisation string
	Born         models.Day
	Hours        float64
	State        string
	Covered      int
	All          int
}

const longOffice = "Ủy ban Mặt trận Tổ quốc Việt Nam xã Nguyễn Huệ, huyện Hòa An (đến hết ngày 30/6/2025)"

// Gallery fills a page with every component in every state. lang and theme of the page are the caller's; with nobody
// signed in it shows a made-up actor.
func Gallery(p *Page) *Page {
	if p.Actor == nil {
		p.Actor = &Actor{Name: "Nông Thị Khánh Nguyệt Quỳnh Hương", Roles: []string{"Điều phối", "Giảng viên"}, Organisation: "Sở Văn hóa, Thể thao và Du lịch"}
	}
	if p.Nav == nil {
		for i, key := range []string{"home", "coverage", "courses", "calendar", "cadres", "organisations", "imports", "certificates", "accounts", "reports", "gallery"} {
			p.Nav = append(p.Nav, NavItem{Key: key, Href: "#" + key, Current: key == "gallery", First: i == 7, Count: map[string]int{"courses": 3}[key]})
		}
	}
	if p.Query == nil {
		p.Query = url.Values{}
	}
	if !p.HasErrors() {
		p.Errors = Errors{{"wrong", "Số CCCD có 11 chữ số, cần 12. Sửa rồi gửi lại."}, {"wrong_choice", "Hãy chọn một mục trong danh sách."}}
	}
	d := &GalleryData{
		Day:     models.MustDay("2026-11-23"),
		Colours: []string{"paper", "surface", "sunken", "ink", "ink-2", "line", "edge", "indigo", "indigo-soft", "jade", "jade-soft", "lacquer", "lacquer-soft", "amber", "amber-soft", "rail"},
		Icons:   Icons(),
		Long:    page.Place{From: 101, To: 150, After: "a", Before: "b", Total: page.Total{N: 10_000, More: true}},
		Short:   page.Place{From: 1, To: 50, After: "a", Total: page.Total{N: 87}},
		Options: []Option{
			{Value: "qcn", Label: "Cán bộ làm công tác quyền con người", Hint: "Chỉ tiêu 100 % vào cuối năm 2028"},
			{Value: "tttt", Label: "Cán bộ làm công tác quản lý thông tin, truyền thông"},
			{Value: "ttdn", Label: "Nhân sự tham gia công tác thông tin đối ngoại của các cơ quan báo chí"},
			{Value: "ctxh", Label: "Cán bộ chủ chốt của các tổ chức chính trị - xã hội", Disabled: true},
		},
	}
	d.Timeline = []Event{
		{When: "01/03/2026", Title: longOffice, Body: "Phó Trưởng phòng", Kind: "good", Parts: []EventPart{{Text: "01/06/2026 – 30/11/2026", Links: []Link{{Href: "#t", Label: "Sửa"}}}},
			Links: []Link{{Href: "#t", Label: "Chuyển công tác"}, {Href: "#t", Label: "Rời danh sách"}, {Href: "#t", Label: "Sửa"}}},
		{When: "01/01/2024", Title: "Xã Bế Văn Đàn", Links: []Link{{Href: "#t", Label: "Sửa"}}},
	}
	d.Now = d.Day.At(9 * 60)
	before, after := d.Now.Add(-time.Hour), d.Now.Add(time.Hour)
	d.Quizzes = []models.Quiz{{}, {OpensAt: &after}, {OpensAt: &before, ClosesAt: &after}, {OpensAt: &before, ClosesAt: &before}}
	d.Shared = []string{"Hoàng Văn An", "Ma Thị Ẩn"}
	d.Badge = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 4'%3E%3Cpath d='M0 0h2v1h2v1h-1v2h-1v-2h-2z'/%3E%3C/svg%3E"
	for i := range 7 {
		d.Week = append(d.Week, d.Day.AddDays(i))
	}
	for i, name := range []string{"Tỉnh Cao Bằng", "Sở Văn hóa, Thể thao và Du lịch", "Công an tỉnh", "Hội Liên hiệp Phụ nữ tỉnh", "Đài Phát thanh - Truyền hình", "Xã Bế Văn Đàn", "Phường Thục Phán", "Xã Nguyễn Huệ", longOffice} {
		d.Organisations = append(d.Organisations, Option{Value: i + 1, Label: name, Depth: min(i, 1)})
	}
	for i, name := range []string{"Hoàng Văn An", "Ma Thị Ẩn", "Lục Đức Bằng", "Triệu Thị Thanh Đào", "Nguyễn Phước Tôn Nữ Hạnh Dung Quỳnh Anh", "Bế Ích"} {
		d.People = append(d.People, GalleryPerson{
			ID: i + 1, Name: name, Title: []string{"Phó Trưởng phòng", "Chuyên viên", "Biên tập viên"}[i%3],
			Organisation: []string{"Sở Văn hóa, Thể thao và Du lịch", longOffice, "Báo Cao Bằng"}[i%3],
			Born:         models.NewDay(1975+i*3, 3, 4+i), Hours: 12.5 * float64(i), State: kinds[i%len(kinds)], Covered: 96 * i, All: 480,
		})
		d.Marks = append(d.Marks, AttendanceRow{ID: uint64(i + 1), Name: name, Sub: d.People[i].Organisation, Mark: []string{"present", "", "late", "excused", "absent", "present"}[i], Odd: i == 2})
	}
	d.Line, d.Bars = galleryPlots(p.Lang)
	p.Data = d
	return p
}

func galleryPlots(lang string) (template.HTML, template.HTML) {
	line := plot.Line{
		Lang: lang, Title: "Tỷ lệ bao phủ, cán bộ làm công tác quyền con người", From: models.MustDay("2023-01-01"), To: models.MustDay("2028-12-31"),
		Today: models.MustDay("2026-11-23"), Target: 100, TargetLabel: "chỉ tiêu", PlannedLabel: "Lớp đã lên lịch", BandLabel: "Dự báo",
		Planned: []plot.Planned{{Day: models.MustDay("2027-03-10"), Label: "Lớp tháng 3"}, {Day: models.MustDay("2027-09-15"), Label: "Lớp tháng 9"}},
		Band:    []plot.Range{{Day: models.MustDay("2026-11-23"), Low: 61.4, High: 61.4}, {Day: models.MustDay("2027-12-31"), Low: 70, High: 84}, {Day: models.MustDay("2028-12-31"), Low: 82, High: 100}},
	}
	for _, x := range []struct {
		day string
		pct float64
	}{{"2023-01-01", 0}, {"2023-06-20", 8.2}, {"2023-11-14", 14.9}, {"2024-05-10", 27.3}, {"2024-10-22", 33}, {"2025-07-01", 29.8}, {"2025-10-08", 47.2}, {"2026-04-17", 55.1}, {"2026-11-12", 61.4}} {
		line.Points = append(line.Points, plot.Point{Day: models.MustDay(x.day), Pct: x.pct})
	}
	bars := plot.Bars{Lang: lang, Title: "Tỷ lệ bao phủ theo đơn vị", Target: 70, TargetLabel: "chỉ tiêu"}
	for i, name := range []string{"Sở Văn hóa, Thể thao và Du lịch", "Hội Liên hiệp Phụ nữ tỉnh", "Xã Bế Văn Đàn", longOffice, "Phường Thục Phán"} {
		pct := 100 - float64(i)*19.3
		b := plot.Bar{Label: name, Pct: &pct, Words: []string{"đã đạt", "đã đạt", "còn thiếu 68 người", "còn thiếu 12 người", ""}[i], Href: "#bars"}
		if i == 4 {
			b.Pct, b.Words = nil, "chưa khai"
		}
		bars.Bars = append(bars.Bars, b)
	}
	return line.SVG(), bars.SVG()
}
