package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// post puts a person at an office over a time; to "" is until further notice.
func (w *world) post(name, office, from, to string) models.Cadre {
	w.t.Helper()
	var o models.Organisation
	w.must(w.site.DB.Read(w.t.Context()).Where("code = ?", office).Take(&o).Error)
	end := models.Forever
	if to != "" {
		end = models.MustDay(to)
	}
	c := models.Cadre{FullName: name, BirthYear: 1980, Phone: "0912345678", Email: "can.bo@example.vn"}
	w.create(&c)
	w.create(&models.Posting{CadreID: c.ID, OrganisationID: o.ID, Title: "Phó trưởng phòng", FromDay: models.MustDay(from), ToDay: end, Main: true})
	return c
}

func TestAHeadFindsOwnCadresAndNobodyElse(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		here := w.post("Đàm Văn Đức", homeOffice, "2026-01-01", "")
		gone := w.post("Triệu Thị Nguyệt", homeOffice, "2024-01-01", "2025-01-01")
		coming := w.post("Nguyễn Văn Tới", homeOffice, "2027-03-01", "")
		there := w.post("Hoàng Thị Xa", otherOffice, "2026-01-01", "")
		head := w.as(models.RoleHead)
		for _, x := range []struct {
			path       string
			see, never []string
		}{
			{"/cadres", []string{"Đàm Văn Đức"}, []string{"Triệu Thị Nguyệt", "Nguyễn Văn Tới", "Hoàng Thị Xa"}},
			{"/cadres?q=dam+duc", []string{"Đàm Văn Đức"}, nil},
			{"/cadres?q=d", []string{"Đàm Văn Đức"}, nil},
			{"/cadres?q=xa", nil, []string{"Hoàng Thị Xa"}},
			{"/cadres?q=%25", nil, []string{"Hoàng Thị Xa"}},
			{"/cadres?day=2024-06-01", []string{"Triệu Thị Nguyệt"}, []string{"Đàm Văn Đức", fmt.Sprintf(`href="/cadres/%d"`, gone.ID)}},
			{"/cadres?day=2027-04-01", []string{"Nguyễn Văn Tới"}, nil},
			{fmt.Sprintf("/cadres/%d", here.ID), []string{"Phó trưởng phòng", "0912345678", "từ 01/01/2026"}, nil},
			{fmt.Sprintf("/cadres/%d", coming.ID), []string{"Hôm nay không có vị trí công tác chính"}, nil},
		} {
			got := head.get(x.path)
			if got.status != http.StatusOK {
				t.Errorf("%s: %d", x.path, got.status)
			}
			for _, s := range x.see {
				if !strings.Contains(got.body, s) {
					t.Errorf("%s lacks %s", x.path, s)
				}
			}
			for _, s := range x.never {
				if strings.Contains(got.body, s) {
					t.Errorf("%s shows %s", x.path, s)
				}
			}
		}
		for _, path := range []string{fmt.Sprintf("/cadres/%d", there.ID), fmt.Sprintf("/cadres/%d", gone.ID), "/cadres?org=" + otherOffice, "/organisations/" + otherOffice, "/organisations/CB",
			fmt.Sprintf("/api/v1/cadres/%d", there.ID), "/api/v1/cadres?org=" + otherOffice, "/cadres?org=no-such"} {
			if got := head.get(path); got.status != http.StatusNotFound {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		if got := head.get("/organisations?q=giao+duc"); strings.Contains(got.body, "Giáo dục") {
			t.Error("a head is shown an organisation elsewhere")
		}
	}, testseed.Base)
}

func TestCadresOfAnEndedOrganisationAreListedUntilSomebodyPlacesThem(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		w.post("Lục Văn Chờ", "SO-LDTBXH", "2024-01-01", "2025-03-01")
		placed := w.post("Ma Thị Xong", "SO-LDTBXH", "2024-01-01", "2025-03-01")
		w.create(&models.Posting{CadreID: placed.ID, OrganisationID: w.home.ID, FromDay: models.MustDay("2025-03-01"), ToDay: models.Forever, Main: true})
		w.post("Nông Thị Nghỉ", homeOffice, "2024-01-01", "2025-03-01") // left an office that lives on
		got := w.as(models.RoleCoordinator).get("/cadres?state=unplaced").body
		if !strings.Contains(got, "Lục Văn Chờ") || strings.Contains(got, "Ma Thị Xong") || strings.Contains(got, "Nông Thị Nghỉ") {
			t.Error(got)
		}
	}, testseed.Base)
}

