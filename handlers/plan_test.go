package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// figureRow is what the test reads of a row.
type figureRow struct {
	Group                string
	Denominator, Covered int
}

func planningOf(site *testweb.Site) *planning.Service {
	return &planning.Service{DB: site.DB, Coverage: &coverage.Service{DB: site.DB}, Wake: func() {}}
}

// secondPlan makes a plan beside the base one, of the same people: the base plan stays the one in force.
func secondPlan(t *testing.T, site *testweb.Site, carry bool) *plan.Plan {
	t.Helper()
	var base models.Plan
	read := site.DB.Read(t.Context())
	if err := read.Take(&base).Error; err != nil {
		t.Fatal(err)
	}
	var root models.Organisation
	if err := read.Take(&root, base.RootID).Error; err != nil {
		t.Fatal(err)
	}
	id, err := planningOf(site).Copy(t.Context(), access.System(), planning.CopyInput{From: base.Code, Code: "HAI-2022", NameVi: "Kế hoạch thứ hai", Root: root.Code,
		First: models.MustDay("2022-01-01"), Last: models.MustDay("2030-12-31"), Carry: carry})
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.OfID(t.Context(), read, id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAnAdministratorSeesWhatAnExpiryDoesBeforeItIsSaved(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		var base models.Plan
		if err := db.Read(t.Context()).Take(&base).Error; err != nil {
			t.Fatal(err)
		}
		b := site.As(t, models.RoleAdministrator, "")
		b.Click("Kế hoạch")
		b.Sees("Các kế hoạch", "Chưa đạt")
		look(b, "plans")
		b.Go("/plans/" + base.Code)
		b.Sees("Không hết hạn", "Hội nghị tập huấn")
		look(b, "plan")
		b.Click("Sửa kế hoạch")
		look(b, "plan-edit")
		b.Fill("Tập huấn kiến thức, kỹ năng", "12")
		b.Click("Xem ảnh hưởng")
		b.Sees("Chưa có gì được lưu", "sẽ không còn được tính là đã bao phủ", "→ 12 tháng")
		look(b, "plan-confirm")
		if p, err := plan.OfID(t.Context(), db.Read(t.Context()), base.ID); err != nil || p.Component(models.ComponentTraining).ExpiresMonths != nil {
			t.Fatal("saved before the yes", err)
		}
		b.Click("Lưu thay đổi")
		b.Sees("Đã lưu kế hoạch", "12 tháng")
	}, province(300))
}

func TestAPlansRulesAreHeldAndRefusedInput(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		read := db.Read(t.Context())
		var base models.Plan
		if err := read.Take(&base).Error; err != nil {
			t.Fatal(err)
		}
		testdb.Ledger(t, db)
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		send := func(want int, pairs ...string) answer {
			t.Helper()
			form := url.Values{"version": {"0"}}
			for i := 0; i < len(pairs); i += 2 {
				form.Set(pairs[i], pairs[i+1])
			}
			got := admin.post("/plans/"+base.Code, form)
			if got.status != want {
				t.Fatalf("%v: %d, want %d\n%.3000s", pairs, got.status, want, got.body)
			}
			return got
		}
		for _, months := range []string{"0", "601", "-3", "1.5", "một", "999999999999999999999", "12; DROP"} {
			has(t, send(http.StatusUnprocessableEntity, "expires.update", months, "yes", "true").body, "Ghi số tháng từ 1 đến 600")
		}
		for _, percent := range []string{"0", "101", "", "70,5", "-1"} {
			has(t, send(http.StatusUnprocessableEntity, "target.QCN", percent, "yes", "true").body, "Chỉ tiêu là số nguyên từ 1 đến 100")
		}
		has(t, send(http.StatusConflict, "version", "7", "expires.update", "12", "yes", "true").body, "đã được người khác sửa")
		if got := admin.post("/plans/KHONG-CO", url.Values{"version": {"0"}}); got.status != http.StatusNotFound {
			t.Error("an unknown plan:", got.status)
		}
		p := current(t, db)
		if kept, err := ledger.Kept(read, p); err != nil || !kept || p.Version != 0 {
			t.Fatal("refused input changed the plan", kept, p.Version, err)
		}
		send(http.StatusSeeOther, "expires.update", "24", "target.CTXH", "80", "yes", "true")
		p = current(t, db)
		if m := p.Component(models.ComponentUpdate).ExpiresMonths; m == nil || *m != 24 || p.GroupByCode("CTXH").TargetPercent != 80 || p.Version != 1 {
			t.Fatalf("not as saved: %v %+v", m, p.Groups)
		}
		right := func(otherwise string) { // the job may have built it already: then it says what the rules say
			t.Helper()
			kept, err := ledger.Kept(read, current(t, db))
			if err != nil {
				t.Fatal(err)
			}
			if !kept {
				return
			}
			if differences, _, err := ledger.Check(t.Context(), db); err != nil || len(differences) > 0 {
				t.Fatal(otherwise, len(differences), err)
			}
		}
		right("a ledger of the old rules is taken for one of the new")
		has(t, send(http.StatusConflict, "expires.update", "36", "yes", "true").body, "đã được người khác sửa") // the other tab
		// Back to the old rules, perhaps before anybody has built: rows may have been added to by other rules in between, so the old ledger is not taken up.
		send(http.StatusSeeOther, "version", "1", "expires.update", "", "yes", "true")
		right("the ledger of old rules came back")
		work(t, site)
		if kept, err := ledger.Kept(read, current(t, db)); err != nil || !kept {
			t.Fatal("the job did not build the ledger", err)
		}
		var entries int64
		if err := read.Model(&models.AuditEntry{}).Where("action = 'plan.change'").Count(&entries).Error; err != nil || entries != 2 {
			t.Error("audit entries:", entries, err)
		}
	}, province(300))
}

