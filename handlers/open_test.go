package handlers_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// anyone asks from outside, without cookies.
func anyone(t *testing.T, site *testweb.Site, path string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

const openAPIPath = "/api/v1/open/coverage"

func TestFiguresAreOpenOnlyWhileAnAdministratorSaysSo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		look := func(want int) {
			t.Helper()
			for _, path := range []string{"/open", "/open?on=2024-01-01", "/open/coverage.csv", "/open/coverage.xlsx?on=2024-01-01", "/open/series.csv", "/open/series.png?group=QCN", "/open/series.svg", "/open/series.xlsx", openAPIPath, openAPIPath + "?as_of=2024-01-01", openAPIPath + "?as_of=quatsch"} {
				want := want
				if want == http.StatusOK && strings.HasSuffix(path, "quatsch") {
					want = http.StatusUnprocessableEntity
				}
				if res, _ := anyone(t, site, path); res.StatusCode != want {
					t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
				}
			}
			if _, page := anyone(t, site, "/sign-in"); strings.Contains(page, `href="/open"`) != (want == http.StatusOK) {
				t.Errorf("the page where people sign in leads to figures that answer %d, or not", want)
			}
		}
		look(http.StatusNotFound)
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		set := func(on string, want int) {
			t.Helper()
			if got := admin.post("/settings/open", url.Values{"on": {on}}); got.status != want {
				t.Fatal(on, got)
			}
		}
		set("có", http.StatusUnprocessableEntity)
		look(http.StatusNotFound)
		set("true", http.StatusSeeOther)
		set("true", http.StatusSeeOther)
		look(http.StatusOK)
		set("false", http.StatusSeeOther)
		look(http.StatusNotFound)
		var audited []string
		if err := db.Read(t.Context()).Model(&models.AuditEntry{}).Where("action LIKE 'open_figures%'").Order("id").Pluck("action", &audited).Error; err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(audited, " "); got != "open_figures.on open_figures.off" {
			t.Error(got)
		}
		coordinator := as(t, site, testweb.Account{Name: "Điều phối", SignIn: "dp", Role: models.RoleCoordinator})
		if got := coordinator.post("/settings/open", url.Values{"on": {"true"}}); got.status != http.StatusForbidden {
			t.Error(got)
		}
	}, province(300))
}

func TestOpenFiguresForMachines(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		if err := (&settings.Service{DB: db}).SetOpen(t.Context(), store.By{}, true); err != nil {
			t.Fatal(err)
		}
		res, body := anyone(t, site, openAPIPath+"?as_of=2026-11-20")
		tag := res.Header.Get("ETag")
		for name, want := range map[string]string{"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300", "Content-Type": "application/json; charset=utf-8"} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		for _, sent := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
			res, again := anyone(t, site, openAPIPath+"?as_of=2026-11-20", "If-None-Match", sent)
			if res.StatusCode != http.StatusNotModified || again != "" || res.Header.Get("ETag") != tag {
				t.Errorf("%s: %d %q %s", sent, res.StatusCode, again, res.Header.Get("ETag"))
			}
		}
		if res, _ := anyone(t, site, openAPIPath+"?as_of=2026-11-19", "If-None-Match", tag); res.StatusCode != http.StatusOK {
			t.Error("another day has the same tag")
		}
		for query, want := range map[string]int{"?as_off=2026-11-20": 422, "?as_of=x": 422, "?as_of=2022-01-01": 422, "?plan=X": 404} {
			if res, _ := anyone(t, site, openAPIPath+query); res.StatusCode != want || res.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: %d, to be read by %q", query, res.StatusCode, res.Header.Get("Access-Control-Allow-Origin"))
			}
		}
		var got struct {
			AsOf          string `json:"as_of"`
			Organisations []struct {
				Organisation string `json:"organisation"`
				Figures      []struct {
					Withheld    bool
					Denominator *int
				}
			}
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.AsOf != "2026-11-20" || len(got.Organisations) == 0 {
			t.Fatal(err, body)
		}
		for _, o := range got.Organisations {
			if !strings.HasPrefix(o.Organisation, "CB-") {
				t.Errorf("%s lies below the first level", o.Organisation)
			}
			for _, f := range o.Figures {
				if f.Withheld != (f.Denominator == nil) || f.Denominator != nil && 0 < *f.Denominator && *f.Denominator < 5 {
					t.Errorf("%s: %+v", o.Organisation, f)
				}
			}
		}
		for _, x := range []struct{ query, code string }{{"as_of=2022-12-31", "day_outside_plan"}, {"as_of=2029-01-01", "day_outside_plan"}, {"as_of=2026-11-25", "day_to_come"}, {"as_of=2026-02-30", "unreadable_input"},
			{"as_of=" + strings.Repeat("9", 3000), "unreadable_input"}} {
			res, body := anyone(t, site, openAPIPath+"?"+x.query)
			if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `"`+x.code+`"`) {
				t.Errorf("%.40s: %d %.300s", x.query, res.StatusCode, body)
			}
			if res, body := anyone(t, site, "/open?"+strings.Replace(x.query, "as_of", "on", 1)); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `name="on"`) {
				t.Errorf("page, %.40s: %d", x.query, res.StatusCode)
			}
		}
	}, province(300))
}

