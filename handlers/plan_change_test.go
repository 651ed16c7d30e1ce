package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// TestAPlanIsChangedWithItsEffectSaidAndWhatIsRecordedStays shortens a plan so that courses and completions lie outside of it.
func TestAPlanIsChangedWithItsEffectSaidAndWhatIsRecordedStays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		testdb.Ledger(t, db)
		read := db.Read(t.Context())
		base := current(t, db)
		recorded := func() (n [3]int64) {
			t.Helper()
			for i, q := range []string{"SELECT COUNT(*) FROM courses", "SELECT COUNT(*) FROM completions WHERE voided_at IS NULL", "SELECT COUNT(*) FROM certificates"} {
				if err := read.Raw(q).Scan(&n[i]).Error; err != nil {
					t.Fatal(err)
				}
			}
			return n
		}
		before := recorded()
		b := site.As(t, models.RoleAdministrator, "")
		b.Go("/plans/" + base.Code)
		b.Click("Sửa kế hoạch")
		b.Click("Sửa cách gọi của")
		b.Fill("Nội dung 1", "Công ước quốc tế về quyền con người")
		look(b, "plan-change")
		b.Fill("Tên kế hoạch", "Kế hoạch truyền thông, bản sửa")
		b.Fill("Ngày cuối", "31/12/2027")
		b.Fill("Ngày đầu", "01/01/2026")
		b.Click("Xem ảnh hưởng")
		b.Sees("Chưa có gì được lưu", "31/12/2028 → 31/12/2027", "kết quả tập huấn nằm ngoài thời gian mới", "đã ghi không thay đổi", "Công ước quốc tế về quyền con người")
		look(b, "plan-change-confirm")
		b.Click("Lưu thay đổi")
		b.Sees("Đã lưu kế hoạch", "Kế hoạch truyền thông, bản sửa", "31/12/2027")
		work(t, site)
		p := current(t, db)
		if p.FromDay != models.MustDay("2026-01-01") || p.ToDay != models.MustDay("2028-01-01") || p.Version != base.Version+1 || p.Topics[0].NameVi != "Công ước quốc tế về quyền con người" || p.NameEn != base.NameEn || *p.LeadID != *base.LeadID {
			t.Errorf("not as saved: %+v", p.Plan)
		}
		if after := recorded(); after != before {
			t.Errorf("what was recorded changed: %v, then %v", before, after)
		}
	}, province(300))
}

func TestAPlanIsNotChangedIntoWhatItCannotBe(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		base := current(t, db)
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		for _, x := range []struct{ field, typed, said string }{
			{"first", "01/01/1900", "Năm phải từ 2000 đến 2100"}, {"last", "31/12/1905", "Năm phải từ 2000 đến 2100"}, {"last", "01/01/2101", "Năm phải từ 2000 đến 2100"}, {"last", "31/12/2022", "Ngày cuối phải sau hoặc trùng ngày đầu"},
			{"last", "01/01/2033", "dài nhất 10 năm"}, {"first", "", "Ngày đầu"}, {"first", "hôm nay", "Hãy nhập ngày theo dạng"}, {"last", "9999-12-31", "Năm phải từ"}, {"first", strings.Repeat("9", 3000), "Hãy nhập ngày theo dạng"},
			{"name_vi", " ", "Tên kế hoạch"}, {"name_vi", strings.Repeat("ộ", 301), "300"}, {"decision", strings.Repeat("ộ", 201), "200"}, {"topic.1.vi", "", "Nội dung 1"}, {"component.update.en", strings.Repeat("x", 201), "200"},
			{"lead", "KHONG-CO", "Cơ quan chủ trì"}, {"lead", "cơ quan", "Cơ quan chủ trì"}, {"lead", strings.Repeat("X", 5000), "Cơ quan chủ trì"}, {"lead", "H-CAOBANG", ""},
		} {
			for _, yes := range []string{"", "true"} {
				got := admin.post("/plans/"+base.Code, url.Values{"version": {"0"}, x.field: {x.typed}, "yes": {yes}})
				if x.typed == "H-CAOBANG" { // it was there when the plan began
					if got.status != http.StatusOK && yes == "" {
						t.Errorf("a lead that ended meanwhile: %d", got.status)
					}
					break
				}
				if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, x.said) || !strings.Contains(got.body, "error-summary") {
					t.Errorf("%s=%.40q: %d, want 422 and %q", x.field, x.typed, got.status, x.said)
				}
			}
		}
		if p := current(t, db); p.Version != 0 || p.NameVi != base.NameVi || p.ToDay != base.ToDay {
			t.Errorf("refused input changed the plan: %+v", p.Plan)
		}
		for _, days := range [][2]string{{"1999-12-31", "2005-01-01"}, {"2095-01-01", "2101-01-02"}} { // the database itself
			_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
				return 0, tx.Model(&models.Plan{}).Where("id = ?", base.ID).Updates(map[string]any{"from_day": models.MustDay(days[0]), "to_day": models.MustDay(days[1])}).Error
			})
			if err == nil {
				t.Errorf("the database takes a plan of %v", days)
			}
		}
	}, province(20))
}