func current(t *testing.T, db *store.DB) *plan.Plan {
	t.Helper()
	p, err := plan.Current(t.Context(), db.Read(t.Context()), models.DayOf(db.Time()))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// work does all jobs that wait.
func work(t *testing.T, site *testweb.Site) {
	t.Helper()
	if _, err := ledger.Ensure(t.Context(), site.DB); err != nil {
		t.Fatal(err)
	}
}

func TestPlansSideBySideEachKeepTheirOwn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		invCourse(t, db, models.Course{Code: "TH-27-01", Title: "Tập huấn năm 2027", State: models.CourseOpen, Venue: "Trùng Khánh"}, "conference", "QCN", "2027-03-10", "2027-03-11")
		site := testweb.Serve(t, db)
		testdb.Ledger(t, db)
		read := db.Read(t.Context())
		base := current(t, db)
		head := as(t, site, testweb.Account{Name: "Thủ trưởng", SignIn: "tt", Role: models.RoleHead, Organisation: homeOffice})
		if got := head.get("/coverage"); strings.Contains(got.body, "plan-choice") {
			t.Error("one plan, and a choice of plans")
		}
		second := secondPlan(t, site, true)
		if current(t, db).ID != base.ID {
			t.Fatal("a plan is in force by being made")
		}
		work(t, site)
		for _, p := range []*plan.Plan{base, second} {
			if kept, err := ledger.Kept(read, p); err != nil || !kept {
				t.Fatalf("no ledger of %s: %v", p.Code, err)
			}
		}
		rows := func(a *asker, query string, want int) (out []figureRow) {
			t.Helper()
			got := a.get("/api/v1/coverage" + query)
			if got.status != want {
				t.Fatalf("%s: %d, want %d: %s", query, got.status, want, got.body)
			}
			if want == http.StatusOK {
				if err := json.Unmarshal([]byte(got.body), &out); err != nil {
					t.Fatal(err)
				}
			}
			return out
		}
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		a, b := rows(admin, "", http.StatusOK), rows(admin, "?plan="+second.Code, http.StatusOK)
		if len(a) != len(b) || a[0].Denominator == 0 || a[0].Denominator != b[0].Denominator || a[0].Covered != b[0].Covered {
			t.Errorf("what was carried over does not count the same: %+v %+v", a[0], b[0])
		}
		rows(admin, "?plan=KHONG-CO", http.StatusNotFound)
		rows(admin, "?plan=k%E1%BA%BF", http.StatusNotFound)
		if got := admin.get("/coverage?plan=KHONG-CO"); got.status != http.StatusNotFound {
			t.Error("an unknown plan on a page:", got.status)
		}
		// The address says which plan is meant, where it is another than the one in force.
		has(t, head.get("/coverage").body, "plan-choice", "Kế hoạch thứ hai")
		if got := head.get("/coverage?plan=" + second.Code); got.status != http.StatusOK || !strings.Contains(got.body, `<option value="`+second.Code+`" selected>`) {
			t.Fatalf("the second plan: %d", got.status)
		}
		if got := head.get("/coverage/people?org=" + homeOffice + "&group=QCN"); got.status != http.StatusSeeOther || !strings.Contains(got.location, "plan="+second.Code) || !strings.Contains(got.location, "group=QCN") {
			t.Errorf("the choice is not in the address: %d %s", got.status, got.location)
		}
		// Links stay in the plan of their page, whatever was chosen since in another tab.
		names := "/coverage/people?org=" + homeOffice + "&group=QCN"
		head.from = "http://example.com/coverage"
		if got := head.get(names); got.status != http.StatusOK || strings.Contains(got.body, `<option value="`+second.Code+`" selected>`) {
			t.Errorf("a link of the page of the plan in force: %d %s", got.status, got.location)
		}
		head.get("/coverage?plan=" + base.Code)
		head.from = "http://example.com/coverage?plan=" + second.Code
		if got := head.get(names); got.status != http.StatusSeeOther || !strings.Contains(got.location, "plan="+second.Code) {
			t.Errorf("a link of the other plan's page: %d %s", got.status, got.location)
		}
		head.from = "http://elsewhere.example/coverage?plan=" + second.Code
		if got := head.get(names); got.status != http.StatusOK {
			t.Errorf("a link of another site: %d %s", got.status, got.location)
		}
		head.from = ""
		// A form of the first plan's page changes the first plan, whatever was chosen since in another tab; groups of the other plan stay.
		qcn, hai := base.GroupByCode("QCN"), second.GroupByCode("QCN")
		var posting models.Posting
		err := read.Where("main = TRUE AND to_day > ? AND id IN (SELECT posting_id FROM posting_groups WHERE group_id = ?) AND organisation_id = (SELECT id FROM organisations WHERE code = ?)", models.DayOf(db.Time()), qcn.ID, homeOffice).First(&posting).Error
		if err != nil {
			t.Fatal(err)
		}
		var cadre models.Cadre
		if err := read.Take(&cadre, posting.CadreID).Error; err != nil {
			t.Fatal(err)
		}
		ros := &roster.Service{DB: db, Keys: site.Server.Keys}
		in := roster.ChangeInput{Kind: roster.ChangeCorrect, PostingID: posting.ID, Version: cadre.HistoryVersion, Organisation: homeOffice, Title: posting.Title, From: posting.FromDay, Note: "không còn phụ trách"}
		if err := ros.Change(t.Context(), access.System(), cadre.ID, in); err != nil {
			t.Fatal(err)
		}
		var groups []uint64
		if err := read.Model(&models.PostingGroup{}).Where("posting_id = ?", posting.ID).Order("group_id").Pluck("group_id", &groups).Error; err != nil {
			t.Fatal(err)
		}
		if slices.Contains(groups, qcn.ID) || !slices.Contains(groups, hai.ID) {
			t.Errorf("groups %v: %d is to be gone, %d of the other plan to stay", groups, qcn.ID, hai.ID)
		}
		form := url.Values{"effective": {"2026-11-01"}, "group": {"QCN"}, "declared": {"77"}, "plan": {base.Code}}
		if got := head.post("/organisations/"+homeOffice+"/headcounts", form); got.status != http.StatusSeeOther {
			t.Fatalf("declaring: %d %.2000s", got.status, got.body)
		}
		of := func(code string) int {
			for _, r := range rows(admin, "?org="+homeOffice+"&plan="+code, http.StatusOK) {
				if r.Group == "QCN" {
					return r.Denominator
				}
			}
			return -1
		}
		if of(base.Code) != 77 || of(second.Code) == 77 {
			t.Errorf("declared in the one plan: %d and %d", of(base.Code), of(second.Code))
		}
		if got := head.get("/plans"); got.status != http.StatusOK || strings.Count(got.body, "<table") != 2 || !strings.Contains(got.body, "77") {
			t.Errorf("side by side: %d", got.status)
		}
		// Courses can be narrowed to a plan, whatever plan pages are in.
		narrowed := func(of string) bool {
			t.Helper()
			got := admin.get("/courses?of=" + of)
			if got.status != http.StatusOK {
				t.Errorf("courses of %q: %d", of, got.status)
			}
			return !strings.Contains(got.body, "Không có lớp nào khớp") && strings.Contains(got.body, `name="of"`)
		}
		for of, some := range map[string]bool{"": true, base.Code: true, second.Code: false, "KHONG-CO": false, "k%E1%BA%BF": false} {
			if narrowed(of) != some {
				t.Errorf("courses of %q are found: %v, want %v", of, !some, some)
			}
		}
		// A course stays in its plan, whichever was chosen last.
		var course models.Course
		if err := db.Read(t.Context()).First(&course).Error; err != nil {
			t.Fatal(err)
		}
		admin.get("/coverage?plan=" + second.Code)
		if got := admin.get(fmt.Sprintf("/courses/%d", course.ID)); got.status != http.StatusOK || strings.Contains(got.body, "plan-choice") || strings.Contains(got.body, `name="plan" value="`+second.Code+`"`) {
			t.Errorf("a course of the first plan, in the second: %d", got.status)
		}
		if got := admin.get("/courses.xlsx?of=" + second.Code); got.status != http.StatusOK {
			t.Errorf("the sheet of a plan without courses: %d", got.status)
		}
		coordinator := site.As(t, models.RoleCoordinator, "")
		coordinator.Go("/courses?of=" + base.Code)
		look(coordinator, "courses-of-a-plan")
		editor := site.As(t, models.RoleAdministrator, "")
		editor.Go("/plans/" + base.Code + "/copy")
		editor.Sees("Lập kế hoạch mới từ kế hoạch này", "Giữ nguyên nhóm đối tượng của từng người")
		look(editor, "plan-copy")
		tab := site.As(t, models.RoleHead, homeOffice)
		tab.Go("/coverage?plan=" + second.Code)
		tab.Sees("Kế hoạch thứ hai")
		look(tab, "plan-choice")
	}, province(300))
}

