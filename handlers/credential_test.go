package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// judge has others' code check a badge against the served site (static/test/credential.mjs).
func (w *world) judge(token string, revoked bool) {
	w.t.Helper()
	in, err := json.Marshal(map[string]any{"public": "https://taphuan.example.vn", "server": w.site.URL, "now": w.site.DB.Time().Format(time.RFC3339), "token": token,
		"revoked": revoked, "code": w.code, "name": "Bế Thị Ngoài", "serial": "0001/2026/GCN-QCN"})
	w.must(err)
	cmd := exec.CommandContext(w.t.Context(), "node", "../static/test/credential.mjs")
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.CombinedOutput()
	if want := map[bool]string{true: "revoked: true\n", false: "revoked: false\n"}[revoked]; err != nil || string(out) != want {
		w.t.Fatalf("%v\n%s", err, out)
	}
}

func TestBadgesHoldBeforeTheCodeOfOthers(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		c := w.as(models.RoleCoordinator)
		id := w.ids["certificates"]
		file := "/certificates/" + decimal(id) + "/credential"
		before := c.get(file)
		if before.status != http.StatusOK {
			t.Fatal(before)
		}
		w.judge(before.body, false)
		w.must((&certificate.Service{DB: db}).Revoke(t.Context(), access.System(), id, "cấp nhầm"))
		// Both the badge that was downloaded before and one of now are known as revoked.
		w.judge(before.body, true)
		w.judge(c.get(file).body, true)
	}, testseed.Base)
}

func TestBadgesAreNowhereWhileTheyAreOff(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		w.holderAccount()
		holder, admin := nobody(t, site), w.as(models.RoleAdministrator)
		holder.signIn("be")
		id, office := decimal(w.ids["certificates"]), decimal(w.home.ID)
		if got := holder.post("/my/certificates/"+id+"/share", nil); got.status != http.StatusSeeOther {
			t.Fatal(got)
		}
		var link, kid string
		w.must(db.Read(t.Context()).Table("certificate_shares").Pluck("token", &link).Error)
		w.must(db.Read(t.Context()).Table("proof_keys").Where("kind = 'es256'").Pluck("kid", &kid).Error)
		files := map[string]*asker{"/my/certificates/" + id + "/credential": holder, "/certificates/" + id + "/credential": admin, "/s/" + link + "/credential": nobody(t, site)}
		open := []string{"/ob/issuers/" + office, "/ob/achievements/" + decimal(w.closed.ID), "/ob/keys", "/ob/keys/" + kid, "/ob/status/" + office + "/0", "/ob/badge.png", "/ob/credentials/" + w.code}
		pages := map[string]*asker{"/my/certificates/" + id: holder, "/certificates/" + id: admin, "/s/" + link: nobody(t, site)}
		look := func(on bool) {
			t.Helper()
			want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[on]
			for path, who := range files {
				if got := who.get(path); got.status != want {
					t.Errorf("on %v, %s: %d", on, path, got.status)
				}
			}
			for _, path := range open {
				want := want
				if on && strings.HasPrefix(path, "/ob/credentials/") {
					want = http.StatusSeeOther
				}
				if got := nobody(t, site).get(path); got.status != want || on && want == http.StatusSeeOther && got.location != "/v/"+w.code {
					t.Errorf("on %v, %s: %d %s", on, path, got.status, got.location)
				}
			}
			for path, who := range pages {
				if got := who.get(path); got.status != http.StatusOK || strings.Contains(got.body, "/credential\"") != on {
					t.Errorf("on %v, the link on %s: %d", on, path, got.status)
				}
			}
		}
		look(true)
		if got := admin.post("/settings/credentials", nil); got.status != http.StatusUnprocessableEntity {
			t.Errorf("neither on nor off: %d", got.status)
		}
		if got := admin.post("/settings/credentials", map[string][]string{"on": {"false"}}); got.status != http.StatusSeeOther {
			t.Fatal(got)
		}
		look(false)
		// Without a public address they stay off.
		w.must((&settings.Service{DB: db}).Set(t.Context(), store.By{}, settings.Settings{}))
		got := admin.post("/settings/credentials", map[string][]string{"on": {"true"}})
		if got.status != http.StatusConflict || !strings.Contains(got.body, "Chưa đặt địa chỉ công khai") {
			t.Errorf("%d %.400s", got.status, got.body)
		}
		look(false)
		w.must((&settings.Service{DB: db}).Set(t.Context(), store.By{}, settings.Settings{PublicURL: "https://taphuan.example.vn"}))
		if got := admin.post("/settings/credentials", map[string][]string{"on": {"true"}}); got.status != http.StatusSeeOther {
			t.Fatal(got)
		}
		look(true)
	}, testseed.Base)
}

