package handlers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestHeadsNominateWithinQuotasAndACoordinatorApprovesAll(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		course := invCourse(t, db, models.Course{Code: "TH-26-09", Title: "Tập huấn truyền thông về quyền con người, đợt cuối năm", State: models.CourseOpen, Venue: "Hội trường UBND xã Quảng Uyên", Capacity: 4},
			"conference", "QCN", "2026-12-15", "2026-12-16")
		other := invCourse(t, db, models.Course{Code: "TH-26-10", Title: "Lớp cùng ngày", State: models.CourseOpen, Capacity: 4}, "skills", "QCN", "2026-12-16", "2026-12-16")
		site := testweb.Serve(t, db)
		boss := site.As(t, models.RoleCoordinator, "")
		boss.Go(fmt.Sprintf("/courses/%d", course.ID))
		boss.Click("Đặt chỉ tiêu, hạn cử")
		boss.Sees("Chỉ tiêu và hạn cử", "còn thiếu")
		boss.Click("Phân bổ theo số còn thiếu")
		boss.Sees("Đã điền 4 chỗ còn lại", "Tổng: 4 người")
		look(boss, "quotas-by-gap")
		boss.Go(fmt.Sprintf("/courses/%d/quotas", course.ID))
		boss.Fill("Mỗi đơn vị còn lại", "-1")
		boss.Click("Lưu")
		boss.Sees("Số nhỏ nhất là 0")
		look(boss, "quotas-refused")
		boss.Fill("Mỗi đơn vị còn lại", "")
		boss.Fill("Hạn cử cán bộ", "01/12/2026")
		boss.Fill("Khối xã, phường", "3")
		boss.Click("Lưu")
		boss.Sees("Đã lưu chỉ tiêu và hạn cử cán bộ.", "đến hết ngày 01/12/2026")

		head := site.As(t, models.RoleHead, "CB-XA")
		head.Go(fmt.Sprintf("/courses/%d/nominate", course.ID))
		head.Sees("01/12/2026", "3 trên 3", "3 người đã chọn")
		look(head, "nominate-quota")
		found := candidates(t, db, course, enrolment.Filter{Group: "QCN", Lacking: true, Organisation: "CB-XA"})
		tick(head, found[3].Name)
		head.Click("Cử người đã chọn")
		head.Sees("Chỉ tiêu của Khối xã, phường là 3 người, đã cử 0, còn 3; lần này cử 4 người")
		look(head, "nominate-over")
		tick(head, found[3].Name)
		head.Click("Cử người đã chọn")
		head.Sees("Đã cử 3 người, chờ duyệt.", "In danh sách để ký")
		look(head, "nominations-to-sign")

		// One of them has a seat in a course at the same time: approving asks.
		if _, err := (&enrolment.Service{DB: db}).Enrol(t.Context(), access.System(), other.ID, []uint64{found[0].CadreID}); err != nil {
			t.Fatal(err)
		}
		boss.Go(fmt.Sprintf("/nominations?course=%d", course.ID))
		boss.Sees("Trùng lịch ngày 16/12/2026, 07:30–11:30", "Lớp cùng ngày")
		boss.ClickAt("[data-select-all]")
		boss.Click("Duyệt người đã chọn")
		boss.Sees("1 người đã chọn trùng lịch với lớp khác", found[0].Name)
		look(boss, "approve-clash")
		boss.Click("Vẫn ghi danh người trùng lịch")
		boss.Click("Duyệt người đã chọn")
		boss.Sees("3 người có chỗ.")
	}, province(300))
}

func TestTheListForSigningIsAHeadsOwn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		course := invCourse(t, db, models.Course{Code: "TH-26-11", Title: "Tập huấn", State: models.CourseOpen, Capacity: 4}, "conference", "QCN", "2026-12-15", "2026-12-16")
		site := testweb.Serve(t, db)
		at := fmt.Sprintf("/courses/%d/nominations.pdf", course.ID)
		for who, want := range map[*asker]map[string]int{
			as(t, site, testweb.Account{Name: "Trưởng", SignIn: "truong", Role: models.RoleHead, Organisation: "SO-TP"}): {at: 200, at + "?org=SO-TP": 200, at + "?org=SO-NV": 404, at + "?org=NO-SUCH": 404},
			as(t, site, testweb.Account{Name: "Điều phối", SignIn: "dieuphoi", Role: models.RoleCoordinator}):            {at: 200, at + "?org=SO-NV": 200},
		} {
			for path, status := range want {
				got := who.get(path)
				if got.status != status || status == http.StatusOK && !bytes.HasPrefix([]byte(got.body), []byte("%PDF")) {
					t.Errorf("%s asks %s: %d", who.role, path, got.status)
				}
			}
		}
	}, province(60))
}

