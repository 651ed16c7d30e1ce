package handlers_test

import (
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

func TestACoordinatorKeepsVenuesAndACourseAndItsSessionsChooseThem(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/venues")
		b.Sees("Không có địa điểm nào")
		b.Click("Thêm địa điểm")
		b.Fill("Tên địa điểm", "Trung tâm Hội nghị tỉnh")
		b.Fill("Địa chỉ", "phường Thục Phán")
		b.Look("venue-form")
		b.Click("Lưu")
		b.Sees("Đã lưu địa điểm.", "Chưa có phòng nào")
		for _, r := range [][2]string{{"Hội trường lớn", "300"}, {"Phòng họp nhỏ", "20"}} {
			b.Fill("Tên phòng", r[0])
			b.Fill("Số chỗ", r[1])
			b.Click("Thêm phòng")
			b.Sees("Đã lưu phòng.", r[0])
		}
		b.Fill("Tên phòng", "hội trường LỚN")
		b.Fill("Số chỗ", "10")
		b.Click("Thêm phòng")
		b.Sees("Địa điểm này đã có phòng mang tên đó.")
		b.Look("venue-show")

		b.Go("/courses/new")
		b.Fill("Tên lớp", "Tập huấn truyền thông")
		b.Fill("Địa điểm trong danh mục", "Trung tâm Hội nghị tỉnh, phường Thục Phán (phòng lớn nhất 300 chỗ)")
		b.Fill("Cơ quan chủ trì", "so van hoa")
		b.Press(kb.Enter)
		b.Look("course-form-venue")
		b.Click("Lưu bản thảo")
		b.Sees("Trung tâm Hội nghị tỉnh, phường Thục Phán")
		b.Click("Thêm buổi")
		b.Fill("Phòng trong danh mục", "Phòng họp nhỏ (20 chỗ)")
		b.Click("Kiểm tra trùng")
		b.Sees("Phòng chỉ có 20 chỗ, lớp nhận đến 50 người.")
		b.Look("session-room")
		b.Click("Lưu buổi học")
		b.Sees("Phòng họp nhỏ", "Phòng chỉ có 20 chỗ")
		b.Look("course-room")

		b.Go("/venues")
		b.Sees("Trung tâm Hội nghị tỉnh", "Hội trường lớn (300 chỗ)")
		b.Look("venue-list")
		b.Click("Trung tâm Hội nghị tỉnh")
		b.ClickAt(`form[action$="/retire"] .btn-danger`)
		b.Sees("Đã ngừng dùng địa điểm.")
		b.Go("/courses/new")
		b.Lacks("phòng lớn nhất")
	}, testseed.Base)
}

func TestFormsOfVenuesRefuseWhatCannotBeAndKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		a := w.as(models.RoleCoordinator)
		house, room := w.path(handlers.Route{Path: "/venues/:id"}), w.path(handlers.Route{Path: "/rooms/:id"})
		for _, c := range []struct {
			path string
			form url.Values
			code int
			says string
		}{
			{"/venues", url.Values{"name": {""}, "address": {"Tổ 4"}}, 422, "Tổ 4"},
			{"/venues", url.Values{"name": {"Nhà mới"}, "organisation": {"KHÔNG"}}, 422, "Nhà mới"},
			{house, url.Values{"name": {"Nhà khác"}, "version": {"99"}}, 409, "vừa được người khác sửa"},
			{house + "/rooms", url.Values{"name": {"Phòng mới"}, "capacity": {"-1"}}, 422, "Số nhỏ nhất là 1."},
			{house + "/rooms", url.Values{"name": {"Phòng mới"}, "capacity": {"nhiều"}}, 422, "Hãy nhập một số."},
			{room, url.Values{"name": {"Phòng khác"}, "capacity": {"5"}, "version": {"99"}}, 409, "Phòng khác"},
			{"/courses", url.Values{"title": {"Lớp"}, "venue_id": {"x"}, "capacity": {"5"}, "rule_percent": {"80"}}, 422, "Hãy chọn một mục trong danh sách."},
			{"/venues/987654321/retire", nil, 404, ""},
		} {
			got := a.post(c.path, c.form)
			if got.status != c.code || !strings.Contains(got.body, c.says) {
				t.Errorf("%s %v: %d, want %d with %q", c.path, c.form, got.status, c.code, c.says)
			}
		}
		if got := w.as(models.RoleHead).get("/venues"); got.status != http.StatusOK || strings.Contains(got.body, house) {
			t.Errorf("a head looks at venues without links to change them: %d", got.status)
		}
	}, testseed.Base)
}
