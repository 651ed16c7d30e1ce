package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"taphuan/app/store"
	"taphuan/handlers"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestACadresWorkingLifeIsKeptFromHireToRetirement(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/organisations/SO-TP")
		b.Click("Thêm cán bộ")
		b.Fill("Họ và tên", "Nông Thị Hồng Gấm")
		b.Fill("Ngày sinh (không bắt buộc)", "5/4/1985")
		b.Fill("Chức danh", "Chuyên viên")
		b.Check("Cán bộ làm công tác quyền con người")
		b.Fill("Làm việc từ ngày", "01/03/2024")
		b.Look("posting-new")
		b.Click("Xem trước")
		b.Sees("Chưa có gì được ghi", "từ 01/03/2024", "Tỷ lệ bao phủ", "31/12/2024", "0/1")
		b.Look("posting-hire-preview")
		b.Click("Ghi")
		b.Sees("Đã thêm cán bộ vào danh sách", "Nông Thị Hồng Gấm", "Sở Tư pháp")
		// The same person again is found before anything is written.
		b.Go("/cadres/new?organisation=SO-NV")
		b.Fill("Họ và tên", "NÔNG THỊ HỒNG GẤM")
		b.Fill("Ngày sinh (không bắt buộc)", "1985")
		b.Fill("Chức danh", "Phó trưởng phòng")
		b.Fill("Làm việc từ ngày", "01/02/2026")
		b.Click("Xem trước")
		b.Sees("Có thể đã có trong danh sách", "Chuyên viên, Sở Tư pháp")
		b.Look("posting-known")
		b.Click("Lấy người này và chuyển công tác")
		b.Sees("Xem trước: Chuyển công tác", "Sở Nội vụ", "trước đây: từ 01/03/2024")
		b.Look("posting-transfer-preview")
		b.Click("Sửa lại")
		b.Check("Cán bộ làm công tác quyền con người")
		b.Fill("Ghi chú (không bắt buộc)", "Quyết định 12/QĐ-UBND")
		b.Look("posting-transfer")
		b.Click("Xem trước")
		b.Click("Ghi")
		b.Sees("Đã ghi vào quá trình công tác", "Phó trưởng phòng, Sở Nội vụ", "đến hết 31/01/2026")
		b.Click("Nghỉ")
		b.Check("Nghỉ thai sản")
		b.Fill("Nghỉ từ ngày", "01/10/2026")
		b.Fill("Nghỉ đến hết ngày (không bắt buộc)", "31/03/2027")
		b.Look("posting-leave")
		b.Click("Xem trước")
		b.Sees("Nghỉ thai sản, từ 01/10/2026, dự kiến đến hết 31/03/2027")
		b.Click("Ghi")
		b.Click("Thêm kiêm nhiệm")
		b.Fill("Cơ quan, đơn vị", "van phong uy ban")
		b.Press(kb.Enter)
		b.Fill("Chức danh", "Thành viên Ban Chỉ đạo")
		b.Fill("Kiêm nhiệm từ ngày", "01/06/2026")
		b.Click("Xem trước")
		b.Sees("kiêm nhiệm", "không thay đổi")
		b.Click("Ghi")
		b.Sees("Thành viên Ban Chỉ đạo")
		b.Look("posting-timeline")
		// A planned retirement names the courses that are left behind.
		var c models.Cadre
		w.must(db.Read(t.Context()).Take(&c, "full_name = ?", "Nông Thị Hồng Gấm").Error)
		course := w.draft
		course.ID, course.Code, course.Title, course.State = 0, "TOI-1", "Lớp sắp mở", models.CourseOpen
		course.FirstDay, course.LastDay = models.MustDay("2027-02-01"), models.MustDay("2027-02-02")
		w.create(&course)
		w.create(&models.Enrolment{CourseID: course.ID, CadreID: c.ID, State: models.EnrolmentEnrolled, Source: "coordinator"})
		b.Click("Rời danh sách")
		b.Fill("Làm việc đến hết ngày", "31/12/2026")
		b.Check("nghỉ hưu")
		b.Look("posting-end")
		b.Click("Xem trước")
		b.Sees("Lớp sắp tới", "Lớp sắp mở", "rời danh sách từ sau ngày 31/12/2026")
		b.Look("posting-end-preview")
		b.Click("Ghi")
		b.Sees("dự kiến đến hết 31/12/2026", "nghỉ hưu")
		b.Look("posting-planned-end")
		// What was recorded wrongly is corrected with a word why.
		b.ClickAt(".timeline li:last-child a[href*='kind=correct&']")
		b.Fill("Làm việc từ ngày", "01/01/2024")
		b.Fill("Ghi chú", "Ghi nhầm ngày")
		b.Look("posting-correct")
		b.Click("Xem trước")
		b.Sees("Việc này sửa những ngày đã qua", "trước đây: từ 01/03/2024")
		b.Click("Ghi")
		b.Sees("từ 01/01/2024 đến hết 31/01/2026")
		b.ClickAt(".timeline li:first-child a[href*='kind=remove&']")
		b.Fill("Ghi chú", "Không có kiêm nhiệm")
		b.Click("Xem trước")
		b.Sees("sẽ bị xóa")
		b.Look("posting-remove")
		b.Click("Ghi")
		b.Lacks("Thành viên Ban Chỉ đạo")
		var rows []models.AuditEntry
		w.must(db.Read(t.Context()).Where("noun = ? AND noun_id = ? AND action LIKE ?", "cadre", c.ID, "posting.%").Order("id").Find(&rows).Error)
		if len(rows) != 7 || !strings.Contains(rows[5].Detail, `"from":"2024-03-01"`) || !strings.Contains(rows[5].Detail, `"from":"2024-01-01"`) || !strings.Contains(rows[5].Detail, "Ghi nhầm ngày") {
			t.Errorf("%d entries; the correction: %+v", len(rows), rows)
		}
	}, testseed.Base)
}