// TestABrowserIsToldThatScriptsOfOtherSitesMayAskWhetherOpenFiguresAreNew asks as a browser does before it sends a script's If-None-Match to another
// site, at every address that there is.
func TestABrowserIsToldThatScriptsOfOtherSitesMayAskWhetherOpenFiguresAreNew(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		told := func(method, path string) (status int, cors map[string]string) {
			req := httptest.NewRequest(http.MethodOptions, path, nil)
			for name, value := range map[string]string{"Origin": "https://bao.example", "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "if-none-match", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"} {
				req.Header.Set(name, value)
			}
			rec := httptest.NewRecorder()
			site.Server.ServeHTTP(rec, req)
			cors = map[string]string{}
			for name := range rec.Header() {
				if short, ok := strings.CutPrefix(name, "Access-Control-"); ok {
					cors[short] = rec.Header().Get(name)
				}
			}
			return rec.Code, cors
		}
		want := map[string]string{"Allow-Origin": "*", "Allow-Methods": "GET, HEAD", "Allow-Headers": "If-None-Match", "Max-Age": "86400"}
		for _, r := range site.Server.Routes() {
			status, cors := told(r.Method, param.ReplaceAllString(r.Path, "$1/1"))
			if r.Path == openAPIPath {
				if status != http.StatusNoContent || !maps.Equal(cors, want) {
					t.Errorf("%s: %d %v", r.Path, status, cors)
				}
			} else if status < 400 || len(cors) > 0 {
				t.Errorf("%s %s lets another site's script ask: %d %v", r.Method, r.Path, status, cors)
			}
		}
		if err := (&settings.Service{DB: db}).SetOpen(t.Context(), store.By{}, true); err != nil {
			t.Fatal(err)
		}
		res, _ := anyone(t, site, openAPIPath, "Origin", "https://bao.example")
		if again, _ := anyone(t, site, openAPIPath, "Origin", "https://bao.example", "If-None-Match", res.Header.Get("ETag")); again.StatusCode != http.StatusNotModified ||
			again.Header.Get("Access-Control-Allow-Origin") != "*" || again.Header.Get("Access-Control-Expose-Headers") != "ETag" || again.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("then: %d %v", again.StatusCode, again.Header)
		}
	}, province(300))
}

func TestAnAdministratorOpensTheFiguresAndAnyoneReadsThem(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, province(300)))
	admin := site.As(t, models.RoleAdministrator, "")
	admin.Go("/settings")
	admin.Click("Công khai số liệu")
	admin.Sees("Đã công khai số liệu.")
	admin.Look("open-settings")
	b := testweb.Browse(t, site.URL)
	b.Go("/sign-in")
	b.Sees("Tên đăng nhập", "Số liệu công khai")
	both(b, "open-sign-in")
	b.Desk()
	b.Click("Số liệu công khai")
	b.Sees("không nêu")
	both(b, "open")
	b.Go("/open?on=2030-01-01")
	b.Sees("nằm ngoài thời gian của kế hoạch")
	b.Look("open-refused")
	admin.Click("Thôi công khai")
	admin.Sees("Đã thôi công khai.")
}

func TestOpenFiguresAreFilesToo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		if err := (&settings.Service{DB: db}).SetOpen(t.Context(), store.By{}, true); err != nil {
			t.Fatal(err)
		}
		_, page := anyone(t, site, "/open?on=2026-11-20")
		tags := map[string]string{}
		for path, want := range map[string]string{"/open/coverage.xlsx?on=2026-11-20": "PK", "/open/coverage.csv?on=2026-11-20": "\uFEFF", "/open/series.xlsx?group=CTXH&on=2026-11-20": "PK",
			"/open/series.csv?group=CTXH&on=2026-11-20": "\uFEFF", "/open/series.png?group=CTXH&on=2026-11-20": "\x89PNG", "/open/series.svg?group=CTXH&on=2026-11-20": "<?xml"} {
			if !strings.Contains(page, `href="`+strings.ReplaceAll(path, "&", "&amp;")+`"`) {
				t.Errorf("the page does not lead to %s", path)
			}
			res, body := anyone(t, site, path)
			tag := res.Header.Get("ETag")
			if res.StatusCode != http.StatusOK || !strings.HasPrefix(body, want) || res.Header.Get("Cache-Control") != "private, no-cache" || tags[tag] != "" || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
				t.Errorf("%s: %d, %v, as %q: %.80q", path, res.StatusCode, res.Header, tags[tag], body)
			}
			tags[tag] = path
			if res, body := anyone(t, site, path, "If-None-Match", tag); res.StatusCode != http.StatusNotModified || body != "" {
				t.Errorf("%s again: %d", path, res.StatusCode)
			}
		}
		if _, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Organisation{}).Where("parent_id IS NULL").Update("name", "Toàn tỉnh").Error
		}); err != nil {
			t.Fatal(err)
		}
		for tag, path := range tags {
			if res, _ := anyone(t, site, path, "If-None-Match", tag); res.StatusCode != http.StatusOK {
				t.Errorf("%s with another title: %d", path, res.StatusCode)
			}
		}
		// What is withheld on the page and from machines is in no file.
		_, machine := anyone(t, site, openAPIPath+"?as_of=2026-11-20")
		_, table := anyone(t, site, "/open/coverage.csv?on=2026-11-20")
		if got, want := strings.Count(table, "không nêu;")+strings.Count(table, "không nêu,"), strings.Count(strings.Split(machine, `"series"`)[0], `"withheld":true`); got != want || want == 0 {
			t.Errorf("%d figures are withheld in the file, %d from machines\n%s", got, want, table)
		}
		for line := range strings.Lines(table) {
			if strings.Contains(line, "gộp lại") && strings.Contains(line, ",0,0,") {
				t.Errorf("a sum of nothing: %s", line)
			}
			if strings.Contains(line, ",không nêu,") && !strings.Contains(line, ",,,,") {
				t.Errorf("withheld and told: %s", line)
			}
		}
		if res, _ := anyone(t, site, "/open/series.csv?group=KHONG"); res.StatusCode != http.StatusNotFound {
			t.Errorf("an unknown group: %d", res.StatusCode)
		}
	}, province(300))
}
