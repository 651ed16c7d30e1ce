package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// setClock makes the database's clock one that the test moves.
func setClock(db *store.DB, day string, minute int) func(day string, minute int) {
	var now atomic.Pointer[time.Time]
	set := func(day string, minute int) { at := models.MustDay(day).At(minute); now.Store(&at) }
	set(day, minute)
	db.Now = func() time.Time { return *now.Load() }
	return set
}

func TestACoordinatorMakesACourseWithSessionsAndLeadsItToClosing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		clock := setClock(db, "2026-11-24", 6*60)
		site := testweb.Serve(t, db)
		site.Account(t, testweb.Account{Name: "Hoàng Thị Én", SignIn: "hoangen", Role: models.RoleTrainer})
		b := site.As(t, models.RoleCoordinator, "")
		look := func(name string) {
			if db.Dialect == store.SQLite {
				b.Look("course-" + name)
			}
		}

		b.Click("Lớp tập huấn")
		b.Sees("Chưa có lớp nào")
		look("empty")
		b.Click("Thêm lớp")
		b.Fill("Tên lớp", "Tập huấn kiến thức, kỹ năng truyền thông về quyền con người cho cán bộ chủ chốt các tổ chức chính trị - xã hội cấp xã năm 2026")
		b.Fill("Số chỗ", "0")
		eval(b, `document.querySelector("form.form").noValidate = true`)
		b.Click("Lưu bản thảo")
		b.Sees("Có điều cần sửa", "Số nhỏ nhất là 1", "Cơ quan chủ trì: Hãy điền mục này.")
		look("new-refused")
		b.Fill("Số chỗ", "50")
		eval(b, `const s = document.querySelector("select[name=host]"); s.value = "SO-VHTTDL"; s.dispatchEvent(new Event("change", {bubbles: true}))`)
		b.Fill("Địa điểm tổ chức", "Hội trường UBND tỉnh, phường Thục Phán")
		b.Fill("Điểm tối thiểu", "5,5")
		b.Check("1.5. Công ước về Quyền Trẻ em")
		b.Check("Cán bộ làm công tác quyền con người")
		look("new")
		b.Click("Lưu bản thảo")
		b.Sees("Đã lưu bản thảo", "2026-001", "Bản thảo", "thêm các buổi học", "5,5")
		look("draft")

		b.Click("Thêm buổi học")
		b.Fill("Ngày", "24/11/2026")
		b.Fill("Bắt đầu", "07:30")
		b.Fill("Kết thúc", "07:00")
		b.Fill("Phòng", "Hội trường A")
		eval(b, `document.querySelector("form.form").noValidate = true`)
		b.Click("Lưu buổi học")
		b.Sees("Giờ kết thúc phải sau giờ bắt đầu")
		look("session-refused")
		b.Fill("Kết thúc", "11:30")
		b.Fill("Nội dung buổi học", "Công ước về Quyền trẻ em")
		b.Click("Lưu và thêm buổi nữa")
		b.Sees("Đã lưu buổi học")
		if v := b.Value("Bắt đầu"); v != "13:30" {
			t.Errorf("after a morning, the form proposes %s", v)
		}
		b.Click("Lưu buổi học")
		b.Sees("2 buổi", "7 giờ 30 phút")

		// Another course wants the same hall.
		other := rival(t, db)
		b.Go("/courses/1")
		b.Sees("Có buổi bị trùng", "Trùng phòng Hội trường A, 10:00–12:00: Lớp cùng hội trường")
		b.Fill("Phân công thêm", "Hoàng Thị Én")
		b.Click("Phân công")
		b.Sees("Đã phân công", "Hoàng Thị Én")
		look("draft-full")
		b.ClickIn("Công ước về Quyền trẻ em", "Sửa")
		b.Sees("Có buổi bị trùng")
		b.Fill("Phòng", "Hội trường B")
		b.Click("Kiểm tra trùng")
		b.Sees("Không trùng phòng")
		look("session-edit")
		b.Go("/calendar")
		b.Sees("Lịch tháng 11 năm 2026", "Trùng phòng với 2026-001")
		look("calendar")
		b.Click("Tháng sau")
		b.Sees("Tháng này không có buổi học nào")
		look("calendar-empty")

		b.Go("/courses/1")
		b.Click("Mở ghi danh")
		b.Sees("Đã mở lớp")
		b.Click("Khai giảng")
		b.Sees("Lớp đã khai giảng", "Sau lúc đó mới kết thúc lớp được")
		attend(t, db)
		b.Click("Xem trước kết quả")
		b.Sees("Chưa kết thúc lớp được", "Nông Thị Bích", "Thiếu thời gian tham dự")
		clock("2026-11-24", 17*60)
		b.Go("/courses/1")
		look("running")
		b.Click("Kết thúc lớp")
		b.Sees("Hoàn thành (1)", "Thiếu thời gian tham dự (1)", "Chưa có điểm (1)", "Kết thúc lớp và ghi kết quả")
		look("closing")
		b.Click("Kết thúc lớp và ghi kết quả")
		b.Sees("Đã kết thúc lớp", "Giấy chứng nhận của lớp")
		look("closed")
		b.Click("Sửa")
		b.Sees("Lớp đã kết thúc nên hình thức")
		look("edit-closed")

		b.Go(fmt.Sprint("/courses/", other))
		b.Click("Hủy lớp")
		look("cancel")
		eval(b, `document.querySelector("form.form").noValidate = true`)
		b.ClickAt("main form.form button.btn-danger")
		b.Sees("Hãy ghi lý do")
		b.Fill("Lý do hủy", "Giảng viên bận công tác đột xuất")
		b.ClickAt("main form.form button.btn-danger")
		b.Sees("Đã hủy lớp", "Giảng viên bận công tác đột xuất")
		look("cancelled")
		b.Go("/courses?sort=code")
		b.Sees("3 trên 50")
		look("list")
		b.Go("/courses?q=khong+co+lop+nay")
		b.Sees("Không có lớp nào khớp")
		b.Go("/courses/1?lang=en")
		b.Sees("Closed", "Sessions", "At least 80% of the time attended and a score of 5.5")
		b.Dark(true)
		look("english-dark")
	}, testseed.Base)
}

