package handlers_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestTheWayOfAGroupOpensFromItsPlotIsSortedAndDownloaded(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		invCourse(t, db, models.Course{Code: "TH-27-01", Title: "Tập huấn truyền thông về quyền con người, đợt 1 năm 2027", State: models.CourseOpen, Capacity: 60}, "conference", "QCN", "2027-03-10", "2027-03-11")
		invCourse(t, db, models.Course{Code: "TH-27-02", Title: "Lớp còn soạn", State: models.CourseDraft}, "conference", "QCN", "2027-03-12")
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/coverage")
		b.Sees("điểm phần trăm so với 24/11/2025", "Lớp đã lên lịch (1)", "11/03/2027", "60 chỗ")
		b.Lacks("Lớp còn soạn")
		b.ClickAt(".plot-files a")
		b.Sees("Cán bộ làm công tác quyền con người", "Tỉnh Cao Bằng", "Lớp đã lên lịch (1)", "01/02/2023", "24/11/2026")
		look(b, "way")
		b.Click("Đã bao phủ")
		if !strings.Contains(b.Path(), "sort=-covered") {
			t.Errorf("the order is not in the address: %s", b.Path())
		}
		for words, kind := range map[string]string{"Excel": "spreadsheetml", "CSV": "text/csv", "PNG": "image/png", "SVG": "image/svg+xml"} {
			body, media := b.Download(words)
			if !strings.Contains(media, kind) || len(body) == 0 {
				t.Errorf("%s is %s, %d bytes", words, media, len(body))
			}
			if dir := os.Getenv("TAPHUAN_SCREENSHOTS"); dir != "" {
				if err := os.WriteFile(filepath.Join(dir, "way."+strings.ToLower(words)), body, 0o600); err != nil {
					t.Error(err)
				}
			}
		}
	}, province(300))
}

func TestAHeadSeesTheWayOfTheOwnGroupsAndTheClassesOfTheOwnPeople(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		day := models.MustDay
		office := officeID(t, db, "SO-TP")
		write(t, db, &models.Cadre{ID: 900001, FullName: "Nông Văn Học"}, &models.Posting{ID: 900001, CadreID: 900001, OrganisationID: office, Title: "Chuyên viên", FromDay: day("2024-01-01"), ToDay: models.Forever, Main: true},
			&models.PostingGroup{PostingID: 900001, GroupID: 1})
		in := invCourse(t, db, models.Course{Code: "A1", Title: "Lớp của mình", State: models.CourseRunning, Capacity: 40}, "conference", "QCN", "2026-11-23", "2026-12-02")
		invCourse(t, db, models.Course{Code: "A2", Title: "Lớp đang nhận người", State: models.CourseOpen, Capacity: 30}, "conference", "QCN", "2027-05-01")
		invCourse(t, db, models.Course{Code: "A3", Title: "Lớp của người khác", State: models.CourseRunning, Capacity: 30}, "conference", "QCN", "2026-11-23", "2026-12-03")
		write(t, db, &models.Enrolment{CourseID: in.ID, CadreID: 900001, OrganisationID: &office, State: models.EnrolmentEnrolled, Source: "coordinator"})
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleHead, "SO-TP")
		page, _ := c.get("/coverage", 200)
		has(t, page, ">Lớp của mình</a>", "1 người của đơn vị, lớp 40 chỗ", ">Lớp đang nhận người</a>", "còn 30 trên 30 chỗ")
		if strings.Contains(page, "Lớp của người khác") {
			t.Error("a course that takes nobody of the organisation is drawn")
		}
		past, _ := c.get("/coverage?on=2026-10-01", 200)
		if strings.Contains(past, "Lớp của mình") {
			t.Error("courses of today are drawn into a day past")
		}
		// Groups that the organisation never had have no way.
		if n := strings.Count(page, `<figure class="plot">`); n == 0 || n == 4 {
			t.Errorf("%d ways", n)
		}
		b := site.As(t, models.RoleHead, "SO-TP")
		b.Go("/coverage")
		b.Sees("Qua các năm của kế hoạch", "Lớp của mình")
		look(b, "coverage-head")
		for words, want := range map[string]string{"/coverage": "Lớp đang nhận người", "/coverage/series?group=QCN": "01/02/2024"} {
			b.Go(words)
			text := printed(t, b.Print("coverage-head"+strings.NewReplacer("/", "-", "?", "-").Replace(words)))
			if !strings.Contains(text, "Sở Tư pháp") || !strings.Contains(text, want) || strings.Contains(text, "Áp dụng") {
				t.Errorf("%s is printed as %s", words, text)
			}
		}
	}, province(300))
}

