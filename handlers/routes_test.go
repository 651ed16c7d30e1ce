package handlers_test

import (
	"cmp"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/store"
	"taphuan/handlers"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// mayDo is who may do what, said a second time: a change of rights is made in app/access and here, or this test fails.
// It follows the table "Who may see and do what" of the domain: administrators everything but what needs a cadre behind the
// account; coordinators rosters, courses, enrolment, certificates, reports and cadres' accounts; heads roster, headcount,
// nominations, coverage and reports of their own; trainers and clerks the list, attendance and scores of their own courses;
// cadres their own.
var mayDo = map[access.Permission][]models.Role{
	access.OwnRead:           {models.RoleCadre},
	access.CoverageRead:      {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead},
	access.RosterRead:        {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead},
	access.RosterWrite:       {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead},
	access.RosterImport:      {models.RoleAdministrator, models.RoleCoordinator},
	access.IdentityReview:    {models.RoleAdministrator, models.RoleCoordinator},
	access.NationalIDRead:    {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead},
	access.CourseRead:        {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead, models.RoleTrainer, models.RoleClerk},
	access.CourseWrite:       {models.RoleAdministrator, models.RoleCoordinator},
	access.EnrolmentRead:     {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead, models.RoleTrainer, models.RoleClerk},
	access.EnrolmentWrite:    {models.RoleAdministrator, models.RoleCoordinator},
	access.Nominate:          {models.RoleAdministrator, models.RoleHead},
	access.NominationRead:    {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead},
	access.AttendanceWrite:   {models.RoleAdministrator, models.RoleCoordinator, models.RoleTrainer, models.RoleClerk},
	access.CertificateRead:   {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead},
	access.CertificateIssue:  {models.RoleAdministrator, models.RoleCoordinator},
	access.CompletionPropose: {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead},
	access.CompletionApprove: {models.RoleAdministrator, models.RoleCoordinator},
	access.AccountRead:       {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead},
	access.AccountSlip:       {models.RoleAdministrator, models.RoleCoordinator, models.RoleHead},
	access.AccountWrite:      {models.RoleAdministrator},
	access.SettingsWrite:     {models.RoleAdministrator},
	access.AuditRead:         {models.RoleAdministrator},
	access.TrainerRead:       {models.RoleAdministrator, models.RoleCoordinator},
	access.OwnTeaching:       {models.RoleAdministrator, models.RoleTrainer},
	access.GalleryRead:       {models.RoleAdministrator},

	access.OrganisationWrite: {models.RoleAdministrator, models.RoleCoordinator},
}

// may says whether the second table lets a role in; "" is nobody.
func may(r models.Role, p access.Permission) bool {
	switch p {
	case access.Public:
		return true
	case access.SignedIn:
		return r != ""
	}
	return slices.Contains(mayDo[p], r)
}

func TestTheRolesTableIsTheDomainsAndEveryRouteNamesARightOfIt(t *testing.T) {
	t.Parallel()
	for p := range mayDo {
		for _, r := range models.Roles {
			a := access.Actor{By: store.By{AccountID: 1}, CadreID: 1, Grants: []access.Grant{{Role: r, OrganisationID: 1, Path: "/1"}}}
			if a.May(p) != may(r, p) {
				t.Errorf("%s may %s: %v, the domain says %v", r, p, a.May(p), may(r, p))
			}
		}
		if (access.Actor{}).May(p) {
			t.Errorf("nobody may %s", p)
		}
	}
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		for _, r := range testweb.Serve(t, db).Server.Routes() {
			if _, ok := mayDo[r.Permission]; !ok && r.Permission != access.Public && r.Permission != access.SignedIn {
				t.Errorf("%s %s asks for %q, which is in no table", r.Method, r.Path, r.Permission)
			}
		}
	})
}

// asker asks as one role, keeping the cookies as a browser does.
type asker struct {
	t      *testing.T
	role   models.Role
	server http.Handler
	jar    map[string]string
	from   string // address of the page whose link is followed
}

// answer is what came back.
type answer struct {
	status   int
	location string
	body     string
}

func (a *asker) ask(method, path, contentType, body string) answer {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if a.from != "" {
		req.Header.Set("Referer", a.from)
	}
	for name, value := range a.jar {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	a.server.ServeHTTP(w, req)
	res := w.Result()
	for _, c := range res.Cookies() {
		a.jar[c.Name] = c.Value
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), string(b)}
}

func (a *asker) get(path string) answer { return a.ask(http.MethodGet, path, "", "") }