// rival makes a course that wants hall A on the same morning.
func rival(t *testing.T, db *store.DB) uint64 {
	t.Helper()
	s := &course.Service{DB: db}
	d, err := s.Get(t.Context(), access.System(), access.CourseRead, 1)
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Create(t.Context(), access.System(), course.Input{Title: "Lớp cùng hội trường", CourseTypeID: d.CourseTypeID, HostID: d.HostID, Capacity: 9, RulePercent: 80})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddSession(t.Context(), access.System(), id, course.SessionInput{Day: models.MustDay("2026-11-24"), StartMinute: 600, EndMinute: 720, Room: "hội trường a"}); err != nil {
		t.Fatal(err)
	}
	return id
}

// attend enrols three in course 1, of whom two were there and one of those has a score.
func attend(t *testing.T, db *store.DB) {
	t.Helper()
	_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		var sessions []models.Session
		if err := tx.Where("course_id = 1").Find(&sessions).Error; err != nil {
			return 0, err
		}
		var host models.Organisation
		if err := tx.Where("code = ?", "SO-VHTTDL").Take(&host).Error; err != nil {
			return 0, err
		}
		score := 80
		for i, name := range []string{"Lục Văn An", "Nông Thị Bích", "Đàm Quang Cường"} {
			k := models.Cadre{FullName: name, BirthYear: 1980 + i}
			if err := tx.Create(&k).Error; err != nil {
				return 0, err
			}
			e := models.Enrolment{CourseID: 1, CadreID: k.ID, OrganisationID: &host.ID, State: models.EnrolmentEnrolled, Source: "coordinator"}
			if i == 0 {
				e.ScoreTenths = &score
			}
			if err := tx.Create(&e).Error; err != nil {
				return 0, err
			}
			if i == 1 {
				continue
			}
			for _, x := range sessions {
				ev := models.MarkEvent{UID: fmt.Sprint(x.ID, "-", e.ID), SessionID: x.ID, EnrolmentID: &e.ID, State: models.EventApplied, Mark: models.MarkPresent, MarkedAt: tx.Now, ReceivedAt: tx.Now, AccountID: 1, Source: "list"}
				if err := tx.Create(&ev).Error; err != nil {
					return 0, err
				}
				if err := tx.Create(&models.Mark{SessionID: x.ID, EnrolmentID: e.ID, Mark: models.MarkPresent, MarkedAt: tx.Now, EventID: ev.ID, AccountID: 1}).Error; err != nil {
					return 0, err
				}
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestATrainerSeesOwnCoursesOnlyAndNothingToChange(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		id := site.Account(t, testweb.Account{Name: "Hoàng Thị Én", SignIn: "hoangen", Role: models.RoleTrainer})
		s := &course.Service{DB: db}
		mine, err := s.Create(t.Context(), access.System(), course.Input{Title: "Lớp của Én", CourseTypeID: w.draft.CourseTypeID, HostID: w.home.ID, Capacity: 9, RulePercent: 80})
		w.must(err)
		_, err = s.AddSession(t.Context(), access.System(), mine, course.SessionInput{Day: models.MustDay("2026-11-24"), StartMinute: 600, EndMinute: 720, Room: "A"})
		w.must(err)
		w.must(s.AddStaff(t.Context(), access.System(), mine, id, models.StaffTrainer))
		w.must(s.Open(t.Context(), access.System(), mine))
		b := testweb.Browse(t, site.URL)
		site.SignIn(b, "hoangen")
		b.Click("Lớp tôi dạy")
		b.Sees("Lớp của Én")
		b.Lacks("Lớp đang soạn")
		if db.Dialect == store.SQLite {
			b.Look("course-teaching")
		}
		b.Click("Lớp của Én")
		b.Sees("Buổi hôm nay", "Điểm danh")
		b.Lacks("Thêm buổi học")
		b.Lacks("Khai giảng")
		b.Lacks("Phân công thêm")
		if db.Dialect == store.SQLite {
			b.Look("course-trainer")
		}
	}, testseed.Base)
}

var keyField = regexp.MustCompile(`name="request_key" value="([^"]+)"`)

func TestADoubleClickMakesOneCourseAndAStaleFormIsRefusedWithWhatWasTyped(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		a := w.as(models.RoleCoordinator)
		page := a.get("/courses/new")
		key := keyField.FindStringSubmatch(page.body[strings.Index(page.body, "<main"):])[1]
		form := url.Values{"request_key": {key}, "title": {"Lớp một"}, "course_type": {"talk"}, "host": {homeOffice}, "capacity": {"9"}, "rule_percent": {"80"}, "topics": {"1", "1.1"}}
		first, second := a.post("/courses", form), a.post("/courses", form)
		if first.status != http.StatusSeeOther || second.location != first.location {
			t.Errorf("%d %s, then %d %s", first.status, first.location, second.status, second.location)
		}
		var n int64
		w.must(db.Read(t.Context()).Model(&models.Course{}).Where("title = ?", "Lớp một").Count(&n).Error)
		if n != 1 {
			t.Errorf("%d courses", n)
		}
		form.Del("request_key")
		form.Set("version", "1")
		form.Set("title", "Lớp hai")
		if got := a.post(first.location, form); got.status != http.StatusSeeOther {
			t.Errorf("%d %s", got.status, got.body)
		}
		form.Set("title", "Lớp ba & <b>")
		if got := a.post(first.location, form); got.status != http.StatusConflict || !strings.Contains(got.body, "Lớp ba &amp; &lt;b&gt;") || !strings.Contains(got.body, "vừa được sửa ở nơi khác") {
			t.Errorf("stale: %d %s", got.status, got.body)
		}
		for field, value := range map[string]string{"capacity": "nhiều", "rule_percent": "1e9", "min_score": "11", "title": "", "host": "KHONG-CO", "course_type": "khac", "topics": "9.9", "groups": "ABC", "link": "javascript:1"} {
			bad := url.Values{}
			for k, v := range form {
				bad[k] = v
			}
			bad.Set("version", "2")
			bad.Set(field, value)
			if got := a.post(first.location, bad); got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s=%s: %d", field, value, got.status)
			}
		}
		for _, q := range []string{"?page=9999999", "?year=x", "?state=gone", "?sort=;--", "?q=" + strings.Repeat("a", 300)} {
			if got := a.get("/courses" + q); got.status >= 500 {
				t.Errorf("%s: %d", q, got.status)
			}
		}
		for q, want := range map[string]int{"": 200, "?month=": 200, "?month=2024-02": 200, "?month=2026-13": 422, "?month=9999-01": 422, "?month=x": 422} {
			if got := a.get("/calendar" + q); got.status != want {
				t.Errorf("%s: %d", q, got.status)
			}
		}
	}, testseed.Base)
}

