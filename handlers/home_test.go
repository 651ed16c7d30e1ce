package handlers_test

import (
	"net/http"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// write changes a test's database by hand.
func write(t *testing.T, db *store.DB, rows ...any) {
	t.Helper()
	_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		for _, r := range rows {
			if err := tx.Create(r).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// cadresOf gives the ids of cadres posted at an office.
func cadresOf(t *testing.T, db *store.DB, office string, n int) []uint64 {
	t.Helper()
	var ids []uint64
	err := db.Read(t.Context()).Table("postings p").Joins("JOIN organisations o ON o.id = p.organisation_id").Where("o.code = ?", office).Order("p.id").Limit(n).Pluck("p.cadre_id", &ids).Error
	if err != nil || len(ids) < n {
		t.Fatalf("%d cadres at %s: %v", len(ids), office, err)
	}
	return ids
}

func enrol(t *testing.T, db *store.DB, course uint64, state models.EnrolmentState, cadres ...uint64) {
	t.Helper()
	for _, c := range cadres {
		write(t, db, &models.Enrolment{CourseID: course, CadreID: c, State: state, Source: "nomination"})
	}
}

func TestATrainersFirstPageIsTheSessionAtHandWithOneLargeButton(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		id := site.Account(t, testweb.Account{Name: "Bế Thị Giảng", SignIn: "giang", Role: models.RoleTrainer})
		b := testweb.Browse(t, site.URL)
		site.SignIn(b, "giang")
		b.Sees("Chưa có buổi nào sắp tới")
		running := invCourse(t, db, models.Course{Code: "TH-01", Title: "Tập huấn truyền thông về quyền con người", State: models.CourseRunning, Venue: "Nhà văn hóa tỉnh"}, "conference", "QCN", "2026-11-23", "2026-11-24", "2026-11-25")
		other := invCourse(t, db, models.Course{Code: "TH-02", Title: "Lớp của người khác", State: models.CourseRunning}, "skills", "QCN", "2026-11-24")
		enrol(t, db, running.ID, models.EnrolmentEnrolled, cadresOf(t, db, "SO-TP", 2)...)
		write(t, db, &models.CourseStaff{CourseID: running.ID, AccountID: id, Role: models.StaffTrainer})
		b.Go("/")
		b.Sees("Đang diễn ra hoặc sắp bắt đầu", "Tập huấn truyền thông về quyền con người", "07:30–11:30", "Hội trường A, Nhà văn hóa tỉnh", "2 người ghi danh", "Còn người chưa điểm danh", "còn 2 trên 2 người", "Các buổi tiếp theo", "Thứ Tư, 25/11")
		b.Lacks(other.Title)
		look(b, "home-trainer")
		if !testweb.Eval[bool](b, `document.querySelector('.today a.btn-large').getAttribute('href').match(/^\/sessions\/\d+\/attendance$/) !== null`) {
			t.Error("no large button to the attendance of the session")
		}
	}, province(300))
}

func TestAHeadsFirstPageIsTheFourPercentagesAndTheNamesBehindThem(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := invCourse(t, db, models.Course{Code: "TH-03", Title: "Lớp bồi dưỡng kỹ năng truyền thông", State: models.CourseOpen}, "skills", "QCN", "2026-12-08")
		enrol(t, db, c.ID, models.EnrolmentNominated, cadresOf(t, db, "SO-TP", 1)...)
		enrol(t, db, c.ID, models.EnrolmentNominated, cadresOf(t, db, "SO-YT", 2)...)
		b := site.As(t, models.RoleHead, "SO-TP")
		b.Sees("Sở Tư pháp", "Cán bộ làm công tác quyền con người", "Còn thiếu:", "Đề cử đang chờ duyệt", "1 người đang chờ")
		look(b, "home-head")
		b.Click("Xem danh sách")
		b.Sees("Sở Tư pháp", "Họ và tên")
		many := site.As(t, models.RoleHead, "CB-XA")
		many.Sees("Khối xã, phường", "người khác", "đơn vị chưa khai")
		look(many, "home-head-block")
		none := site.As(t, models.RoleHead, "SO-NGV")
		none.Sees("Sở Ngoại vụ")
	}, province(300))
}

