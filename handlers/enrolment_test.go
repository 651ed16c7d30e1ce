package handlers_test

import (
	"fmt"
	"net/url"
	"testing"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// tick ticks the row of somebody in a list with boxes.
func tick(b *testweb.Tab, name string) { b.ClickAt(`input[aria-label="Chọn ` + name + `"]`) }

// candidates gives the candidates for a course as the service lists them.
func candidates(t *testing.T, db *store.DB, c models.Course, f enrolment.Filter) []enrolment.Candidate {
	t.Helper()
	l, err := (&enrolment.Service{DB: db}).Candidates(t.Context(), access.System(), c.ID, f)
	if err != nil {
		t.Fatal(err)
	}
	return l.Rows
}

func TestACoordinatorEnrolsByGapAndTheRestWaits(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		course := invCourse(t, db, models.Course{Code: "TH-26-07", Title: "Tập huấn kỹ năng truyền thông về quyền con người cho cấp xã, đợt 2", State: models.CourseOpen, Venue: "Trung tâm Văn hóa tỉnh", Capacity: 12},
			"conference", "QCN", "2026-12-08", "2026-12-09")
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go(fmt.Sprintf("/courses/%d/enrolments", course.ID))
		b.Sees("Người tham dự", "0 trên 12", "Chưa có ai ở đây")
		look(b, "enrolment-empty")
		b.Click("Ghi danh thêm")
		b.Sees("Ai nên dự", "Của lớp: QCN", "Theo danh sách cán bộ ngày 08/12/2026", "người vào danh sách chờ", "12 người đã chọn")
		look(b, "enrolment-new")
		b.Click("Danh sách xếp theo thứ tự nào?")
		b.Sees("Trước hết là người của đơn vị còn thiếu nhiều người nhất")
		look(b, "enrolment-rank")
		b.ClickAt("[data-select-all]") // all
		b.ClickAt("[data-select-all]") // none
		b.Click("Ghi danh người đã chọn")
		b.Sees("Chưa chọn ai")
		found := candidates(t, db, course, enrolment.Filter{Group: "QCN", Lacking: true})
		tick(b, found[0].Name)
		b.Click("Ghi danh người đã chọn")
		b.Sees("1 người có chỗ.", "1 trên 12", found[0].Name)
		b.Click("Ghi danh thêm")
		b.Click(fmt.Sprintf("Ghi danh cả %d người", len(found)-1))
		b.Sees("11 người có chỗ.", fmt.Sprintf("%d người vào danh sách chờ.", len(found)-12), "12 trên 12")
		look(b, "enrolment-list")
		b.Click("Danh sách chờ")
		b.Sees("Thứ tự")
		look(b, "enrolment-waiting")
		b.Click("Tham dự")
		tick(b, found[0].Name)
		b.Click("Gửi giấy mời")
		b.Sees("1 người đã được mời từ trước.")
		tick(b, found[0].Name)
		b.Click("Đã kiểm trên danh sách ký")
		b.Sees("Đã ghi 1 người.")
		tick(b, found[0].Name)
		b.Click("Cho rút khỏi lớp")
		b.Sees("Hãy ghi lý do")
		look(b, "enrolment-refused")
		b.Fill("Lý do rút", "Bận công tác đột xuất")
		b.Click("Cho rút khỏi lớp")
		b.Sees("1 người đã rút khỏi lớp.", "1 người trong danh sách chờ được lên chỗ.", "12 trên 12")
		b.Click("Đã rút")
		b.Sees(found[0].Name, "Bận công tác đột xuất")
		look(b, "enrolment-withdrawn")
		// The way from the list of those missing keeps its filter.
		b.Go(fmt.Sprintf("/courses/%d/enrolments/new?org=CB-XA&group=QCN&lacking=1", course.ID))
		b.Sees("Ai nên dự")
		b.Go(fmt.Sprintf("/courses/%d/enrolments/new?group=all&lacking=0&q=nguyen+v", course.ID))
		b.Sees("Nguyễn V")
		look(b, "enrolment-search")
	}, province(300))
}