func TestQuotasKeepWhatWasTypedAndRefuseWhatIsNoNumber(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		course := invCourse(t, db, models.Course{Code: "TH-26-12", Title: "Tập huấn", State: models.CourseOpen, Capacity: 4, Version: 1}, "conference", "QCN", "2026-12-15", "2026-12-16")
		site := testweb.Serve(t, db)
		boss := as(t, site, testweb.Account{Name: "Điều phối", SignIn: "dieuphoi", Role: models.RoleCoordinator})
		at := fmt.Sprintf("/courses/%d/quotas", course.ID)
		form := func(pairs ...string) url.Values {
			v := url.Values{"version": {"1"}}
			for i := 0; i < len(pairs); i += 2 {
				v.Set(pairs[i], pairs[i+1])
			}
			return v
		}
		for _, x := range []struct {
			form url.Values
			says string
		}{
			{form("q_CB-XA", "ba"), "Hãy nhập một số."}, {form("q_CB-XA", "-1"), "Số nhỏ nhất là 0."}, {form("q_CB-XA", "2.5"), "Hãy nhập một số."}, {form("q_CB-XA", "99999999999999999999"), "Hãy nhập một số."},
			{form("deadline", "31/02/2026"), "Hãy nhập ngày theo dạng"}, {form("deadline", "15/12/2026"), "Hạn cử phải trước ngày lớp bắt đầu"}, {form("version", "7"), "vừa được sửa ở nơi khác"},
		} {
			got := boss.post(at, x.form)
			if got.status != http.StatusUnprocessableEntity && got.status != http.StatusConflict || !bytes.Contains([]byte(got.body), []byte(x.says)) {
				t.Errorf("%v: %d, lacks %q", x.form, got.status, x.says)
			}
			for name, typed := range x.form {
				if name != "version" && !bytes.Contains([]byte(got.body), []byte(`value="`+typed[0]+`"`)) {
					t.Errorf("%s: what was typed, %q, is gone", name, typed[0])
				}
			}
		}
		var n int64
		if err := db.Read(t.Context()).Model(&models.CourseQuota{}).Count(&n).Error; err != nil || n != 0 {
			t.Errorf("%d quotas were written, %v", n, err)
		}
		if got := boss.post(at, form("q_CB-XA", " 3 ", "each", "2", "deadline", "2026-12-01")); got.status != http.StatusSeeOther {
			t.Errorf("%d", got.status)
		}
	}, province(60))
}

func TestAHeadSeesWhatIsOpenAndApprovingInvites(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		course := invCourse(t, db, models.Course{Code: "TH-26-21", Title: "Tập huấn truyền thông về quyền con người cho cán bộ xã, phường", State: models.CourseOpen, Capacity: 20, NominationDeadline: models.MustDay("2026-12-01")},
			"conference", "QCN", "2026-12-15", "2026-12-16")
		invCourse(t, db, models.Course{Code: "TH-26-22", Title: "Lớp đã hết hạn cử", State: models.CourseOpen, Capacity: 4, NominationDeadline: models.MustDay("2026-11-20")}, "skills", "QCN", "2026-12-17", "2026-12-17")
		invCourse(t, db, models.Course{Code: "TH-26-23", Title: "Bồi dưỡng kỹ năng, không giới hạn", State: models.CourseOpen, Capacity: 4}, "skills", "QCN", "2026-12-18", "2026-12-18")
		var block models.Organisation
		if err := db.Read(t.Context()).Where("code = ?", "CB-XA").Take(&block).Error; err != nil {
			t.Fatal(err)
		}
		if _, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Create(&models.CourseQuota{CourseID: course.ID, OrganisationID: block.ID, Seats: 3}).Error
		}); err != nil {
			t.Fatal(err)
		}
		site := testweb.Serve(t, db)
		head := site.As(t, models.RoleHead, "CB-XA")
		head.Go("/nominations")
		head.Sees("Lớp đang nhận đề cử", "Hạn cử cán bộ: 01/12/2026", "Còn được cử: 3 trên 3", "Bồi dưỡng kỹ năng, không giới hạn", "không giới hạn số người")
		head.Lacks("Lớp đã hết hạn cử")
		look(head, "nominations-open-empty")
		head.Click("Cử cán bộ Tập huấn truyền thông về quyền con người cho cán bộ xã, phường")
		head.Click("Cử người đã chọn")
		head.Sees("Đã cử 3 người, chờ duyệt.", "Còn được cử: 0 trên 3", "đã cử 3")
		head.Lacks("Danh sách để ký")
		look(head, "nominations-open")

		boss := site.As(t, models.RoleCoordinator, "")
		boss.Go("/nominations")
		boss.ClickAt("[data-select-all]")
		boss.Sees("Gửi giấy mời ngay")
		look(boss, "approve-invite")
		boss.Click("Duyệt người đã chọn")
		boss.Sees("3 người có chỗ.", "3 người nhận giấy mời in.")
		var invited int64
		if err := db.Read(t.Context()).Model(&models.Invitation{}).Where("invited_at IS NOT NULL").Count(&invited).Error; err != nil || invited != 3 {
			t.Errorf("%d invited, %v", invited, err)
		}
	}, province(300))
}
