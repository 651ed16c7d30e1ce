package handlers_test

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// coverageAddress is an address of coverage: how it says on which day, and what it needs besides.
type coverageAddress struct {
	path  string
	day   string   // parameter of the day
	more  string   // of the query, where the address asks for it
	other []string // further parameters that are days
	whole bool     // it is about the whole plan: no organisation can be asked for
	ahead string   // code that refuses days to come; "": they are answered within the plan
	group bool     // it may be of one group
	pages bool     // it takes the number of a page
}

// noDays are texts that are no days.
var noDays = []string{"hôm nay", "2026-02-30", "31/31/2026", "2026-13-01", "0000-00-00", "-1", "1e9", "99999999999999999999", "2026-11-24T00:00:00Z", "' OR 1=1 --", "\x00", strings.Repeat("9", 3000)}

// noPages are no numbers of pages.
var noPages = []string{"một", "-1", "1e3", "1.5", "1000000000000", "99999999999999999999"}

// coverageAddresses are all addresses of coverage that are read. A new one gets a line here, or the test below fails.
var coverageAddresses = []coverageAddress{
	{path: "/coverage", day: "on"}, {path: "/coverage.csv", day: "on"}, {path: "/coverage.xlsx", day: "on"},
	{path: "/coverage/gaps", day: "on", group: true, pages: true},
	{path: "/coverage/people", day: "on", more: "group=QCN", group: true, pages: true}, {path: "/coverage/people.csv", day: "on", more: "group=QCN", group: true}, {path: "/coverage/people.xlsx", day: "on", more: "group=QCN", group: true},
	{path: "/coverage/missing", day: "on", more: "group=QCN", group: true, pages: true}, {path: "/coverage/missing.csv", day: "on", more: "group=QCN", group: true}, {path: "/coverage/missing.xlsx", day: "on", more: "group=QCN", group: true},
	{path: "/coverage/expiring", day: "on", group: true, pages: true}, {path: "/coverage/expiring.csv", day: "on", group: true}, {path: "/coverage/expiring.xlsx", day: "on", group: true},
	{path: "/coverage/series", day: "on", more: "group=QCN", group: true}, {path: "/coverage/series.csv", day: "on", more: "group=QCN", group: true}, {path: "/coverage/series.xlsx", day: "on", more: "group=QCN", group: true},
	{path: "/coverage/series.png", day: "on", more: "group=QCN", group: true}, {path: "/coverage/series.svg", day: "on", more: "group=QCN", group: true},
	{path: "/coverage/ranking", day: "on", group: true, pages: true}, {path: "/coverage/ranking.csv", day: "on", group: true}, {path: "/coverage/ranking.xlsx", day: "on", group: true},
	{path: "/coverage/content", day: "on", group: true}, {path: "/coverage/content.csv", day: "on", group: true}, {path: "/coverage/content.xlsx", day: "on", group: true}, {path: "/api/v1/coverage/content", day: "as_of", group: true},
	{path: "/coverage/forecast.csv", day: "on", ahead: "forecast_day_ahead", group: true}, {path: "/coverage/forecast.xlsx", day: "on", ahead: "forecast_day_ahead", group: true},
	{path: "/coverage/forecast.png", day: "on", ahead: "forecast_day_ahead", group: true}, {path: "/coverage/forecast.svg", day: "on", ahead: "forecast_day_ahead", group: true},
	{path: "/coverage/forecast", day: "on", ahead: "forecast_day_ahead", group: true}, {path: "/api/v1/coverage/forecast", day: "as_of", ahead: "forecast_day_ahead"},
	{path: "/open", day: "on", whole: true},
	{path: "/open/coverage.csv", day: "on", whole: true}, {path: "/open/coverage.xlsx", day: "on", whole: true},
	{path: "/open/series.csv", day: "on", whole: true, group: true}, {path: "/open/series.xlsx", day: "on", whole: true, group: true},
	{path: "/open/series.png", day: "on", whole: true, group: true}, {path: "/open/series.svg", day: "on", whole: true, group: true},
	{path: "/api/v1/coverage", day: "as_of"}, {path: "/api/v1/coverage/recognised", day: "as_of"},
	{path: "/api/v1/coverage/missing", day: "as_of", more: "group=QCN", group: true}, {path: "/api/v1/coverage/people", day: "as_of", more: "group=QCN", group: true, pages: true},
	{path: "/api/v1/coverage/ranking", day: "as_of", group: true, pages: true},
	{path: "/api/v1/coverage/series", day: "to", other: []string{"from"}, group: true},
	{path: "/api/v1/open/coverage", day: "as_of", whole: true},
}

