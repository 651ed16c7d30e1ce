package handlers_test

import (
	"net/http"
	"strings"
	"testing"

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
