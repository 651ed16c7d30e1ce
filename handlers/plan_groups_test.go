package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/planning"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// regroup changes which groups the plan in force has.
func regroup(t *testing.T, site *testweb.Site, parts planning.Parts) {
	t.Helper()
	p := current(t, site.DB)
	if err := planningOf(site).Save(t.Context(), access.System(), p.Code, planning.Input{Version: p.Version, Parts: parts}); err != nil {
		t.Fatal(err)
	}
}

var speakers = planning.Parts{Group: planning.NewGroup{Code: "BCV", NameVi: "Báo cáo viên pháp luật", NameEn: "Speakers on law", Short: "Báo cáo viên", Percent: "80", Like: "QCN"}}

func TestAnAdministratorChangesWhatAGroupIsCalledAndTheFormerNamesStayKnown(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		testdb.Ledger(t, db)
		base := current(t, db)
		b := site.As(t, models.RoleAdministrator, "")
		b.Go("/plans/" + base.Code + "/edit")
		b.Click("Sửa tên của 4 nhóm đối tượng")
		b.Fill("Tên nhóm QCN", "Cán bộ nhân quyền")
		b.Fill("Tên ngắn của nhóm QCN", "Nhân sự")
		b.Fill("Tên nhóm TTDN", "Cán bộ làm đối ngoại")
		b.Fill("Tên ngắn của nhóm TTDN", base.GroupByCode("CTXH").ShortVi)
		b.Click("Xem ảnh hưởng")
		b.Sees("Khi nhập danh sách, tên này không phân biệt được với", "của nhóm CTXH")
		look(b, "plan-groups-wording")
		b.Fill("Tên ngắn của nhóm TTDN", "Đối ngoại")
		b.Click("Xem ảnh hưởng")
		b.Sees("Chưa có gì được lưu", "Cán bộ làm công tác quyền con người → Cán bộ nhân quyền", "Tên ngắn của nhóm TTDN: Thông tin đối ngoại → Đối ngoại")
		look(b, "plan-groups-wording-confirm")
		b.Click("Lưu thay đổi")
		b.Sees("Đã lưu kế hoạch", "Cán bộ nhân quyền", "Cán bộ làm đối ngoại")
		b.Go("/coverage")
		b.Sees("Đối ngoại")
		p := current(t, db)
		if g, was := p.GroupByCode("TTDN"), base.GroupByCode("TTDN"); g.NameVi != "Cán bộ làm đối ngoại" || g.Aliases == was.Aliases || !strings.HasPrefix(g.Aliases, was.Aliases) || p.Version != base.Version+1 {
			t.Errorf("%+v", g)
		}
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		if got := admin.post("/plans/"+base.Code, url.Values{"version": {"0"}, "yes": {"true"}, "group.QCN.vi": {"Tên khác"}}); got.status != http.StatusConflict { // the other tab
			t.Errorf("of the version before: %d", got.status)
		}
		coordinator := as(t, site, testweb.Account{Name: "Điều phối", SignIn: "dp", Role: models.RoleCoordinator})
		if got := coordinator.post("/plans/"+base.Code, url.Values{"version": {"1"}, "yes": {"true"}, "group.QCN.vi": {"Tên khác"}}); got.status != http.StatusForbidden {
			t.Errorf("a coordinator: %d", got.status)
		}
	}, province(60))
}

