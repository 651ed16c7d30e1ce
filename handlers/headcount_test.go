package handlers_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestAHeadDeclaresAllGroupsInOneFormOrNone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		head := w.as(models.RoleHead)
		post := func(pairs ...string) answer {
			f := url.Values{"org": {homeOffice}, "effective": {"01/01/2026"}}
			for i := 0; i < len(pairs); i += 2 {
				f.Set(pairs[i], pairs[i+1])
			}
			return head.post("/headcounts", f)
		}
		count := func() (n int64) {
			w.must(db.Read(t.Context()).Model(&models.Headcount{}).Count(&n).Error)
			return n
		}
		for what, x := range map[string]struct {
			got  answer
			says string
		}{
			"nothing":      {post(), "Chưa có số nào được điền"},
			"one bad":      {post(homeOffice+".QCN", "3", homeOffice+".TTTT", "-1"), "Số người phải từ 0 đến 100.000."},
			"no number":    {post(homeOffice+".QCN", "ba"), "Hãy nhập một số."},
			"a day before": {post(homeOffice+".QCN", "3", "effective", "2020-01-01"), ""},
			"no day":       {post(homeOffice+".QCN", "3", "effective", "mai"), "Hãy nhập ngày"},
		} {
			if x.got.status != http.StatusUnprocessableEntity || !strings.Contains(x.got.body, x.says) {
				t.Errorf("%s: %d, and it does not say %q", what, x.got.status, x.says)
			}
		}
		// What the form asked once and does not ask now is not passed over beside what it asks.
		if got := post(homeOffice+".QCN", "3", otherOffice+".QCN", "3"); got.status != http.StatusNotFound {
			t.Errorf("another's office: %d", got.status)
		}
		if n := count(); n != 0 {
			t.Fatalf("%d declarations after refusals", n)
		}
		if got := post(homeOffice+".QCN", "3", homeOffice+".TTTT", "0"); got.status != http.StatusSeeOther || count() != 2 {
			t.Errorf("%d, %d declarations\n%s", got.status, count(), got.body)
		}
		if got := head.get("/headcounts").body; !strings.Contains(got, "khai\u00a03 · danh\u00a0sách\u00a00") {
			t.Error("the form does not say what holds")
		}
		for _, path := range []string{"/headcounts?org=" + otherOffice, "/headcounts?org=no-such", "/coverage/gaps?org=" + otherOffice} {
			if got := head.get(path); got.status != http.StatusNotFound {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		got := head.get("/coverage/gaps").body
		if !strings.Contains(got, "khai nhiều hơn 3 người") || !strings.Contains(got, "3 người chưa có tên") {
			t.Error(got)
		}
		if got := head.get("/coverage/gaps?page=99999").body; !strings.Contains(got, "khai nhiều hơn 3 người") {
			t.Errorf("a page behind the last says that there is nothing: %s", got)
		}
		if got := head.get("/coverage/gaps?on=2019-01-01"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `value="01/01/2019"`) {
			t.Errorf("%d: the day cannot be mended: %s", got.status, got.body)
		}
	}, testseed.Base)
}

func TestAHeadSeesThePeopleOfTheProfessionalLineWhereverTheyWork(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		line := models.Cadre{FullName: "Hà Thị Dọc", BirthYear: 1980}
		w.create(&line)
		w.create(&models.Posting{CadreID: line.ID, OrganisationID: w.other.ID, Title: "Chủ tịch", FromDay: models.MustDay("2026-01-01"), ToDay: models.Forever, Main: true, LineID: &w.home.ID})
		w.post("Lò Văn Nhà", homeOffice, "2026-01-01", "")
		head, coordinator := w.as(models.RoleHead), w.as(models.RoleCoordinator)
		for _, x := range []struct {
			who  *asker
			path string
			want bool
		}{
			{head, "/cadres?state=line", true}, {coordinator, "/cadres?state=line", true}, {coordinator, "/cadres?state=line&org=" + homeOffice, true},
			{coordinator, "/cadres?state=line&org=" + otherOffice, false}, {head, "/cadres?state=line&day=2025-06-01", false},
		} {
			got := x.who.get(x.path)
			if got.status != http.StatusOK || strings.Contains(got.body, "Hà Thị Dọc") != x.want || strings.Contains(got.body, "Lò Văn Nhà") {
				t.Errorf("%s %s: %d, named %v", x.who.role, x.path, got.status, strings.Contains(got.body, "Hà Thị Dọc"))
			}
		}
		w.create(&models.PostingGroup{PostingID: w.lastPosting(line.ID), GroupID: 1})
		for _, x := range []struct {
			who  *asker
			path string
			want bool
		}{
			{head, "/coverage", true}, {coordinator, "/coverage?org=" + homeOffice, true}, {coordinator, "/coverage?org=" + otherOffice, false}, {head, "/coverage?on=2025-06-01", false},
		} {
			got := x.who.get(x.path)
			if got.status != http.StatusOK || strings.Contains(got.body, "Cán bộ theo ngành dọc") != x.want {
				t.Errorf("%s %s: %d, or the line is not as it should be", x.who.role, x.path, got.status)
			}
		}
		course := models.Course{PlanID: w.draft.PlanID, Code: "2026-DOC", Title: "Lớp sắp mở", CourseTypeID: w.draft.CourseTypeID, State: models.CourseOpen, HostID: w.home.ID, Capacity: 30, RulePercent: 80,
			FirstDay: models.MustDay("2026-12-08"), LastDay: models.MustDay("2026-12-09"), Version: 1}
		w.create(&course)
		for _, x := range []struct {
			who *asker
			to  string
		}{{head, "nominate"}, {coordinator, "enrolments/new"}} {
			page := x.who.get("/coverage/missing?group=QCN&line=true&org=" + homeOffice).body
			href := fmt.Sprintf("/courses/%d/%s?org=%s&group=QCN&lacking=1&line=true", course.ID, x.to, homeOffice)
			if !strings.Contains(html.UnescapeString(page), href) {
				t.Fatalf("no way to %s in %s", href, page)
			}
			if got := x.who.get(href); got.status != http.StatusOK || !strings.Contains(got.body, "Hà Thị Dọc") || strings.Contains(got.body, "Lò Văn Nhà") {
				t.Errorf("%s: %d, or not those of the line", href, got.status)
			}
		}
		missing := head.get("/coverage/missing?group=QCN&line=true").body
		if !strings.Contains(missing, "Hà Thị Dọc") || strings.Contains(missing, "Lò Văn Nhà") || strings.Contains(head.get("/coverage/missing?group=QCN").body, "Hà Thị Dọc") {
			t.Error("the line and the office are mixed up")
		}
		if got := head.get("/coverage/missing?group=QCN&line=true&org=" + otherOffice); got.status != http.StatusNotFound {
			t.Errorf("the line of another office: %d", got.status)
		}
	}, testseed.Base)
}