func TestTheAPILeadsACourseThroughItsLife(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		clock := setClock(db, "2026-11-24", 6*60)
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		a := w.as(models.RoleCoordinator)
		ask := func(method, path, body string, status int, contains ...string) answer {
			t.Helper()
			got := a.ask(method, "/api/v1"+path, "application/json", body)
			if got.status != status {
				t.Errorf("%s %s: %d, not %d: %s", method, path, got.status, status, got.body)
			}
			for _, x := range contains {
				if !strings.Contains(got.body, x) {
					t.Errorf("%s %s: no %s in %s", method, path, x, got.body)
				}
			}
			return got
		}
		made := ask("POST", "/courses", `{"title":"Tọa đàm","course_type":"talk","host":"SO-VHTTDL","capacity":5,"topics":["1","1.2"],"groups":["QCN"],"min_score":6.5}`, 201,
			`"state":"draft"`, `"min_score":6.5`, `"rule_percent":80`, `"topics":["1","1.2"]`, `"steps":["cancel"]`)
		id := regexp.MustCompile(`"id":(\d+)`).FindStringSubmatch(made.body)[1]
		at := "/courses/" + id
		ask("POST", "/courses", `{"title":""}`, 422, `"field":"title"`, `"field":"host"`, `"field":"capacity"`)
		ask("PATCH", at, `{"min_score":0,"capacity":7,"version":1}`, 200, `"min_score":null`, `"capacity":7`, `"title":"Tọa đàm"`, `"version":2`)
		ask("PATCH", at, `{"capacity":8,"version":1}`, 409, `"code":"course_changed"`)
		ask("POST", at+"/open", "", 409, `"code":"course_no_session"`)
		x := ask("POST", at+"/sessions", `{"day":"2026-11-24","start":"07:30","end":"11:30","room":"A"}`, 201, `"minutes":240`, `"start":"07:30"`, `"clashes":[]`)
		session := regexp.MustCompile(`"id":(\d+)`).FindStringSubmatch(x.body)[1]
		ask("POST", at+"/sessions", `{"day":"24-11","start":"x","end":""}`, 422, `"field":"day"`, `"field":"start"`, `"field":"end"`)
		ask("PATCH", "/sessions/"+session, `{"end":"11h"}`, 200, `"minutes":210`, `"room":"A"`)
		ask("POST", "/sessions/"+session+"/cancel", "", 200, `"cancelled":true`)
		ask("POST", "/sessions/"+session+"/restore", "", 200, `"cancelled":false`)
		ask("GET", at+"/sessions", "", 200, `"sessions":[{`)
		ask("POST", at+"/open", "", 200, `"state":"open"`)
		ask("POST", at+"/start", "", 200, `"state":"running"`)
		ask("POST", at+"/close", "", 409, `"code":"course_not_over"`)
		ask("GET", at+"/closing", "", 200, `"blocked":"course_not_over"`, `"total_minutes":210`)
		clock("2026-11-24", 12*60)
		ask("POST", at+"/close", "", 200, `"state":"closed"`)
		ask("POST", at+"/cancel", `{"reason":"x"}`, 409, `"code":"course_step"`)
		ask("GET", "/courses?state=closed&q=toa+dam", "", 200, `"total":1`)
		ask("GET", at, "", 200, `"components":["update"]`)
	}, testseed.Base)
}

// eval does something in the page that a person would do with keys.
func eval(b *testweb.Tab, js string) { testweb.Eval[bool](b, "(() => { "+js+"; return true })()") }
