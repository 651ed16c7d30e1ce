package handlers_test

import (
	"encoding/json"
	"image/png"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"taphuan/app/forecast"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestTheForecastTellsWhenATargetIsMetAndWhatPaceItTakes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		invCourse(t, db, models.Course{Code: "TH-27-01", Title: "Tập huấn truyền thông về quyền con người, đợt 1 năm 2027", State: models.CourseOpen, Capacity: 60}, "conference", "QCN", "2027-03-10", "2027-03-11")
		invCourse(t, db, models.Course{Code: "TH-27-02", Title: "Tập huấn đợt 2", State: models.CourseDraft, Capacity: 60}, "conference", "QCN", "2027-09-08", "2027-09-09")
		b := testweb.Serve(t, db).As(t, models.RoleCoordinator, "")
		b.Go("/coverage/forecast?group=QCN")
		b.Sees("Dự báo", "Cán bộ làm công tác quyền con người", "Nhịp cần có", "Lớp đã lên lịch", "đợt 1 năm 2027", "Đơn vị nào quyết định", "Chưa tính 1 lớp còn là dự thảo. Nếu mở hết các lớp ấy thì đến ngày 31/12/2028 ước đạt")
		look(b, "forecast")
		b.Click("Dự báo được tính thế nào")
		b.Sees("Nhịp đã qua", "Tính tay")
		look(b, "forecast-how")
	}, province(300))
}

func TestTheForecastRefusesBadQuestionsAndOthersOffices(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		head, all := signedIn(t, site, models.RoleHead, "SO-TP"), signedIn(t, site, models.RoleCoordinator, "")
		for path, status := range map[string]int{
			"/coverage/forecast":                                  http.StatusOK,
			"/coverage/forecast?group=CTXH&on=2026-01-31":         http.StatusOK,
			"/coverage/forecast?on=2023-01-01":                    http.StatusOK,
			"/coverage/forecast?org=CB":                           http.StatusNotFound,
			"/coverage/forecast?org=SO-YT&group=QCN":              http.StatusNotFound,
			"/coverage/forecast?group=XXX":                        http.StatusNotFound,
			"/coverage/forecast?on=2022-12-31":                    http.StatusUnprocessableEntity,
			"/coverage/forecast?on=2028-01-01":                    http.StatusUnprocessableEntity,
			"/coverage/forecast?on=9999-12-31":                    http.StatusUnprocessableEntity,
			"/coverage/forecast?on=x":                             http.StatusUnprocessableEntity,
			"/coverage/forecast?org=" + strings.Repeat("a", 4000): http.StatusUnprocessableEntity,
			"/api/v1/coverage/forecast?as_of=2028-01-01":          http.StatusUnprocessableEntity,
			"/api/v1/coverage/forecast?org=CB":                    http.StatusNotFound,
		} {
			head.get(path, status)
		}
		page, _ := all.get("/coverage/forecast?on=2022-12-31", http.StatusUnprocessableEntity)
		has(t, page, "Dự báo", "nằm ngoài thời gian của kế hoạch")
		page, _ = all.get("/coverage/forecast?on=2026-05-01", http.StatusOK)
		has(t, page, "Đang xem dự báo như đã có thể lập vào ngày này")
		one, _ := all.get("/api/v1/coverage/forecast", http.StatusOK)
		again, _ := all.get("/api/v1/coverage/forecast", http.StatusOK)
		if one != again {
			t.Error("the same question has two answers")
		}
	}, province(40))
}