func TestWhoeverChecksBadgesGetsPlainAnswersToBadQuestions(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		office := decimal(w.home.ID)
		for _, path := range []string{"/ob/status/" + office + "/1", "/ob/status/" + office + "/-1", "/ob/status/" + office + "/x", "/ob/status/" + office + "/99999999999999999999", "/ob/status/" + office + "/9223372036854775807",
			"/ob/status/" + decimal(w.other.ID) + "/0", "/ob/status/0/0", "/ob/issuers/" + decimal(w.other.ID), "/ob/issuers/x", "/ob/achievements/" + decimal(w.draft.ID), "/ob/keys/0", "/ob/keys/%C4%91"} {
			rec := w.answered(path)
			if rec.Code != http.StatusNotFound || !strings.HasPrefix(rec.Header().Get("Content-Type"), "application/problem+json") || rec.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d %v", path, rec.Code, rec.Header())
			}
		}
		for _, path := range []string{"/ob/credentials/x", "/ob/credentials/%C4%91", "/ob/credentials/" + strings.Repeat("0", 5000)} {
			if rec := w.answered(path); rec.Code != http.StatusNotFound {
				t.Errorf("%.60s: %d", path, rec.Code)
			}
		}
		// A code that nothing has leads to the page that says so, and which slows guessing down.
		if rec := w.answered("/ob/credentials/0000-0000-0000-0000"); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/v/0000000000000000" {
			t.Errorf("%d %v", rec.Code, rec.Header())
		}
		req := httptest.NewRequest(http.MethodHead, "/ob/keys", nil)
		rec := httptest.NewRecorder()
		if site.Server.ServeHTTP(rec, req); rec.Code != http.StatusOK || len(rec.Result().Cookies()) > 0 {
			t.Errorf("%d %v", rec.Code, rec.Header())
		}
	}, testseed.Base)
}

// TestAnAdministratorSwitchesBadgesOnAndACadreDownloadsOne goes through the pages.
func TestAnAdministratorSwitchesBadgesOnAndACadreDownloadsOne(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		w.holderAccount()
		a := site.As(t, models.RoleAdministrator, "")
		a.Go("/settings")
		a.Sees("Đang bật", "https://taphuan.example.vn")
		a.Click("Tắt huy hiệu số")
		a.Sees("Đã tắt huy hiệu số.", "Đang tắt")
		a.Look("badges-settings-off")
		a.Click("Bật huy hiệu số")
		a.Sees("Đã bật huy hiệu số.", "Đang bật")
		a.Look("badges-settings-on")
		a.Go("/certificates/" + decimal(w.ids["certificates"]))
		a.Look("badges-staff")
		b := w.holder()
		b.Go("/my/certificates/" + decimal(w.ids["certificates"]))
		b.Sees("Huy hiệu số (Open Badges 3.0)")
		token, kind := b.Download("Tải huy hiệu số")
		if kind != "text/plain" {
			t.Errorf("the badge is %s", kind)
		}
		w.judge(string(token), false)
		b = testweb.Browse(t, site.URL)
		site.SignIn(b, "be")
		b.Go("/my/certificates/" + decimal(w.ids["certificates"]))
		b.Look("badges-own")
	}, testseed.Base)
}
