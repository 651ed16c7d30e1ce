package handlers_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// ownData is a form of a cadre's own data as its page would send it.
func (w *world) ownData(id uint64, change map[string]string) url.Values {
	w.t.Helper()
	c := w.read(id)
	f := url.Values{"name": {c.FullName}, "born": {"1980"}, "sex": {string(c.Sex)}, "phone": {c.Phone}, "email": {c.Email}, "version": {roster.Version(c)}}
	for k, v := range change {
		f.Set(k, v)
	}
	return f
}

func (w *world) read(id uint64) (c models.Cadre) {
	w.t.Helper()
	w.must(w.site.DB.Read(w.t.Context()).Take(&c, id).Error)
	return c
}

func (w *world) audits(action string, id uint64) (out []models.AuditEntry) {
	w.t.Helper()
	w.must(w.site.DB.Read(w.t.Context()).Where("action = ? AND noun_id = ?", action, id).Order("id").Find(&out).Error)
	return out
}

func TestAHeadMendsTheDataOfOwnCadresWithARecordOfOldAndNew(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		an, binh := w.post("Nông Văn An", homeOffice, "2026-01-01", ""), w.post("Lê Thị Bình", otherOffice, "2026-01-01", "")
		head, coordinator := w.as(models.RoleHead), w.as(models.RoleCoordinator)
		path := fmt.Sprintf("/cadres/%d/edit", an.ID)
		if got := coordinator.post(fmt.Sprintf("/cadres/%d/edit", binh.ID), w.ownData(binh.ID, map[string]string{"national_id": "004180000022"})); got.status != http.StatusSeeOther {
			t.Fatalf("%d\n%s", got.status, got.body)
		}
		stale := w.ownData(an.ID, map[string]string{"phone": "0987654321"})
		got := head.post(path, w.ownData(an.ID, map[string]string{"name": " nông  văn ân ", "born": "31/12/1980", "sex": "female", "national_id": "004 080 000 011", "email": "AN@example.vn"}))
		if got.status != http.StatusSeeOther {
			t.Fatalf("%d\n%s", got.status, got.body)
		}
		if page := head.get(got.location).body; !strings.Contains(page, "giới tính không khớp số căn cước") {
			t.Error("an id of a man for a woman is not mentioned")
		}
		c := w.read(an.ID)
		if c.BirthDay != models.MustDay("1980-12-31") || c.Sex != models.SexFemale || c.NationalIDHash == nil || c.Email != "an@example.vn" || c.Search != "nong van an" {
			t.Errorf("%+v", c)
		}
		log := w.audits("cadre.update", an.ID)
		if len(log) != 1 || !strings.Contains(log[0].Detail, `"national_id":["","0011"]`) || !strings.Contains(log[0].Detail, `"born":["1980","1980-12-31"]`) || strings.Contains(log[0].Detail, "004080000011") {
			t.Errorf("%+v", log)
		}
		for what, x := range map[string]struct {
			form   url.Values
			status int
			says   string
		}{
			"a form older than the data": {stale, 409, "vừa được người khác sửa"},
			"another's id":               {w.ownData(an.ID, map[string]string{"national_id": "004180000022"}), 422, "đang ghi cho một cán bộ khác"},
			"no name":                    {w.ownData(an.ID, map[string]string{"name": " - "}), 422, "Hãy ghi họ và tên"},
			"a day that is none":         {w.ownData(an.ID, map[string]string{"born": "31/02/1980"}), 422, "Ngày sinh không đúng"},
			"a day to come":              {w.ownData(an.ID, map[string]string{"born": "2030"}), 422, "Ngày sinh ở tương lai"},
			"an id that is none":         {w.ownData(an.ID, map[string]string{"national_id": "999080000011"}), 422, "Số căn cước không đúng"},
			"a telephone that is none":   {w.ownData(an.ID, map[string]string{"phone": "12"}), 422, "Số điện thoại không đúng"},
			"a sex that is none":         {w.ownData(an.ID, map[string]string{"sex": "x"}), 422, "Hãy chọn một mục"},
			"both new and no id":         {w.ownData(an.ID, map[string]string{"national_id": "004180000033", "remove_id": "true"}), 422, "chọn một"},
			"far too long a name":        {w.ownData(an.ID, map[string]string{"name": strings.Repeat("a", 300)}), 422, "Nội dung quá dài"},
		} {
			got := head.post(path, x.form)
			if got.status != x.status || !strings.Contains(got.body, x.says) {
				t.Errorf("%s: %d, and it does not say %q", what, got.status, x.says)
			}
			if id := x.form.Get("national_id"); id != "" && strings.Contains(got.body, id) {
				t.Errorf("%s: the answer repeats the national id", what)
			}
		}
		if now := w.read(an.ID); roster.Version(now) != roster.Version(c) {
			t.Errorf("a refused form changed %+v to %+v", c, now)
		}
		if got := head.post(fmt.Sprintf("/cadres/%d/edit", binh.ID), w.ownData(binh.ID, nil)); got.status != http.StatusNotFound {
			t.Errorf("another office's cadre: %d", got.status)
		}
		if got := head.post(path, w.ownData(an.ID, map[string]string{"remove_id": "true"})); got.status != http.StatusSeeOther || w.read(an.ID).NationalIDHash != nil {
			t.Errorf("taking the id away: %d", got.status)
		}
	}, testseed.Base)
}