func TestProgramsHireAndChangePostings(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		head := w.as(models.RoleHead)
		type cadre struct {
			ID, Version int
			Postings    []struct {
				ID           int
				Organisation string
				Title        string
				From         string
				To           *string
				EndReason    string `json:"end_reason"`
			}
		}
		send := func(path, body string) answer { return head.ask(http.MethodPost, path, "application/json", body) }
		c := decode[cadre](t, send("/api/v1/cadres", `{"name":"Dương Thị Mới","born":"1991","organisation":"`+homeOffice+`","title":"Chuyên viên","groups":["QCN"],"from":"2026-01-01"}`), http.StatusCreated)
		if len(c.Postings) != 1 || c.Postings[0].Organisation != homeOffice || c.Postings[0].To != nil {
			t.Errorf("%+v", c)
		}
		changes := fmt.Sprintf("/api/v1/cadres/%d/changes", c.ID)
		promote := fmt.Sprintf(`{"kind":"change","version":%d,"posting_id":%d,"title":"Phó phòng","groups":["QCN"],"from":"2026-06-01"}`, c.Version, c.Postings[0].ID)
		d := decode[cadre](t, send(changes, promote), http.StatusCreated)
		if len(d.Postings) != 2 || d.Postings[0].Title != "Phó phòng" || *d.Postings[1].To != "2026-06-01" {
			t.Errorf("%+v", d)
		}
		for _, x := range []struct {
			path, body, code string
			status           int
		}{
			{changes, promote, "history_changed", 409},
			{"/api/v1/cadres", `{"name":"Dương Thị Mới","born":"1991","organisation":"` + homeOffice + `","title":"X","from":"2026-02-01"}`, "known_person", 409},
			{"/api/v1/cadres", `{"name":"Dương Thị Khác","organisation":"` + otherOffice + `","title":"X","from":"2026-02-01"}`, "not_found", 404},
			{"/api/v1/cadres", `{"name":"Dương Thị Khác","organisation":"` + homeOffice + `","title":"X","from":"2026-02-01","to":"2026-01-01"}`, "end_before_start", 422},
			{changes, fmt.Sprintf(`{"kind":"transfer","version":%d,"organisation":"%s","title":"X","from":"2026-08-01"}`, d.Version, otherOffice), "not_found", 404},
			{changes, fmt.Sprintf(`{"kind":"end","version":%d,"posting_id":%d,"reason":"retired","to":"2026-05-01"}`, d.Version, d.Postings[0].ID), "end_before_start", 422},
			{changes, fmt.Sprintf(`{"kind":"leave","version":%d,"posting_id":%d,"leave":"sick","from":"2026-05-01","to":"2026-07-01"}`, d.Version, d.Postings[0].ID), "leave_outside_posting", 422},
			{fmt.Sprintf("/api/v1/cadres/%d/changes", w.ids["cadres"]), promote, "not_found", 404},
		} {
			if got := send(x.path, x.body); got.status != x.status || !strings.Contains(got.body, x.code) {
				t.Errorf("%s: %d %s", x.body, got.status, got.body)
			}
		}
	}, testseed.Base)
}