func TestAPlanWithoutGroupsSaysSoAndGetsItsFirstByTheLevelsThatAreTicked(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		p := secondPlan(t, site, false)
		b := site.As(t, models.RoleAdministrator, "")
		for _, g := range p.Groups {
			b.Go("/plans/" + p.Code + "/edit")
			b.Click("Thêm hoặc bỏ nhóm đối tượng")
			b.Fill("Bỏ nhóm", g.Code)
			b.Click("Xem ảnh hưởng")
			b.Click("Lưu thay đổi")
			b.Sees("Đã lưu kế hoạch")
		}
		for _, page := range []string{"/coverage", "/coverage/ranking", "/coverage/content", "/coverage/series", "/coverage/forecast", "/coverage/gaps", "/coverage/expiring", "/", "/plans/" + p.Code, "/headcounts"} {
			b.Go(page + "?plan=" + p.Code)
			b.Sees("Kế hoạch này chưa có nhóm đối tượng nào.")
			look(b, "no-groups"+strings.ReplaceAll(page, "/", "-"))
		}
		b.Go("/plans/" + p.Code + "/edit")
		b.Fill("Mã nhóm mới", "BCV")
		b.Fill("Chỉ tiêu", "80")
		b.Fill("Tên nhóm mới", "Báo cáo viên pháp luật")
		b.Fill("Tên ngắn", "Báo cáo viên")
		b.Click("Xem ảnh hưởng")
		b.Sees("hoặc ít nhất một cấp")
		b.Check("Tỉnh")
		b.Check("Xã")
		b.Check("Mọi cơ quan, đơn vị ở các cấp này phải khai")
		look(b, "plan-first-group")
		b.Click("Xem ảnh hưởng")
		b.Sees("Người của nhóm làm việc ở các cấp", "mọi cơ quan, đơn vị ở các cấp đó được tính là chưa khai")
		look(b, "plan-first-group-confirm")
		b.Click("Lưu thay đổi")
		b.Sees("Đã lưu kế hoạch", "Báo cáo viên pháp luật")
		b.Go("/coverage?plan=" + p.Code)
		b.Sees("Báo cáo viên")
		b.Go("/headcounts?org=" + homeOffice + "&plan=" + p.Code)
		b.Sees("Báo cáo viên")
	}, testseed.Base)
}

func TestAnImportConfirmedAfterItsGroupWasTakenAwayIsRefusedAndNamesTheGroup(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		regroup(t, site, speakers)
		b := site.As(t, models.RoleCoordinator, "")
		upload(b, workbook(t, "danh-sach.xlsx", heading, []any{1, "Lý Thị Một", "04/05/1980", "", "Chuyên viên", "Sở Nội vụ", "Báo cáo viên pháp luật"}), "2026-01-01")
		b.Sees("Lý Thị Một", "Báo cáo viên")
		regroup(t, site, planning.Parts{DropGroup: "BCV"})
		b.Click("Ghi 1 dòng vào danh sách")
		b.Sees("Chưa ghi được danh sách này", "nhóm đối tượng Báo cáo viên pháp luật đã bị bỏ khỏi kế hoạch", "Chưa có gì được ghi", "Tải tệp khác")
		look(b, "import-group-gone")
		b.Go("/imports")
		b.Sees("Bị từ chối")
		var n int64
		if err := db.Read(t.Context()).Model(&models.Cadre{}).Count(&n).Error; err != nil || n != 0 {
			t.Errorf("%d people were written: %v", n, err)
		}
	}, testseed.Base)
}

func TestAFormThatNamesAGroupWhichWasTakenAwayMeanwhileIsRefusedAndSaysWhich(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		regroup(t, site, speakers)
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		forms := map[string]url.Values{
			"/headcounts": {"org": {homeOffice}, "effective": {"2026-01-01"}, homeOffice + ".QCN": {"3"}, homeOffice + ".BCV": {"5"}},
			"/organisations/" + homeOffice + "/headcounts": {"group": {"BCV"}, "effective": {"2026-01-01"}, "declared": {"5"}},
			"/courses": {"title": {"Tập huấn"}, "course_type": {"conference"}, "host": {homeOffice}, "capacity": {"20"}, "rule_percent": {"80"}, "groups": {"QCN", "BCV"}},
			"/cadres":  {"kind": {"hire"}, "name": {"Lý Thị Một"}, "born": {"1980"}, "organisation": {homeOffice}, "title": {"Chuyên viên"}, "from": {"2026-01-01"}, "groups": {"BCV"}, "confirmed": {"true"}},
		}
		has(t, admin.get("/headcounts?org="+homeOffice).body, `name="`+homeOffice+`.BCV"`)
		regroup(t, site, planning.Parts{DropGroup: "BCV"})
		for path, form := range forms {
			if got := admin.post(path, form); got.status != http.StatusUnprocessableEntity || !strings.Contains(strings.ReplaceAll(got.body, "\u00a0", " "), "Kế hoạch không có nhóm đối tượng BCV.") {
				t.Errorf("%s: %d\n%.3000s", path, got.status, got.body)
			}
		}
		for _, m := range []any{&models.Headcount{}, &models.Course{}, &models.Cadre{}} {
			var n int64
			if err := db.Read(t.Context()).Model(m).Count(&n).Error; err != nil || n != 0 {
				t.Errorf("%d of %T were written: %v", n, m, err)
			}
		}
	}, testseed.Base)
}