// isCoverage says whether a path is one of coverage.
func isCoverage(path string) bool {
	path = strings.TrimPrefix(path, "/api/v1")
	return path == "/open" || strings.HasPrefix(path, "/open/") || path == "/coverage" || strings.HasPrefix(path, "/coverage/") || strings.HasPrefix(path, "/coverage.")
}

func TestNoAddressOfCoverageBreaksOnDaysAndOrganisationsThatAreNone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		known := map[string]bool{}
		for _, a := range coverageAddresses {
			known[a.path] = true
		}
		for _, r := range site.Server.Routes() {
			if r.Method == http.MethodGet && isCoverage(r.Path) && !known[r.Path] {
				t.Errorf("%s has no line in coverageAddresses", r.Path)
			}
		}
		if err := (&settings.Service{DB: db}).SetOpen(t.Context(), store.By{}, true); err != nil {
			t.Fatal(err)
		}
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		for _, a := range coverageAddresses {
			at := func(pairs ...string) string {
				q, err := url.ParseQuery(a.more)
				if err != nil {
					t.Fatal(err)
				}
				for i := 0; i < len(pairs); i += 2 {
					q.Set(pairs[i], pairs[i+1])
				}
				return a.path + "?" + q.Encode()
			}
			refused := func(path string, want int, code string) {
				t.Helper()
				got := admin.get(path)
				if got.status != want {
					t.Errorf("%s: %d, want %d", path, got.status, want)
				} else if strings.HasPrefix(path, "/api/") && !strings.Contains(got.body, `"code":"`+code+`"`) && !strings.Contains(got.body, code) {
					t.Errorf("%s: %s, want %s", path, got.body, code)
				} else if !strings.HasPrefix(path, "/api/") && want == http.StatusUnprocessableEntity && !strings.Contains(got.body, "error-summary") && !strings.Contains(got.body, "<h1") {
					t.Errorf("%s says nothing:\n%.500s", path, got.body)
				}
			}
			for _, day := range append([]string{a.day}, a.other...) {
				for _, bad := range noDays {
					refused(at(day, bad), http.StatusUnprocessableEntity, "unreadable_input")
				}
				for _, out := range []string{"2022-12-31", "2029-01-01", "0001-01-01", "9999-12-31", "31/12/2022"} {
					code := "day_outside_plan"
					if out > "2026-11-24" && out[2] != '/' {
						code = cmp.Or(a.ahead, code)
					}
					refused(at(day, out), http.StatusUnprocessableEntity, code)
				}
			}
			refused(at("plan", "KHONG-CO"), http.StatusNotFound, "not_found")
			refused(at("plan", "kế hoạch"), http.StatusNotFound, "not_found")
			if a.group {
				refused(at("group", "KHONG-CO"), http.StatusNotFound, "not_found")
				refused(at("group", "nhóm"), http.StatusNotFound, "not_found")
				refused(at("group", strings.Repeat("X", 41)), http.StatusUnprocessableEntity, "too_long")
			}
			for _, bad := range noPages {
				if a.pages {
					refused(at("page", bad), http.StatusUnprocessableEntity, "")
				}
			}
			for _, bad := range []string{"2027", "2027-13", "3/2027", "tháng ba", "-1", "2027-03-01"} {
				if strings.HasPrefix(a.path, "/coverage/expiring") {
					refused(at("month", bad), http.StatusUnprocessableEntity, "month")
				}
			}
			if a.whole {
				continue
			}
			refused(at("org", "SO-TTTT", a.day, "2025-03-01"), http.StatusUnprocessableEntity, "day_outside_organisation")
			refused(at("org", "X-NUNGTRICAO", a.day, "2025-06-30"), http.StatusUnprocessableEntity, "day_outside_organisation")
			refused(at("org", "KHONG-CO"), http.StatusNotFound, "not_found")
			refused(at("org", "cơ quan"), http.StatusNotFound, "not_found")
			refused(at("org", strings.Repeat("X", 41)), http.StatusUnprocessableEntity, "too_long")
		}
	}, testseed.Base)
}