func TestAHeadNominatesACoordinatorDecidesAndACadreSeesIt(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		course := invCourse(t, db, models.Course{Code: "TH-26-08", Title: "Tập huấn luật pháp quốc tế về quyền con người cho cán bộ xã, phường", State: models.CourseOpen, Venue: "Hội trường UBND tỉnh", Capacity: 2},
			"conference", "QCN", "2026-12-15", "2026-12-16")
		site := testweb.Serve(t, db)
		head := site.As(t, models.RoleHead, "CB-XA")
		head.Go(fmt.Sprintf("/courses/%d/enrolments", course.ID))
		head.Sees("Đơn vị chưa có ai trong lớp")
		head.Click("Cử cán bộ tham dự")
		head.Sees("Theo danh sách cán bộ ngày 15/12/2026")
		look(head, "nominate")
		found := candidates(t, db, course, enrolment.Filter{Group: "QCN", Lacking: true, Organisation: "CB-XA"})
		var names []string
		seen := map[string]bool{}
		for _, c := range found {
			if len(names) < 4 && !seen[c.Name] {
				names, seen[c.Name] = append(names, c.Name), true
				tick(head, c.Name)
			}
		}
		head.Click("Cử người đã chọn")
		head.Sees("Đã cử 4 người, chờ duyệt.", names[0], "Chờ duyệt")
		look(head, "nominations-own")
		b := site.As(t, models.RoleCoordinator, "")
		b.Click("Cử tham dự")
		b.Sees(names[0], "còn 2 trên 2 chỗ", "Lý Thị Thử")
		look(b, "nominations")
		tick(b, names[3])
		b.Click("Không duyệt")
		b.Sees("Hãy ghi lý do")
		b.Fill("Lý do, nếu không duyệt", "Đã dự lớp tương đương")
		b.Click("Không duyệt")
		b.Sees("Không duyệt 1 người.")
		b.Lacks(names[3])
		for _, n := range names[:3] {
			tick(b, n)
		}
		b.Click("Duyệt người đã chọn")
		b.Sees("2 người có chỗ.", "1 người vào danh sách chờ.", "Không còn đề cử nào chờ duyệt")
		look(b, "nominations-none")
		head.Go("/nominations")
		head.Sees("Có chỗ", "Chờ, thứ 1", "Không duyệt", "Lý do: Đã dự lớp tương đương")
		look(head, "nominations-decided")
		tick(head, names[0])
		head.Fill("Lý do rút", "Đi công tác")
		head.Click("Cho rút khỏi lớp")
		head.Sees("1 người đã rút khỏi lớp.", "1 người trong danh sách chờ được lên chỗ.")

		cadre := found[1].CadreID
		site.Account(t, testweb.Account{Name: found[1].Name, SignIn: "canbo", Role: models.RoleCadre, CadreID: cadre})
		own := testweb.Browse(t, site.URL)
		site.SignIn(own, "canbo")
		own.Click("Lớp của tôi")
		own.Sees("Buổi sắp tới", "Tập huấn luật pháp quốc tế", "15/12/2026, 07:30–11:30", "Hội trường A", "Hội trường UBND tỉnh")
		look(own, "my-courses")
	}, province(300))
}

func TestThoseTickedOnTheListOfWhoIsMissingAreTickedInTheCourse(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		course := invCourse(t, db, models.Course{Code: "TH-26-09", Title: "Tập huấn quyền con người cho cấp xã, đợt 3", State: models.CourseOpen, Venue: "Trung tâm Văn hóa tỉnh", Capacity: 12},
			"conference", "QCN", "2026-12-10", "2026-12-11")
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		found := candidates(t, db, course, enrolment.Filter{Group: "QCN", Lacking: true})
		b.Go("/coverage/missing?org=CB&group=QCN&q=" + url.QueryEscape(found[0].Name))
		look(b, "coverage-missing")
		tick(b, found[0].Name)
		b.Click("Đưa người đã chọn vào lớp TH-26-09")
		b.Sees("Chỉ hiện những người vừa chọn", found[0].Name, "1 người đã chọn")
		look(b, "enrolment-ticked")
		b.Click("Ghi danh người đã chọn")
		b.Sees("1 người có chỗ.", found[0].Name)
	}, province(300))
}