// TestAPlanThatWasMadeByMistakeCanBeDeleted deletes a copy with everything that was carried over into it, and none on which something hangs.
func TestAPlanThatWasMadeByMistakeCanBeDeleted(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		invCourse(t, db, models.Course{Code: "TH-27-01", Title: "Tập huấn năm 2027", State: models.CourseOpen, Venue: "Trùng Khánh"}, "conference", "QCN", "2027-03-10", "2027-03-11")
		site := testweb.Serve(t, db)
		testdb.Ledger(t, db)
		read := db.Read(t.Context())
		base := current(t, db)
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		if got := admin.post("/plans/"+base.Code+"/delete", url.Values{"version": {"0"}}); got.status != http.StatusConflict || !strings.Contains(got.body, "ít nhất một kế hoạch") || !strings.Contains(got.body, "lớp thuộc kế hoạch này") {
			t.Errorf("the only plan: %d", got.status)
		}
		count := func() (n [4]int64) {
			t.Helper()
			for i, m := range []any{&models.PostingGroup{}, &models.Headcount{}, &models.TargetGroup{}, &models.CoverageChange{}} {
				if err := read.Model(m).Where(map[bool]string{true: "tier <> 3", false: "1 = 1"}[i == 3]).Count(&n[i]).Error; err != nil {
					t.Fatal(err)
				}
			}
			return n
		}
		before := count()
		second := secondPlan(t, site, true)
		work(t, site)
		b := site.As(t, models.RoleAdministrator, "")
		b.Go("/plans/" + base.Code)
		b.Click("Xóa kế hoạch")
		b.Sees("Không thể xóa kế hoạch này", "lớp thuộc kế hoạch này", "Kết thúc kế hoạch")
		look(b, "plan-delete-not")
		form := url.Values{"group": {"QCN"}, "effective": {"2026-11-20"}, "declared": {"9"}, "plan": {second.Code}}
		if got := admin.post("/organisations/"+homeOffice+"/headcounts", form); got.status != http.StatusSeeOther {
			t.Fatalf("declaring: %d", got.status)
		}
		if got := admin.post("/plans/"+second.Code+"/delete", url.Values{"version": {"0"}}); got.status != http.StatusConflict || !strings.Contains(got.body, "1 lần khai") {
			t.Errorf("something was declared in it: %d", got.status)
		}
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Exec("DELETE FROM headcounts WHERE effective_day = '2026-11-20'").Error
		})
		if err != nil {
			t.Fatal(err)
		}
		for version, want := range map[int]int{7: http.StatusConflict, -1: http.StatusUnprocessableEntity} {
			if got := admin.post("/plans/"+second.Code+"/delete", url.Values{"version": {strconv.Itoa(version)}}); got.status != want {
				t.Errorf("version %d: %d, want %d", version, got.status, want)
			}
		}
		b.Go("/coverage?plan=" + second.Code) // the session stays in the plan that goes
		b.Go("/plans/" + second.Code + "/delete")
		look(b, "plan-delete")
		b.Click("Xóa kế hoạch")
		b.Sees("Đã xóa", "Các kế hoạch")
		b.Go("/coverage")
		if after := count(); after != before {
			t.Errorf("something of the deleted plan stayed, or of the other went: %v, then %v", before, after)
		}
		if got := admin.get("/plans/" + second.Code); got.status != http.StatusNotFound {
			t.Error("a deleted plan:", got.status)
		}
		third := secondPlan(t, site, false)
		for range 2 { // a double click
			if got := admin.post("/plans/"+third.Code+"/delete", url.Values{"version": {"0"}, "request_key": {"the-same"}}); got.status != http.StatusSeeOther {
				t.Error("sent twice:", got.status)
			}
		}
	}, province(60))
}
