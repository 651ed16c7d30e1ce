package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/store"
	"taphuan/app/venue"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// houses opens venues with rooms in the town and in two former districts.
func houses(t *testing.T, db *store.DB) {
	t.Helper()
	s := &venue.Service{DB: db}
	for _, x := range []struct {
		name, commune string
		seats         []int
	}{{"Trung tâm Hội nghị tỉnh", "X-THUCPHAN", []int{120, 40}}, {"Nhà văn hóa Trùng Khánh", "X-TRUNGKHANH", []int{60}}, {"Nhà văn hóa Bảo Lạc", "X-BAOLAC", []int{50}}} {
		var o models.Organisation
		if err := db.Read(t.Context()).Where("code = ?", x.commune).Take(&o).Error; err != nil {
			t.Fatal(err)
		}
		id, err := s.Create(t.Context(), access.System(), venue.Input{Name: x.name, OrganisationID: o.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range x.seats {
			if _, err := s.AddRoom(t.Context(), access.System(), id, venue.RoomInput{Name: "Phòng " + strconv.Itoa(n), Capacity: n}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestACoordinatorComparesProposalsAndTurnsOneIntoDrafts(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		testdb.Ledger(t, db)
		houses(t, db)
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/courses")
		b.Click("Đề xuất mở lớp")
		b.Sees("Chưa có đề xuất nào")
		b.Click("Lập đề xuất")
		b.Fill("Ít nhất một lớp", "10")
		b.Fill("Nhiều nhất một lớp", "60")
		b.Look("proposal-new")
		b.Fill("Tổng số ngày tập huấn tối đa", "1")
		b.Click("Tính các phương án")
		b.Sees("Chưa đủ cho một lớp 2 ngày.")
		if b.Value("Ít nhất một lớp") != "10" {
			t.Error("what was typed is lost")
		}
		b.Fill("Tổng số ngày tập huấn tối đa", "60")
		b.Click("Tính các phương án")
		b.Sees("So sánh các phương án", "Ít ngày nhất", "Ít đi lại nhất", "Tổng quãng đường", "không thể ít hơn", "Vì sao chưa đạt chỉ tiêu", "ước không dự, theo tỷ lệ dự 90 %")
		b.Look("proposal-show")
		b.Dark(true)
		b.Look("proposal-show-dark")
		b.Dark(false)
		b.Click("Ít đi lại nhất")
		b.Sees("Các lớp: Ít đi lại nhất", "Nhà văn hóa Bảo Lạc")
		b.Lacks("Huyện ") // they have ended
		if body, kind := b.Download("Danh sách mời (Excel)"); len(body) < 1000 || !strings.Contains(kind, "spreadsheet") {
			t.Errorf("%d bytes of %s", len(body), kind)
		}
		b.Click("lớp nháp")
		b.Sees("Đã tạo lớp nháp và danh sách đề nghị.", "Lớp đã tạo", "Bản thảo")
		b.Lacks("Mở các lớp này")
		b.Look("proposal-made")
		b.Click("Hội nghị tập huấn: ")
		b.Sees("người chờ duyệt")
		b.Click("người chờ duyệt")
		b.Sees("Chờ duyệt")
		b.Look("proposal-draft-people")
		b.Go("/proposals")
		b.Sees("Đã tạo lớp nháp")
		b.Look("proposal-list")
		var made []models.Course
		if err := db.Read(t.Context()).Where("state = ?", models.CourseDraft).Find(&made).Error; err != nil {
			t.Fatal(err)
		}
		for _, c := range made {
			if err := (&course.Service{DB: db}).Cancel(t.Context(), access.System(), c.ID, "Không mở"); err != nil {
				t.Fatal(err)
			}
		}
		b.Go("/proposals")
		b.Sees("Lớp nháp đã hủy")
		b.Click("Tỉnh Cao Bằng")
		b.Sees("đều đã hủy", "Có thể tạo lớp nháp lần nữa")
		b.Look("proposal-cancelled")
		b.Click("lớp nháp")
		b.Sees("Đã tạo lớp nháp và danh sách đề nghị.", "Bản thảo")
		b.Lacks("đều đã hủy")
	}, province(300))
}

func TestADoubleClickMakesDraftsOnceAndASecondTabIsTold(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		testdb.Ledger(t, db)
		houses(t, db)
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleCoordinator, "")
		post := func(path string, form url.Values) (int, string) {
			t.Helper()
			res, err := c.http.PostForm(c.url+path, form)
			if err != nil {
				t.Error(err)
				return 0, ""
			}
			if err := res.Body.Close(); err != nil {
				t.Error(err)
			}
			return res.StatusCode, res.Request.URL.Path
		}
		ask := url.Values{"request_key": {"01926f3e-7c00-7000-8000-000000000101"}, "organisation": {"CB"}, "groups": {"QCN", "CTXH"}, "course_type": {"conference"}, "host": {"SO-TP"}, "from": {"08/12/2026"}, "until": {"2027-12-01"},
			"days": {"60"}, "each": {"1"}, "least": {"10"}, "most": {"60"}, "at_once": {"1"}, "attendance": {"90"}, "rooms": {"1", "2", "3", "4"}}
		_, at := post("/proposals", ask)
		if _, again := post("/proposals", ask); !strings.HasPrefix(at, "/proposals/") || again != at {
			t.Fatalf("a double click led to %s and %s", at, again)
		}
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if status, where := post(at+"/drafts", url.Values{"request_key": {"01926f3e-7c00-7000-8000-000000000102"}, "option": {"days"}}); status != http.StatusOK || where != at {
					t.Errorf("%d %s", status, where)
				}
			})
		}
		both.Wait()
		if status, _ := post(at+"/drafts", url.Values{"request_key": {"01926f3e-7c00-7000-8000-000000000103"}, "option": {"travel"}}); status != http.StatusConflict {
			t.Errorf("a second tab: %d", status)
		}
		var k models.Proposal
		var drafts, nominated int64
		read := db.Read(t.Context())
		if err := read.Take(&k).Error; err != nil {
			t.Fatal(err)
		}
		read.Model(&models.Course{}).Where("state = ?", models.CourseDraft).Count(&drafts)
		read.Model(&models.Enrolment{}).Where("state = ?", models.EnrolmentNominated).Count(&nominated)
		if n := strings.Count(k.Made, ","); drafts < 1 || nominated < 10 || !strings.Contains(k.Made, `"courses"`) || n < int(drafts)-1 {
			t.Errorf("%d drafts, %d nominated: %s", drafts, nominated, k.Made)
		}
		for path, status := range map[string]int{at + "?option=days": 200, at + "?option=xxx": 404, "/proposals/999": 404, "/proposals/x": 404, "/proposals/new?from=1": 200, "/proposals/new?from=999": 404, "/proposals/new?from=x": 404, "/proposals/new?from=0": 404, "/proposals/new?org=SO-TP&group=QCN": 200, "/proposals/new?org=X&group=X": 200,
			at + "/people.xlsx?option=days": 200} {
			c.get(path, status)
		}
		for field, typed := range map[string]string{"days": "10^12", "from": "31/02/2027", "until": "hôm nào", "rooms": "xx", "organisation": "KHONG-CO"} {
			bad := url.Values{}
			for k, v := range ask {
				bad[k] = v
			}
			bad.Set("request_key", "01926f3e-7c00-7000-8000-000000000104")
			bad.Set(field, typed)
			if status, _ := post("/proposals", bad); status != http.StatusUnprocessableEntity {
				t.Errorf("%s %q: %d", field, typed, status)
			}
		}
		signedIn(t, site, models.RoleHead, "SO-TP").get("/proposals", http.StatusForbidden)
	}, province(300))
}