func TestANumberThatIsSearchedForStandsInNoAddressNoPageAndNoLog(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		var log bytes.Buffer
		site.Server.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		w := newWorld(t, site)
		const number, old = "004080000011", "080123456"
		an := w.post("Nông Văn An", homeOffice, "2026-01-01", "")
		w.post("Lê Thị Bình", homeOffice, "2026-01-01", "")
		coordinator, head := w.as(models.RoleCoordinator), w.as(models.RoleHead)
		for _, id := range []string{number, old} {
			if got := coordinator.post(fmt.Sprintf("/cadres/%d/edit", an.ID), w.ownData(an.ID, map[string]string{"national_id": id})); got.status != http.StatusSeeOther {
				t.Fatalf("%d\n%s", got.status, got.body)
			}
		}
		shows := func(s string) bool {
			digits := strings.NewReplacer(" ", "", "+", "", "%20", "", ".", "").Replace(s)
			return strings.Contains(digits, number) || strings.Contains(digits, old)
		}
		for typed, finds := range map[string]bool{number: true, " 004 080 000 011 ": true, "004.080.000.011": true, old: true, "004080000012": false, "08012345": false} {
			got := head.post("/cadres/search", url.Values{"q": {typed}, "group": {""}, "state": {""}})
			to := got.location
			if got.status != http.StatusSeeOther || shows(to) || finds != strings.Contains(to, "idh=") && finds {
				t.Errorf("%s: %d to %s", typed, got.status, to)
				continue
			}
			list := head.get(to)
			if list.status != http.StatusOK || shows(list.body) || strings.Contains(list.body, "Nông Văn An") != finds || strings.Contains(list.body, "Lê Thị Bình") {
				t.Errorf("%s: %d, found %v", typed, list.status, strings.Contains(list.body, "Nông Văn An"))
			}
			if sheet := strings.Replace(to, "/cadres?", "/cadres.xlsx?", 1); finds && !strings.Contains(fmt.Sprint(sheetOf(t, head, sheet)), "Nông Văn An") {
				t.Errorf("%s: not in the workbook", typed)
			}
		}
		// Words in place of the number leave it; a filter that is added keeps it.
		hash := head.post("/cadres/search", url.Values{"q": {number}}).location[len("/cadres?idh="):]
		if to := head.post("/cadres/search", url.Values{"q": {"Bình"}, "idh": {hash}}).location; to != "/cadres?q=B%C3%ACnh" {
			t.Error(to)
		}
		if to := head.post("/cadres/search", url.Values{"idh": {hash}, "day": {"01/02/2026"}, "sort": {"-born"}}).location; to != "/cadres?idh="+hash+"&day=2026-02-01&sort=-born" {
			t.Error(to)
		}
		// A number in an address, from a bookmark or by hand, leaves it at once.
		for _, path := range []string{"/cadres", "/cadres.xlsx"} {
			if got := head.get(path + "?q=" + number + "&org=" + homeOffice); got.status != http.StatusSeeOther || got.location != path+"?idh="+hash+"&org="+homeOffice {
				t.Errorf("%d to %s", got.status, got.location)
			}
		}
		for _, path := range []string{"/api/v1/cadres?q=" + number, "/api/v1/cadres?q=" + old} {
			if got := head.get(path); got.status != http.StatusUnprocessableEntity || shows(got.body) {
				t.Errorf("%s: %d\n%s", path, got.status, got.body)
			}
		}
		for id, want := range map[string]string{number: "Nông Văn An", old: "Nông Văn An", "004080000012": `"total":0`, "12": "invalid_national_id"} {
			if got := head.ask(http.MethodPost, "/api/v1/cadres/search", "application/json", fmt.Sprintf(`{"national_id":%q}`, id)); !strings.Contains(got.body, want) || shows(got.body) {
				t.Errorf("%s: %d\n%s", id, got.status, got.body)
			}
		}
		if shows(log.String()) || !strings.Contains(log.String(), "/cadres/search") {
			t.Error("the log shows the number, or not the request")
		}
	}, testseed.Base)
}