func TestANewPlanIsRefusedWhereItCannotBe(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		s := planningOf(site)
		base := current(t, db)
		good := planning.CopyInput{From: base.Code, Code: "MOI-1", NameVi: "Kế hoạch mới", Root: base.Root.Code, First: models.MustDay("2029-01-01"), Last: models.MustDay("2034-12-31")}
		for code, spoil := range map[string]func(*planning.CopyInput){
			"required":             func(in *planning.CopyInput) { in.NameVi = " " },
			"plan_code":            func(in *planning.CopyInput) { in.Code = "mới 1" },
			"plan_code_taken":      func(in *planning.CopyInput) { in.Code = base.Code },
			"plan_period":          func(in *planning.CopyInput) { in.Last = models.MustDay("2028-12-31") },
			"plan_period_long":     func(in *planning.CopyInput) { in.Last = models.MustDay("2049-01-01") },
			"organisation_unknown": func(in *planning.CopyInput) { in.Root = "KHONG-CO" },
			"plan_root_period":     func(in *planning.CopyInput) { in.Root = "H-CAOBANG" },
			"too_long":             func(in *planning.CopyInput) { in.NameVi = strings.Repeat("á", 301) },
		} {
			in := good
			spoil(&in)
			_, err := s.Copy(t.Context(), access.System(), in)
			if e := errs.As(err); err == nil || len(e.Fields) != 1 || e.Fields[0].Code != code {
				t.Errorf("%s: %v", code, err)
			}
		}
		if _, err := s.Copy(t.Context(), access.System(), planning.CopyInput{From: "KHONG-CO", Code: "X", NameVi: "X", Root: base.Root.Code, First: good.First, Last: good.Last}); !errs.Is(err, "not_found") {
			t.Error("from an unknown plan:", err)
		}
		var n int64
		if err := db.Read(t.Context()).Model(&models.Plan{}).Count(&n).Error; err != nil || n != 1 {
			t.Fatal("plans:", n, err)
		}
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		form := url.Values{"code": {"moi-1"}, "name_vi": {"Kế hoạch mới"}, "root": {base.Root.Code}, "first": {"01/01/2029"}, "last": {"31/12/2034"}}
		if got := admin.post("/plans/"+base.Code+"/copy", form); got.status != http.StatusSeeOther || got.location != "/plans/MOI-1" {
			t.Fatalf("making a plan: %d %s", got.status, got.location)
		}
		fresh := admin.get("/plans/MOI-1")
		has(t, fresh.body, "Kế hoạch mới", "31/12/2034", "Hội nghị tập huấn")
		has(t, admin.get("/plans/"+base.Code+"/copy").body, `value="SO-TP"`)
		office := url.Values{"code": {"SO-2026"}, "name_vi": {"Kế hoạch của Sở"}, "root": {"SO-TP"}, "first": {"2026-06-01"}, "last": {"31/12/2028"}, "carry": {"true"}}
		if got := admin.post("/plans/"+base.Code+"/copy", office); got.status != http.StatusSeeOther {
			t.Fatalf("a plan of one office: %d %.2000s", got.status, got.body)
		}
		if now := current(t, db); now.Code != base.Code { // which began earlier
			t.Errorf("%s is in force by being made", now.Code)
		}
		work(t, site)
	}, province(20))
}