func TestListsOfTheRosterTakeTheSameQueriesWithThreeRowsAndThreeHundred(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		asks := map[models.Role]*asker{models.RoleCoordinator: w.as(models.RoleCoordinator), models.RoleHead: w.as(models.RoleHead)}
		paths := []string{"/cadres", "/cadres?org=" + homeOffice, "/organisations", "/organisations/" + homeOffice, "/api/v1/cadres", "/api/v1/organisations", "/imports"}
		counts := func() map[string]int {
			out := map[string]int{}
			for role, a := range asks {
				for _, p := range paths {
					if p == "/imports" && role == models.RoleHead {
						continue
					}
					a.get(p) // sessions are touched once
					var got answer
					out[string(role)+" "+p] = testdb.CountQueries(db, func() { got = a.get(p) })
					if got.status != http.StatusOK {
						t.Errorf("%s %s: %d", role, p, got.status)
					}
				}
			}
			return out
		}
		grow := func(n int) {
			for i := range n {
				c := w.post(fmt.Sprintf("Người %d", i), homeOffice, "2026-01-01", "")
				var p models.Posting
				w.must(db.Read(t.Context()).Where("cadre_id = ?", c.ID).Take(&p).Error)
				w.create(&models.PostingGroup{PostingID: p.ID, GroupID: 1}, &models.Headcount{OrganisationID: w.home.ID, GroupID: 1, EffectiveDay: models.MustDay("2026-01-01"), Declared: new(i)},
					&models.RosterImport{FileName: "x", EffectiveDay: p.FromDay, State: models.ImportCancelled, File: []byte{}, Preview: []byte{}},
					&models.Organisation{Code: fmt.Sprintf("THEM-%d-%d", n, i), Name: "Phòng thêm", Kind: models.KindStateAgency, Level: models.LevelProvince, ParentID: &w.home.ID,
						Path: fmt.Sprintf("%s/%07d", w.home.Path, n*1000+i), Depth: w.home.Depth + 1, FromDay: p.FromDay, ToDay: models.Forever})
			}
		}
		grow(3)
		few := counts()
		grow(297)
		many := counts()
		for what, n := range few {
			if many[what] != n || n > 40 {
				t.Errorf("%s: %d queries with 3 rows, %d with 300", what, n, many[what])
			}
		}
	}, testseed.Base)
}

func TestAHeadDeclaresHeadcountsForOwnOfficesOnly(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		head := w.as(models.RoleHead)
		form := func(declared, day string) url.Values {
			return url.Values{"group": {"QCN"}, "declared": {declared}, "effective": {day}, "request_key": {handlersKey(declared + day)}}
		}
		path := "/organisations/" + homeOffice + "/headcounts"
		for range 2 { // a double click is one declaration
			if got := head.post(path, form("3", "01/01/2026")); got.status != http.StatusSeeOther {
				t.Fatalf("%d\n%s", got.status, got.body)
			}
		}
		if got := head.post(path, form("rút", "2026-06-01")); got.status != http.StatusSeeOther {
			t.Errorf("withdrawing: %d", got.status)
		}
		var rows []models.Headcount
		w.must(db.Read(t.Context()).Where("organisation_id = ?", w.home.ID).Order("id").Find(&rows).Error)
		if len(rows) != 2 || rows[0].Declared == nil || *rows[0].Declared != 3 || rows[1].Declared != nil {
			t.Errorf("%+v", rows)
		}
		for _, x := range []struct{ declared, day, says string }{
			{"", "2026-01-01", "Hãy viết số người, kể cả 0"}, {"ba", "2026-01-01", "Hãy nhập một số."}, {"-1", "2026-01-01", "Số người phải từ 0 đến 100.000."},
			{"100001", "2026-01-01", "Số người phải từ 0 đến 100.000."}, {"3", "mai", "Hãy nhập ngày"}, {"3", "", "Hãy điền mục này."}, {"3", "2020-01-01", "Cơ quan không hoạt động vào ngày này."},
		} {
			got := head.post(path, form(x.declared, x.day))
			if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, x.says) {
				t.Errorf("%q from %q: %d, and it does not say %s", x.declared, x.day, got.status, x.says)
			}
		}
		for _, other := range []string{otherOffice, "CB", "no-such"} {
			if got := head.post("/organisations/"+other+"/headcounts", form("3", "2026-01-01")); got.status != http.StatusNotFound {
				t.Errorf("%s: %d", other, got.status)
			}
		}
		got := w.as(models.RoleCoordinator).post("/organisations/CB/headcounts", form("3", "2026-01-01"))
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "mục dùng để cộng số liệu") {
			t.Errorf("a node for totals: %d", got.status)
		}
	}, testseed.Base)
}