func TestAChangeThatIsRefusedKeepsWhatWasTypedAndChangesNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		c := w.post("Đàm Văn Đức", homeOffice, "2026-01-01", "")
		var p models.Posting
		w.must(db.Read(t.Context()).Take(&p, "cadre_id = ?", c.ID).Error)
		head := w.as(models.RoleHead)
		at := fmt.Sprintf("/cadres/%d/change", c.ID)
		form := func(pairs ...string) url.Values {
			v := url.Values{"version": {"0"}, "posting_id": {fmt.Sprint(p.ID)}, "typed": {"true"}}
			for i := 0; i < len(pairs); i += 2 {
				v.Set(pairs[i], pairs[i+1])
			}
			return v
		}
		for _, x := range []struct {
			form   url.Values
			status int
			says   string
		}{
			{form("kind", "change", "title", "Giữ lại chữ này", "from", "ngày mai"), 422, "Hãy nhập ngày"},
			{form("kind", "change", "title", "Giữ lại chữ này", "from", "01/01/2026"), 422, "bắt đầu đúng ngày đó"},
			{form("kind", "change", "title", "Giữ lại chữ này", "from", "2025-01-01"), 422, "nằm ngoài thời gian"},
			{form("kind", "change", "title", "Giữ lại chữ này", "from", "2026-05-01", "version", "7"), 409, "vừa được người khác thay đổi"},
			{form("kind", "end", "reason", "retired", "to", "2025-06-01", "note", "Giữ lại chữ này"), 422, "Ngày kết thúc phải sau ngày bắt đầu"},
			{form("kind", "end", "to", "2026-12-31", "note", "Giữ lại chữ này"), 422, "Lý do kết thúc"},
			{form("kind", "leave", "leave", "sick", "from", "2025-12-01", "note", "Giữ lại chữ này"), 422, "phải nằm trong thời gian của vị trí"},
			{form("kind", "remove"), 422, "Hãy ghi lý do sửa"},
			{form("kind", "correct", "organisation", otherOffice, "title", "X", "from", "2026-01-01", "note", "x"), 404, ""},
			{form("kind", "concurrent", "organisation", homeOffice, "title", strings.Repeat("dài ", 99), "from", "2026-02-01"), 422, ""},
			{form("kind", "change", "posting_id", "987654321", "title", "X", "from", "2026-05-01"), 404, ""},
			{form("kind", "change", "posting_id", "99999999999999999999", "title", "X", "from", "2026-05-01"), 422, ""},
		} {
			for how, got := range map[string]answer{"preview": head.get(at + "?preview=true&" + x.form.Encode()), "post": head.post(at, x.form)} {
				kept := !strings.Contains(x.form.Encode(), "l%E1%BA%A1i+ch%E1%BB%AF") || strings.Contains(got.body, "Giữ lại chữ này")
				if got.status != x.status || !kept || !strings.Contains(got.body, x.says) {
					t.Errorf("%s %s: %d, kept %v\n%.200s", how, x.form.Encode(), got.status, kept, got.body)
				}
			}
		}
		var n int64
		w.must(db.Read(t.Context()).Model(&models.Posting{}).Where("cadre_id = ?", c.ID).Count(&n).Error)
		w.must(db.Read(t.Context()).Take(&c, c.ID).Error)
		if n != 1 || c.HistoryVersion != 0 {
			t.Errorf("%d postings, version %d", n, c.HistoryVersion)
		}
		// A double click happens once.
		twice := form("kind", "change", "title", "Phó phòng", "from", "2026-05-01", "request_key", handlers.NewKey())
		for range 2 {
			if got := head.post(at, twice); got.status != http.StatusSeeOther {
				t.Errorf("%d", got.status)
			}
		}
		w.must(db.Read(t.Context()).Model(&models.Posting{}).Where("cadre_id = ?", c.ID).Count(&n).Error)
		if n != 2 {
			t.Errorf("%d postings after a double click", n)
		}
	}, testseed.Base)
}
