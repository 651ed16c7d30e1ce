package handlers_test

import (
	"fmt"
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

// twins notes two cadres as likely twins.
func (w *world) twins(a, b uint64) uint64 {
	w.t.Helper()
	p := models.TwinPair{CadreAID: min(a, b), CadreBID: max(a, b), Reason: models.TwinSameName, State: models.TwinOpen}
	w.create(&p)
	return p.ID
}

func TestACoordinatorReviewsLikelyTwinsInTheBrowser(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		old, now := w.post("Nông Văn An", otherOffice, "2024-01-01", ""), w.post("Nông Văn Ân", homeOffice, "2026-01-01", "")
		w.create(&models.Account{Name: "Ân cũ", CadreID: &old.ID}, &models.Account{Name: "Ân mới", CadreID: &now.ID})
		pair := w.twins(old.ID, now.ID)
		lan, lam := w.post("Lê Thị Lan", homeOffice, "2026-01-01", ""), w.post("Lê Thị Lan", otherOffice, "2026-01-01", "")
		w.twins(lan.ID, lam.ID)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/cadres")
		b.Click("Rà soát trùng (3)")
		b.Sees("Nông Văn Ân", "Cùng họ tên")
		b.Look("twin-list")
		b.Go(fmt.Sprintf("/twins/%d", pair))
		b.Sees("Hồ sơ 1", "Nếu giữ hồ sơ 1", "còn lại", "Tài khoản tiếp tục dùng")
		b.Look("twin-compare")
		b.Click("Gộp làm một")
		b.Sees("Đã gộp hai hồ sơ.", "Hồ sơ được giữ")
		b.Look("twin-merged")
		b.Go(fmt.Sprintf("/cadres/%d", old.ID))
		b.Sees("Hồ sơ cũ đã được gộp vào cán bộ này.", "Sở Giáo dục và Đào tạo", "Hồ sơ Nông Văn An đã được gộp vào đây.")
		b.Look("twin-kept")
		b.Go(fmt.Sprintf("/twins/%d", pair))
		b.Click("Hoàn tác việc gộp")
		b.Sees("Đã hoàn tác")
		b.Click("Không phải một người")
		b.Sees("Đã ghi là hai người khác nhau.")
		b.Look("twin-distinct")
		b.Click("Đưa lại vào danh sách rà soát")
		b.Sees("Đã đưa lại vào danh sách rà soát.")
		b.Go("/twins?state=merged")
		b.Sees("Chưa có cặp nào.")
		b.Click("Không thấy cặp cần tìm?")
		b.Sees("gõ số căn cước của hồ sơ kia")
		b.Look("twin-by-hand")
		b.Go(fmt.Sprintf("/cadres/%d/edit", lan.ID))
		b.Click("Người này có hai hồ sơ?")
		b.Look("cadre-two-records")
		b.Click("Báo hai hồ sơ là của một người")
		b.Sees("Số căn cước không đúng")
		b.Go(fmt.Sprintf("/cadres/%d", lan.ID))
		b.Sees("Có thể trùng với Lê Thị Lan")
		b.Look("cadre-twin")
	}, testseed.Base)
}

func TestAnIDOfSomebodyElseOffersTheReviewWithoutSayingWhoThatIs(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		an, hidden := w.post("Nông Văn An", homeOffice, "2026-01-01", ""), w.post("Người Kín Tên", otherOffice, "2026-01-01", "")
		coordinator, head := w.as(models.RoleCoordinator), w.as(models.RoleHead)
		const number = "004080000011"
		coordinator.post(fmt.Sprintf("/cadres/%d/edit", hidden.ID), w.ownData(hidden.ID, map[string]string{"national_id": number}))
		refused := head.post(fmt.Sprintf("/cadres/%d/edit", an.ID), w.ownData(an.ID, map[string]string{"national_id": number}))
		if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.body, "Báo hai hồ sơ là của một người") || strings.Contains(refused.body, "Người Kín Tên") {
			t.Errorf("%d\n%s", refused.status, refused.body)
		}
		path := fmt.Sprintf("/cadres/%d/twin", an.ID)
		for id, want := range map[string]int{number: 303, "004080000099": 422, "12": 422, "": 422} {
			if got := head.post(path, url.Values{"national_id": {id}}); got.status != want {
				t.Errorf("%q: %d", id, got.status)
			}
		}
		var p models.TwinPair
		w.must(db.Read(t.Context()).Order("id DESC").Take(&p).Error)
		if p.Reason != models.TwinSameID || p.CadreAID != an.ID || p.CadreBID != hidden.ID {
			t.Errorf("%+v", p)
		}
		if got := head.get("/twins"); got.status != http.StatusForbidden {
			t.Errorf("a head looks at the queue: %d", got.status)
		}
		if got := head.get(fmt.Sprintf("/cadres/%d", an.ID)).body; strings.Contains(got, "Người Kín Tên") {
			t.Error("a head's page names the other")
		}
	}, testseed.Base)
}

func TestAStaleOrForeignChoiceIsRefusedOnThePairsPage(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		a, b := w.post("Nông Văn An", homeOffice, "2026-01-01", ""), w.post("Nông Văn An", otherOffice, "2026-01-01", "")
		pair := w.twins(a.ID, b.ID)
		coordinator := w.as(models.RoleCoordinator)
		path := fmt.Sprintf("/twins/%d", pair)
		version := between(coordinator.get(path).body, `name="version" value="`, `"`)
		form := func(keep uint64) url.Values { return url.Values{"version": {version}, "keep": {fmt.Sprint(keep)}} }
		if got := coordinator.post(path+"/merge", form(987654321)); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Hãy chọn một mục") {
			t.Errorf("a third record: %d", got.status)
		}
		coordinator.post(fmt.Sprintf("/cadres/%d/edit", a.ID), w.ownData(a.ID, map[string]string{"phone": "0987654321"}))
		if got := coordinator.post(path+"/merge", form(a.ID)); got.status != http.StatusConflict || !strings.Contains(got.body, "vừa được người khác sửa") {
			t.Errorf("a page older than the data: %d", got.status)
		}
		version = between(coordinator.get(path).body, `name="version" value="`, `"`)
		if got := coordinator.post(path+"/merge", form(a.ID)); got.status != http.StatusSeeOther {
			t.Fatalf("%d\n%s", got.status, got.body)
		}
		if got := coordinator.post(path+"/distinct", nil); got.status != http.StatusConflict || !strings.Contains(got.body, "vừa được quyết định") {
			t.Errorf("in another tab: %d", got.status)
		}
		if got := coordinator.get(fmt.Sprintf("/cadres/%d", b.ID)); got.location != fmt.Sprintf("/cadres/%d", a.ID) {
			t.Errorf("the record that was given up leads to %q", got.location)
		}
		for _, x := range []string{fmt.Sprintf("/cadres/%d/edit", b.ID), fmt.Sprintf("/api/v1/cadres/%d", b.ID)} {
			if got := coordinator.get(x); got.status != http.StatusNotFound {
				t.Errorf("%s: %d", x, got.status)
			}
		}
		if got := coordinator.get("/cadres?q=nong+van+an").body; strings.Count(got, "Nông Văn An</a>") != 1 {
			t.Error("the list does not name the person once")
		}
	}, testseed.Base)
}

func between(s, from, to string) string {
	_, rest, _ := strings.Cut(s, from)
	out, _, _ := strings.Cut(rest, to)
	return out
}