func TestACadresFirstPageIsTheNextClassAndTheOwnCertificates(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		me := cadresOf(t, db, "SO-TP", 1)[0]
		site.Account(t, testweb.Account{Name: "Nông Văn Ánh", SignIn: "anh", Role: models.RoleCadre, CadreID: me})
		b := testweb.Browse(t, site.URL)
		site.SignIn(b, "anh")
		b.Sees("Chưa có lớp nào sắp tới", "Chưa có giấy chứng nhận")
		look(b, "home-cadre-empty")
		next := invCourse(t, db, models.Course{Code: "TH-04", Title: "Hội nghị tập huấn cho khối sở, ngành", State: models.CourseOpen, Venue: "Sở Văn hóa, Thể thao và Du lịch"}, "conference", "QCN", "2026-11-25", "2026-11-26")
		later := invCourse(t, db, models.Course{Code: "TH-05", Title: "Tọa đàm chuyên gia", State: models.CourseOpen}, "talk", "QCN", "2026-12-10")
		enrol(t, db, next.ID, models.EnrolmentEnrolled, me)
		enrol(t, db, later.ID, models.EnrolmentWaiting, me)
		b.Go("/")
		b.Sees("Ngày mai, 25/11", "Hội nghị tập huấn cho khối sở, ngành", "07:30–11:30", "Hội trường A, Sở Văn hóa, Thể thao và Du lịch", "Tọa đàm chuyên gia", "trong danh sách chờ")
		look(b, "home-cadre")
	}, province(300))
}

func TestACoordinatorsFirstPageIsTheProvinceAndTheWorkThatWaits(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		invCourse(t, db, models.Course{Code: "TH-06", Title: "Lớp đã học xong", State: models.CourseRunning}, "skills", "QCN", "2026-11-12", "2026-11-13")
		invCourse(t, db, models.Course{Code: "TH-07", Title: "Lớp trong tuần", State: models.CourseRunning, Venue: "Trùng Khánh"}, "skills", "QCN", "2026-11-24", "2026-11-25")
		c := invCourse(t, db, models.Course{Code: "TH-08", Title: "Lớp chờ duyệt đề cử", State: models.CourseOpen}, "skills", "QCN", "2026-12-08")
		enrol(t, db, c.ID, models.EnrolmentNominated, cadresOf(t, db, "SO-YT", 2)...)
		write(t, db, &models.RosterImport{FileName: "danh sách xã Trùng Khánh.xlsx", Sha256: "0", File: []byte("x"), EffectiveDay: models.MustDay("2026-11-01"), State: models.ImportRead, Preview: []byte("x")})
		b := site.As(t, models.RoleCoordinator, "")
		b.Sees("Tỉnh Cao Bằng", "Đề cử chờ duyệt", "Duyệt 2 người", "Lớp đã học xong, chờ kết thúc", "TH-06 · buổi cuối ngày 13/11/2026", "danh sách xã Trùng Khánh.xlsx", "Lớp trong tuần", "Bản đồ khoảng trống", "Còn thiếu nhiều người nhất")
		look(b, "home-coordinator")
		b.Click("English")
		b.Sees("Cao Bằng", "Map of gaps", "Nominations to decide", "Courses that have ended and wait to be closed")
		b.Look("home-english")
		b.Go("/coverage?org=CB-XA&on=2026-11-20")
		b.Sees("Coverage up to the end of 20/11/2026", "Over the years of the plan", "not declared")
		b.Look("coverage-english")
		if res, err := http.Get(site.URL + "/"); err != nil || res.Request.URL.Path != "/sign-in" {
			t.Errorf("nobody sees a first page: %v", err)
		} else if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
	}, province(300))
}

func TestSeveralRolesStandSideBySideOnOneFirstPage(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		me := cadresOf(t, db, "SO-TP", 1)[0]
		id := site.Account(t, testweb.Account{Name: "Hoàng Văn Nhiều", SignIn: "nhieu", Role: models.RoleCadre, CadreID: me})
		var office models.Organisation
		if err := db.Read(t.Context()).Where("code = ?", "SO-TP").Take(&office).Error; err != nil {
			t.Fatal(err)
		}
		write(t, db, &models.Grant{AccountID: id, Role: models.RoleTrainer}, &models.Grant{AccountID: id, Role: models.RoleHead, OrganisationID: &office.ID})
		b := testweb.Browse(t, site.URL)
		site.SignIn(b, "nhieu")
		order := testweb.Eval[string](b, `[...document.querySelectorAll('main h2')].map(h => h.innerText).join(' | ')`)
		want := "Buổi lên lớp | Chưa có buổi nào sắp tới | Sở Tư pháp | Đề cử đang chờ duyệt | Lớp sắp tới của tôi | Chưa có lớp nào sắp tới | Giấy chứng nhận của tôi | Chưa có giấy chứng nhận"
		if order != want {
			t.Errorf("parts: %s\nwant: %s", order, want)
		}
		look(b, "home-several")
	}, province(300))
}