func TestANationalIDIsShownInFullOnlyWithARecordOfTheLook(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		const number, old = "004080000011", "080123456"
		an, binh := w.post("Nông Văn An", homeOffice, "2026-01-01", ""), w.post("Lê Thị Bình", otherOffice, "2026-01-01", "")
		coordinator, head := w.as(models.RoleCoordinator), w.as(models.RoleHead)
		for _, id := range []string{number, old} {
			if got := coordinator.post(fmt.Sprintf("/cadres/%d/edit", an.ID), w.ownData(an.ID, map[string]string{"national_id": id})); got.status != http.StatusSeeOther {
				t.Fatalf("%d\n%s", got.status, got.body)
			}
		}
		page := fmt.Sprintf("/cadres/%d", an.ID)
		look := page + "/national-id"
		for _, path := range []string{page, page + "/edit", "/cadres", "/api/v1" + page} {
			if got := head.get(path); got.status != http.StatusOK || strings.Contains(got.body, number) || strings.Contains(got.body, old) {
				t.Errorf("%s: %d, or it shows the number", path, got.status)
			}
		}
		if n := len(w.audits("national_id.look", an.ID)); n != 0 {
			t.Fatalf("%d looks before anybody looked", n)
		}
		form := url.Values{"reason": {"Đối chiếu hồ sơ"}, "request_key": {"the-same"}}
		for range 2 {
			if got := head.post(look, form); got.status != http.StatusOK || !strings.Contains(got.body, number) || !strings.Contains(got.body, old) {
				t.Fatalf("%d\n%s", got.status, got.body)
			}
		}
		log := w.audits("national_id.look", an.ID)
		if len(log) != 2 || log[0].AccountID == nil || !strings.Contains(log[0].Detail, "Đối chiếu hồ sơ") || strings.Contains(log[0].Detail, number) {
			t.Errorf("each answer with the number is a look of its own: %+v", log)
		}
		if got := coordinator.get(page).body; !strings.Contains(got, "Những lần đã xem") || !strings.Contains(got, "Đối chiếu hồ sơ") || strings.Contains(got, number) {
			t.Error("the cadre's page does not say who looked, or shows the number again")
		}
		if got := head.post(look, url.Values{"reason": {strings.Repeat("a", 201)}}); got.status != http.StatusUnprocessableEntity || strings.Contains(got.body, number) {
			t.Errorf("a reason without end: %d", got.status)
		}
		if got := head.post(fmt.Sprintf("/cadres/%d/national-id", binh.ID), nil); got.status != http.StatusNotFound {
			t.Errorf("another office's cadre: %d", got.status)
		}
		if got := coordinator.post(fmt.Sprintf("/cadres/%d/national-id", binh.ID), nil); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "chưa có số căn cước") {
			t.Errorf("nothing to see: %d", got.status)
		}
		for _, role := range []models.Role{models.RoleTrainer, models.RoleClerk, models.RoleCadre} {
			if got := w.as(role).post(look, form); got.status != http.StatusForbidden {
				t.Errorf("%s: %d", role, got.status)
			}
		}
	}, testseed.Base)
}

func TestAnOfficesDataAreMendedAndAnIDIsLookedAtInTheBrowser(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		an := w.post("Nông Văn An", homeOffice, "2026-01-01", "")
		b := site.As(t, models.RoleHead, homeOffice)
		b.Go(fmt.Sprintf("/cadres/%d", an.ID))
		b.Click("Sửa thông tin")
		b.Fill("Ngày sinh", "12/05/1980")
		b.Fill("Số căn cước mới", "004 080 000 01")
		b.Look("cadre-edit")
		b.Click("Lưu")
		b.Sees("Số căn cước không đúng")
		b.Look("cadre-edit-refused")
		b.Fill("Số căn cước mới", "004 080 000 011")
		b.Click("Lưu")
		b.Sees("Đã lưu thông tin.", "kết thúc bằng 0011")
		b.Click("Xem số căn cước đầy đủ")
		b.Fill("Lý do xem", "Đối chiếu hồ sơ")
		b.Click("Hiện số căn cước")
		b.Sees("004080000011", "Lần xem này đã được ghi lại")
		b.Look("cadre-national-id")
		b.Go(fmt.Sprintf("/cadres/%d", an.ID))
		b.Lacks("004080000011")
	}, testseed.Base)
}