func handlersKey(s string) string {
	return "key-" + strings.NewReplacer("/", "", "ú", "u", " ", "").Replace(s)
}

func TestOfficesThatMayNotKeepNamesDeclareHowManyAreCovered(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Organisation{}).Where("id = ?", w.home.ID).Update("counts_only", true).Error
		})
		w.must(err)
		head := w.as(models.RoleHead)
		for _, x := range []struct {
			declared, covered string
			status            int
		}{{"5", "", 422}, {"5", "6", 422}, {"5", "-1", 422}, {"5", "2", 303}} {
			got := head.post("/organisations/"+homeOffice+"/headcounts", url.Values{"group": {"QCN"}, "declared": {x.declared}, "covered": {x.covered}, "effective": {"2026-01-01"}})
			if got.status != x.status {
				t.Errorf("%s of %s: %d", x.covered, x.declared, got.status)
			}
		}
	}, testseed.Base)
}

func TestTheRosterIsLookedAtFromTreeToPerson(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		s := &roster.Service{DB: db, Keys: site.Keys}
		for _, name := range []string{"2024-cap-huyen", "2026-xa-phuong"} {
			importFile(t, s, name)
		}
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/organisations")
		b.Sees("Tỉnh Cao Bằng", "Sở Nội vụ")
		b.Look("organisation-list")
		b.Fill("Tìm theo tên hoặc mã", "trung khanh")
		b.Click("Áp dụng")
		b.Sees("Trùng Khánh")
		b.Lacks("Sở Nội vụ")
		b.Look("organisation-search")
		b.Click("Ủy ban nhân dân xã Trùng Khánh")
		b.Sees("Biên chế theo nhóm đối tượng", "Tiếp nhận từ")
		b.Click("Khai số người")
		b.ClickAt(`input[name="group"][value="QCN"]`)
		b.Fill("Số người", "4")
		b.Look("organisation-declare")
		b.Click("Lưu số khai")
		b.Sees("Đã ghi số khai.", "từ 24/11/2026")
		b.Look("organisation-show")
		b.Go("/organisations/CB")
		b.Sees("Đơn vị trực thuộc")
		b.Look("organisation-root")
		b.Go("/cadres?q=nong")
		b.Sees("Nông")
		b.Look("cadre-list")
		b.Go("/cadres?state=unplaced")
		b.Look("cadre-unplaced")
		var moved uint64
		if err := db.Read(t.Context()).Table("postings").Select("cadre_id").Group("cadre_id").Having("COUNT(*) > 1").Order("cadre_id").Limit(1).Scan(&moved).Error; err != nil {
			t.Fatal(err)
		}
		b.Go(fmt.Sprintf("/cadres/%d", moved))
		b.Sees("Quá trình công tác", "đến hết")
		b.Look("cadre-show")
		b.Go("/cadres?q=khong-co-ai-ten-nay")
		b.Sees("Không có cán bộ nào khớp")
		b.Look("cadre-none")
	}, testseed.Base)
}

func importFile(t *testing.T, s *roster.Service, name string) {
	t.Helper()
	b := readFile(t, rosterFile(t, name+".xlsx"))
	if _, err := s.ImportFile(t.Context(), access.System().By, b, models.MustDay(name[:4]+"-01-01"), false, nil); err != nil {
		t.Fatal(err)
	}
}