func (a *asker) post(path string, form url.Values) answer {
	return a.ask(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
}

// nobody asks without having signed in.
func nobody(t *testing.T, site *testweb.Site) *asker {
	return &asker{t: t, server: site.Server, jar: map[string]string{}}
}

// as makes an account of the role and signs it in.
func as(t *testing.T, site *testweb.Site, account testweb.Account) *asker {
	t.Helper()
	site.Account(t, account)
	a := nobody(t, site)
	a.role = account.Role
	a.signIn(account.SignIn)
	return a
}

func (a *asker) signIn(name string) {
	a.t.Helper()
	got := a.post("/sign-in", url.Values{"name": {name}, "password": {testweb.Password}})
	if got.status != http.StatusSeeOther {
		a.t.Fatalf("signing in as %s: %d", name, got.status)
	}
}

// send asks a route with an empty body.
func (a *asker) send(r handlers.Route, path string) answer {
	switch {
	case r.Method == http.MethodGet:
		return a.get(path)
	case strings.HasPrefix(path, "/api/"):
		return a.ask(r.Method, path, "application/json", "{}")
	}
	return a.ask(r.Method, path, "application/x-www-form-urlencoded", "")
}

var param = regexp.MustCompile(`([^/]+)/:([a-z_]+)`)

// leaving are the routes that end the sign-in of who asks; they come last.
func leaving(r handlers.Route) int {
	return map[string]int{"/account/sign-out-everywhere": 1, "/sign-out": 2}[r.Path]
}

// TestEveryRouteAnswersEveryRoleAsItsPermissionSays asks every row of the map of the site as every role, with ids that nothing
// has and with empty bodies. What is expected follows from the row's permission and the table above, so a new row is covered
// by being there.
func TestEveryRouteAnswersEveryRoleAsItsPermissionSays(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite, testseed.Base)
	site := testweb.Serve(t, db)
	w := newWorld(t, site)
	routes := site.Server.Routes()
	slices.SortStableFunc(routes, func(a, b handlers.Route) int { return cmp.Compare(leaving(a), leaving(b)) })
	askers := []*asker{nobody(t, site)}
	for _, role := range models.Roles {
		askers = append(askers, w.as(role))
	}
	for _, a := range askers {
		for _, r := range routes {
			path := param.ReplaceAllString(r.Path, "$1/987654321")
			got := a.send(r, path)
			if why := wrong(a.role, r, got); why != "" {
				t.Errorf("%s asks %s %s (%s): %d %s, but %s\n%.300s", cmp.Or(a.role, "nobody"), r.Method, r.Path, r.Permission, got.status, got.location, why, got.body)
			}
			if strings.HasPrefix(r.Path, "/api/") && r.Method != http.MethodGet {
				for _, body := range []string{"", "[]", `{"no_such_field":1}`, "\x00"} {
					if got := a.ask(r.Method, path, "application/json", body); got.status >= 500 || got.status < 400 {
						t.Errorf("%s sends %q to %s %s: %d", cmp.Or(a.role, "nobody"), body, r.Method, r.Path, got.status)
					}
				}
			}
		}
	}
}

// wrong says why an answer is not the one that the permission asks for, "" when it is.
func wrong(role models.Role, r handlers.Route, got answer) string {
	api, reads, one := strings.HasPrefix(r.Path, "/api/"), r.Method == http.MethodGet, strings.Contains(r.Path, "/:")
	switch {
	case got.status >= 500:
		return "nothing may break"
	case !may(role, r.Permission) && role == "" && reads && !api:
		if got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, "/sign-in?next=") {
			return "nobody is sent to the sign-in page"
		}
	case !may(role, r.Permission) && role == "":
		if got.status != http.StatusUnauthorized {
			return "nobody is asked to sign in (401)"
		}
	case !may(role, r.Permission):
		if got.status != http.StatusForbidden {
			return "the role may not (403)"
		}
	case got.status == http.StatusUnauthorized || got.status == http.StatusForbidden || strings.HasPrefix(got.location, "/sign-in?"):
		return "the role may"
	case one && reads && got.status != http.StatusNotFound:
		return "there is no such thing (404)"
	case one && !reads && got.status != http.StatusNotFound && got.status != http.StatusUnprocessableEntity && got.status != http.StatusConflict:
		return "there is no such thing (404, or 422 and 409 before it was looked for)"
	case !one && reads && got.status == http.StatusUnprocessableEntity && (api || strings.Contains(r.Path, ".")):
		// an answer for programs that wants to be told what of
	case !one && reads && got.status != http.StatusOK && got.status != http.StatusSeeOther:
		return "the page is there"
	case !one && got.status == http.StatusNotFound:
		return "the route is there"
	}
	return ""
}

// TestWhatIsOutOfScopeIsAnsweredAsIfItDidNotExist asks every row of the map that names a thing for one that exists and is
// another's: of an office elsewhere, of a course that one has no part in. The answer is the one to an id that nothing has; an
// administrator, who is shown the same things, proves that they are there.
func TestWhatIsOutOfScopeIsAnsweredAsIfItDidNotExist(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		admin := w.as(models.RoleAdministrator)
		for _, role := range []models.Role{models.RoleHead, models.RoleTrainer, models.RoleClerk, models.RoleCadre} {
			a := w.as(role)
			for _, r := range site.Server.Routes() {
				if r.Permission == access.Public || !strings.Contains(r.Path, "/:") || !may(role, r.Permission) {
					continue
				}
				path := w.path(r)
				if path == "" || strings.HasPrefix(r.Path, "/plans/") { // said below; a plan is everybody's who reads coverage in it
					continue
				}
				got, want := a.send(r, path), a.send(r, param.ReplaceAllString(r.Path, "$1/987654321"))
				if got.status != want.status || r.Method == http.MethodGet && got.status != http.StatusNotFound {
					t.Errorf("%s asks %s %s: another's %d, none %d\n%.300s", role, r.Method, path, got.status, want.status, got.body)
				}
			}
		}
		for _, r := range site.Server.Routes() {
			path := w.path(r)
			if r.Permission == access.Public || !strings.Contains(r.Path, "/:") {
				continue
			}
			if path == "" {
				t.Errorf("%s %s: the world of this test has no such thing; add one to newWorld", r.Method, r.Path)
				continue
			}
			if r.Method != http.MethodGet || !may(admin.role, r.Permission) {
				continue
			}
			if got := admin.send(r, path); got.status != http.StatusOK && got.status != http.StatusSeeOther {
				t.Errorf("an administrator asks %s %s, which is there: %d\n%.300s", r.Method, path, got.status, got.body)
			}
		}
	}, testseed.Base)
}