func TestAPlanWithoutGroupsBreaksNoAddressOfCoverage(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		var p models.Plan
		if err := db.Read(t.Context()).Take(&p).Error; err != nil {
			t.Fatal(err)
		}
		write(t, db, &models.Plan{Code: "RONG", NameVi: "Kế hoạch chưa có nhóm", RootID: p.RootID, FromDay: p.FromDay, ToDay: p.ToDay, ReportMonth: 11, ReportDay: 20})
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		for _, address := range []string{"/", "/plans", "/plans/RONG", "/plans/RONG/edit", "/plans/RONG/copy", "/proposals", "/proposals/new"} {
			if got := admin.get(address + "?plan=RONG"); got.status != http.StatusOK {
				t.Errorf("%s: %d", address, got.status)
			}
		}
		if err := (&settings.Service{DB: db}).SetOpen(t.Context(), store.By{}, true); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Plan{}).Where("code = ?", "RONG").Update("shown_open", true).Error
		}); err != nil {
			t.Fatal(err)
		}
		for _, a := range coverageAddresses {
			if got := admin.get(a.path + "?plan=RONG"); got.status >= http.StatusInternalServerError {
				t.Errorf("%s: %d", a.path, got.status)
			}
		}
	}, testseed.Base)
}

func TestADayMonthOrPageThatIsNoneIsRefusedAndNotTakenForTodayOrTheFirst(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		admin := as(t, testweb.Serve(t, db), testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		ended := "/organisations/SO-TTTT/reorganisation"
		for address, bad := range map[string][]string{
			"/headcounts?on=": noDays, "/cadres?day=": noDays, "/cadres.xlsx?day=": noDays, "/organisations?day=": noDays, "/organisations.xlsx?day=": noDays,
			"/api/v1/cadres?day=": noDays, "/api/v1/organisations?day=": noDays, "/calendar?month=": noDays,
			"/headcounts?page=": noPages, ended + "?page=": noPages,
		} {
			if got := admin.get(address); got.status != http.StatusOK {
				t.Errorf("%s: %d", address, got.status)
			}
			for _, x := range bad {
				if got := admin.get(address + url.QueryEscape(x)); got.status != http.StatusUnprocessableEntity {
					t.Errorf("%s%.40s: %d", address, x, got.status)
				}
			}
		}
	}, testseed.Base)
}

func TestAHeadcountThatIsNoneChangesNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		count := func() (n [2]int64) {
			t.Helper()
			for i, m := range []any{&models.Headcount{}, &models.CoverageChange{}} {
				if err := db.Read(t.Context()).Model(m).Count(&n[i]).Error; err != nil {
					t.Fatal(err)
				}
			}
			return n
		}
		before := count()
		for _, n := range []string{"1000000000000", "100001", "-1", "99999999999999999999999", "1e12", "mười", "1.5", "0x10", "٣"} {
			for path, form := range map[string]url.Values{
				"/organisations/" + homeOffice + "/headcounts": {"group": {"QCN"}, "effective": {"2026-11-01"}, "declared": {n}},
				"/headcounts": {"org": {homeOffice}, "effective": {"2026-11-01"}, homeOffice + ".QCN": {n}},
			} {
				if got := admin.post(path, form); got.status != http.StatusUnprocessableEntity {
					t.Errorf("%s, %s people: %d", path, n, got.status)
				}
			}
		}
		for body, code := range map[string]string{
			`{"group":"QCN","effective":"2026-11-01","declared":1000000000000}`:           "headcount_range",
			`{"group":"QCN","effective":"2026-11-01","declared":-1}`:                      "headcount_range",
			`{"group":"QCN","effective":"2026-11-01","declared":99999999999999999999999}`: "invalid",
			`{"group":"QCN","effective":"2026-11-01","declared":"một"}`:                   "invalid",
			`{"group":"QCN","effective":"2026-02-30","declared":1}`:                       "unreadable_input",
			`{"group":"QCN","effective":"9999-12-31","declared":1}`:                       "organisation_not_active",
			`{"group":"KHONG","effective":"2026-11-01","declared":1}`:                     "unknown_target_group",
		} {
			got := admin.ask(http.MethodPost, "/api/v1/organisations/"+homeOffice+"/headcounts", "application/json", body)
			if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, code) {
				t.Errorf("%s: %d %s, want %s", body, got.status, got.body, code)
			}
		}
		if after := count(); after != before {
			t.Errorf("something was written: %v, then %v", before, after)
		}
	}, testseed.Base)
}