// lastPosting is the cadre's newest posting.
func (w *world) lastPosting(cadre uint64) uint64 {
	w.t.Helper()
	var p models.Posting
	w.must(w.site.DB.Read(w.t.Context()).Where("cadre_id = ?", cadre).Order("id DESC").Take(&p).Error)
	return p.ID
}

func TestAHeadGoesFromTheLineToItsPeopleAndACoordinatorToANumberAndCountsInTheBrowser(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		line := models.Cadre{FullName: "Hà Thị Dọc", BirthYear: 1980}
		w.create(&line)
		w.create(&models.Posting{CadreID: line.ID, OrganisationID: w.other.ID, Title: "Chủ tịch", FromDay: models.MustDay("2026-01-01"), ToDay: models.Forever, Main: true, LineID: &w.home.ID})
		w.create(&models.PostingGroup{PostingID: w.lastPosting(line.ID), GroupID: 1})
		h := site.As(t, models.RoleHead, homeOffice)
		h.Go("/coverage")
		h.Sees("Cán bộ theo ngành dọc", "Danh sách 1 cán bộ")
		h.Look("coverage-line")
		h.Click("Xem tên 1 người còn thiếu")
		h.Sees("Ngành dọc của", "Hà Thị Dọc")
		h.Look("coverage-line-missing")
		c := site.As(t, models.RoleCoordinator, "")
		c.Go("/")
		c.Sees("1 cặp hồ sơ nghi trùng")
		c.Look("home-twins")
		c.Click("Rà soát")
		c.Click("So sánh")
		c.Look("twin")
		c.Go("/cadres")
		c.Fill("Tìm theo tên hoặc số căn cước", "004080000011")
		c.Click("Áp dụng")
		c.Sees("Đang tìm theo số căn cước")
		c.Look("cadres-number")
		c.Go("/organisations/" + otherOffice + "/edit")
		c.Check("Chỉ khai số lượng, không lập danh sách tên")
		c.Click("Lưu")
		c.Sees("người có vị trí công tác tại cơ quan này hôm nay hoặc về sau")
		c.Look("organisation-counts")
		c.Go("/headcounts?org=CB")
		c.Look("headcounts-province")
	}, testseed.Base)
}

func TestGapsOfHeadcountsAreFoundAndDeclaredInTheBrowser(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		w.create(&models.Headcount{OrganisationID: w.home.ID, GroupID: 1, EffectiveDay: models.MustDay("2026-01-01"), Declared: new(4)})
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/coverage")
		b.Click("Đối chiếu biên chế")
		b.Sees("Đơn vị khai nhiều hơn danh sách", "4 người chưa có tên, cộng theo từng nhóm", "Mỗi dòng là một nhóm đối tượng của một đơn vị.")
		b.Click("Số khai")
		if first := testweb.Eval[string](b, `document.querySelector("[aria-sort=descending]").textContent + document.querySelector("tbody td:nth-of-type(3)").textContent`); !strings.HasPrefix(first, "Số khai") || !strings.HasSuffix(first, "4") {
			t.Errorf("by what is declared, the most first: %q", first)
		}
		b.Look("coverage-gaps")
		h := site.As(t, models.RoleHead, homeOffice)
		h.Go("/coverage/gaps")
		h.Click("Khai biên chế")
		h.Sees("khai 4 · danh sách 0")
		h.Look("headcounts")
		h.Fill("Quyền con người", "2")
		h.Click("Lưu số khai")
		h.Sees("Đã ghi 1 số khai.", "khai 2")
	}, testseed.Base)
}