// printed gives the words of a PDF, which must be A4.
func printed(t *testing.T, pdf []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := exec.Command("pdfinfo", file).CombinedOutput()
	if err != nil || !strings.Contains(string(info), "(A4)") {
		t.Fatalf("%v %s", err, info)
	}
	text, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheFilesOfAWayHoldTheFiguresOfTheSeries(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		invCourse(t, db, models.Course{Code: "TH-27-01", Title: "=Lớp <đợt 1>", State: models.CourseOpen, Capacity: 60}, "conference", "QCN", "2027-03-10", "2027-03-11")
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleCoordinator, "")
		series, err := (&coverage.Service{DB: db}).Series(t.Context(), access.System(), coverage.SeriesQuery{Groups: []string{"QCN"}})
		if err != nil {
			t.Fatal(err)
		}
		lines := readCSV(t, c, "/coverage/series.csv?group=QCN", "bao-phu-QCN-CB-2026-11-24.csv")
		if len(lines) != 1+len(series.Points)+1 {
			t.Fatalf("%d lines for %d points and a course", len(lines), len(series.Points))
		}
		for i, p := range series.Points {
			f, pct := p.Figures[0], ""
			if x := f.Percent(); x != nil {
				pct = strings.TrimSuffix(x.String(), ".0")
			}
			want := []string{p.Day.String(), strconv.Itoa(f.Covered), strconv.Itoa(f.Denominator), pct, "100", ""}
			if strings.Join(lines[1+i], "|") != strings.Join(want, "|") {
				t.Fatalf("line %v, want %v", lines[1+i], want)
			}
		}
		if last := lines[len(lines)-1]; last[0] != "2027-03-11" || last[1] != "" || last[5] != "'=Lớp <đợt 1>, 60 chỗ" {
			t.Errorf("the course: %v", last)
		}
		book, _ := c.get("/coverage/series.xlsx?group=QCN", 200)
		f, err := excelize.OpenReader(strings.NewReader(book))
		if err != nil {
			t.Fatal(err)
		}
		title, err := f.GetCellValue(f.GetSheetName(0), "A1")
		if err != nil || !strings.Contains(title, "Tỉnh Cao Bằng (Nguồn: taphuan, tính đến hết ngày 24/11/2026)") {
			t.Errorf("%q %v", title, err)
		}
		svg, _ := c.get("/coverage/series.svg?group=QCN", 200)
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v in %s", err, svg)
			}
		}
		has(t, svg, "Tỷ lệ bao phủ (%), Tỉnh Cao Bằng</text>", "Nguồn: taphuan, tính đến hết ngày 24/11/2026", `stroke="#2a3f80"`, "1. =Lớp &lt;đợt 1&gt;, 11/03/2027, 60 chỗ")
		if strings.Contains(svg, "class=") || strings.Contains(svg, "currentColor") || regexp.MustCompile(`(?:href|url\()`).MatchString(svg) {
			t.Error("the drawing needs something else")
		}
		picture, head := c.get("/coverage/series.png?group=QCN", 200)
		img, err := png.Decode(bytes.NewReader([]byte(picture)))
		if err != nil || img.Bounds().Dx() != 1920 || head.Get("Content-Disposition") != "attachment; filename=bao-phu-QCN-CB-2026-11-24.png" {
			t.Errorf("%v %v", err, head)
		}
	}, province(300))
}

func TestAWayIsDrawnOverTheTimeAskedFor(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleCoordinator, "")
		lines := readCSV(t, c, "/coverage/series.csv?group=CTXH&from=2026-01-15&to=2026-04-20", "bao-phu-CTXH-CB-2026-04-20.csv")
		var days []string
		for _, l := range lines[1:] {
			days = append(days, l[0])
		}
		if strings.Join(days, " ") != "2026-01-15 2026-02-15 2026-03-15 2026-04-15 2026-04-20" {
			t.Errorf("%v", days)
		}
		page, _ := c.get("/coverage/series?group=CTXH&from=15/1/2026&to=20/4/2026&sort=-percent", 200)
		has(t, page, ">02/2026</text>", `aria-sort="descending"`, "from=2026-01-15&amp;to=2026-04-20")
		has(t, first(c.get("/coverage/series", 200)), "Cán bộ làm công tác quyền con người") // the plan's first
	}, province(300))
}

func TestWaysThatCannotBeAreRefusedInWords(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleCoordinator, "")
		for _, kind := range []string{"", ".xlsx", ".csv", ".png", ".svg"} {
			at := "/coverage/series" + kind
			for query, words := range map[string]string{
				"?on=2022-12-31":                    "nằm ngoài thời gian của kế hoạch",
				"?from=1/1/2029":                    "Ngày 01/01/2029 nằm ngoài thời gian của kế hoạch",
				"?to=2029-01-01":                    "Ngày 01/01/2029 nằm ngoài thời gian của kế hoạch",
				"?to=2022-01-01":                    "nằm ngoài thời gian của kế hoạch",
				"?from=2026-05-01&to=2026-04-01":    "Hãy đổi lại",
				"?from=2028-05-01&to=2028-04-01":    "Hãy đổi lại",
				"?from=2026-05-01&on=2026-04-01":    "Hãy đổi lại",
				"?on=2026-02-30":                    "",
				"?from=x":                           "",
				"?to=99999999999999999999":          "",
				"?group=" + strings.Repeat("A", 41): "",
				"?org=" + strings.Repeat("A", 41):   "",
				"?sort=name":                        "",
				"?org=SO-TTTT&on=2025-03-01":        "chưa thành lập hoặc đã kết thúc hoạt động",
				"?org=CB-XA&from=2025-06-30":        "Khối xã, phường chưa thành lập",
			} {
				page, _ := c.get(at+query, http.StatusUnprocessableEntity)
				has(t, page, words)
			}
			for _, query := range []string{"?org=KHONG-CO", "?group=XXX", "?org=%00%FF", "?group=%C4%90"} {
				c.get(at+query, http.StatusNotFound)
			}
			head := signedIn(t, site, models.RoleHead, "SO-TP")
			head.get(at+"?org=SO-YT", http.StatusNotFound)
			head.get(at+"?org=CB", http.StatusNotFound)
			head.get(at+"?group=QCN", 200)
		}
		c.get("/coverage/series?org=SO-TTTT", 200) // its last day
	}, province(300))
}