// TestTheWayBehindAForecastFallsOnTheDayOnWhichCoverageDid looks at the figures of which the drawing is made, as its file has them.
func TestTheWayBehindAForecastFallsOnTheDayOnWhichCoverageDid(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		expires(t, site, 24)
		c := signedIn(t, site, models.RoleCoordinator, "")
		var way [][]string // without what is ahead
		for _, l := range readCSV(t, c, "/coverage/forecast.csv?group=QCN", "du-bao-QCN-CB-2026-11-24.csv")[1:] {
			if l[1] != "" {
				way = append(way, l)
			}
		}
		falls := 0
		for i, l := range way[1:] {
			day, err := models.ParseDay(l[0])
			if err != nil {
				t.Fatal(err)
			}
			if before, now := number(t, way[i][3]), number(t, l[3]); now >= before {
				continue
			}
			falls++
			body, _ := c.get("/api/v1/coverage/series?group=QCN&from="+day.AddDays(-1).String()+"&to="+day.String(), http.StatusOK)
			var days []struct{ Percent float64 }
			if err := json.Unmarshal([]byte(body), &days); err != nil || len(days) != 2 {
				t.Fatal(err, body)
			}
			if days[0].Percent != number(t, way[i][3]) || days[1].Percent != number(t, l[3]) {
				t.Errorf("from %s %% on %s to %s %% on %s, but the day before it was %v %%, and on the day %v %%", way[i][3], way[i][0], l[3], l[0], days[0].Percent, days[1].Percent)
			}
		}
		if falls == 0 {
			t.Error("nothing falls")
		}
		if page, _ := c.get("/coverage/forecast?group=QCN", http.StatusOK); !strings.Contains(page, "Dự báo cuối mỗi quý (8 trong 10 khả năng)") {
			t.Error("the drawing does not say of which days its range is")
		}
	}, province(300))
}

// number reads a figure of a file; none is 0.
func number(t *testing.T, text string) float64 {
	t.Helper()
	if text == "" {
		return 0
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestTheForecastIsGivenAsFilesOfTheSameFigures(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		invCourse(t, db, models.Course{Code: "TH-27-01", Title: "Tập huấn đợt 1", State: models.CourseOpen, Capacity: 60}, "conference", "QCN", "2027-03-10", "2027-03-11")
		c := signedIn(t, testweb.Serve(t, db), models.RoleCoordinator, "")
		body, _ := c.get("/api/v1/coverage/forecast", 200)
		var rows []struct {
			Group                string
			Covered, Denominator int
			Percent              float64
			Ahead                []forecast.RowMark
		}
		if err := json.Unmarshal([]byte(body), &rows); err != nil || rows[0].Group != "QCN" || len(rows[0].Ahead) == 0 {
			t.Fatal(err)
		}
		lines := readCSV(t, c, "/coverage/forecast.csv?group=QCN", "du-bao-QCN-CB-2026-11-24.csv")
		now, ahead := -1, map[string][]string{}
		for i, l := range lines[1:] {
			if l[0] == "2026-11-24" && l[1] == strconv.Itoa(rows[0].Covered) && l[2] == strconv.Itoa(rows[0].Denominator) && l[3] == strconv.FormatFloat(rows[0].Percent, 'f', -1, 64) {
				now = i
			}
			if l[5] != "" {
				ahead[l[0]] = l[4:7]
			}
		}
		if now < 12 || len(ahead) != len(rows[0].Ahead) {
			t.Errorf("today is row %d, and %d rows are ahead, want %d", now, len(ahead), len(rows[0].Ahead))
		}
		for _, m := range rows[0].Ahead {
			for i, l := range []forecast.RowLevel{m.Low, m.Middle, m.High} {
				if want := strconv.FormatFloat(forecast.Level{Covered: l.Covered, People: l.Denominator}.Percent().Float(), 'f', -1, 64); len(ahead[m.Day.String()]) != 3 || ahead[m.Day.String()][i] != want {
					t.Errorf("%s: %v, want %s", m.Day, ahead[m.Day.String()], want)
				}
			}
		}
		if last := lines[len(lines)-1]; last[0] != "2027-03-11" || last[8] != "Tập huấn đợt 1" {
			t.Errorf("the course: %v", last)
		}
		svg, _ := c.get("/coverage/forecast.svg?group=QCN", 200)
		has(t, svg, "<svg", "Tỷ lệ bao phủ (%), Tỉnh Cao Bằng</text>", "Nguồn: taphuan, tính đến hết ngày 24/11/2026", "8 trong 10")
		picture, _ := c.get("/coverage/forecast.png?group=QCN", 200)
		if img, err := png.Decode(strings.NewReader(picture)); err != nil || img.Bounds().Dx() != 1920 {
			t.Error("the picture:", err)
		}
		c.get("/coverage/forecast.xlsx?group=QCN", 200)
		page, _ := c.get("/coverage/forecast?group=QCN", 200)
		for _, kind := range []string{"xlsx", "csv", "png", "svg"} {
			has(t, page, "/coverage/forecast."+kind+"?org=CB&amp;group=QCN&amp;on=2026-11-24")
			c.get("/coverage/forecast."+kind+"?on=2023-01-01", 200) // nothing can be told
		}
	}, province(300))
}
