package handlers_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// oddSizes are sizes of uploads, each its own, so that a file which one left in the folder for temporary files is known by its size.
var oddSizes atomic.Int64

// leftBehind are the temporary files of uploads of a size.
func leftBehind(t *testing.T, size int64) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(os.TempDir(), "multipart-*"))
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, f := range files {
		if i, err := os.Stat(f); err == nil && i.Size() == size {
			left = append(left, f)
		}
	}
	return left
}

func TestAnUploadLeavesNoTemporaryFile(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		a := newWorld(t, site).as(models.RoleCoordinator)
		for _, path := range []string{"/api/v1/imports", "/imports"} {
			size := 20<<20 + 4711 + oddSizes.Add(1)
			got := a.upload(path, map[string]string{"effective": "2026-01-01"}, "a.xlsx", make([]byte, size))
			if got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", path, got.status)
			}
			if left := leftBehind(t, size); left != nil {
				t.Errorf("%s left %v", path, left)
			}
		}
	}, testseed.Base)
}

func TestAnIdThatNoDatabaseHoldsIsNoInternalError(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		a := w.as(models.RoleAdministrator)
		const id = "18446744073709551615"
		for _, path := range []string{"/audit?id=" + id, "/nominations?course=" + id, "/api/v1/certificates?course_id=" + id, "/accounts/" + id, "/slips?org=" + id} {
			if got := a.get(path); got.status != http.StatusUnprocessableEntity && got.status != http.StatusNotFound {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		for path, form := range map[string]url.Values{
			"/accounts": {"name": {"Lò Thị Số"}, "cadre_id": {id}}, "/slips": {"org": {id}, "id": {id}}, "/nominations/approve": {"id": {"1", id}},
			"/signatories": {"issuer": {id}, "sign_name": {"A"}, "sign_title": {"B"}},
		} {
			if got := a.post(path, form); got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		for path, form := range map[string]url.Values{ // whose pages are shown again for what was sent
			"/completions/void": {"id": {id}, "reason": {"Ghi nhầm"}}, "/completions/restore": {"id": {id}},
		} {
			if got := a.post(path, form); got.status != http.StatusNotFound {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		course := "/api/v1/courses/" + strconv.FormatUint(w.draft.ID, 10)
		for path, body := range map[string]string{course + "/enrolments": `{"cadre_ids":[` + id + `]}`, course + "/certificates": `{"signatory":` + id + `}`,
			course + "/scores": `{"scores":[{"enrolment_id":` + id + `,"score":null}]}`} {
			if got := a.ask(http.MethodPost, path, "application/json", body); got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
	}, testseed.Base)
}

func TestAnAddressThatIsLongOrForeignIsNotFoundWithARequestKeyToo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		a := newWorld(t, site).as(models.RoleCoordinator)
		for _, code := range []string{url.PathEscape("ĐẢNG UỶ"), strings.Repeat("a", 300)} {
			got := a.post("/organisations/"+code+"/headcounts", url.Values{"request_key": {"k" + code[:1]}, "group": {"X"}, "effective": {"01/01/2026"}, "declared": {"1"}})
			if got.status != http.StatusNotFound {
				t.Errorf("%.40s: %d", code, got.status)
			}
		}
	}, testseed.Base)
}

// TestNoRequestKeyStandsTwiceInAPage: two forms with one key would be one request, and the second would do nothing.
func TestNoRequestKeyStandsTwiceInAPage(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		a := w.as(models.RoleAdministrator)
		keys := 0
		for _, r := range site.Server.Routes() {
			path := w.path(r)
			if r.Method != http.MethodGet || !may(a.role, r.Permission) || path == "" || strings.HasPrefix(path, "/api/") {
				continue
			}
			seen := map[string]bool{}
			for _, m := range keyField.FindAllStringSubmatch(a.get(path).body, -1) {
				if keys++; seen[m[1]] {
					t.Errorf("%s has a key twice", path)
					break
				}
				seen[m[1]] = true
			}
		}
		if keys == 0 {
			t.Error("no page has a key")
		}
	}, testseed.Base)
}

func TestACourseFilterThatThePlanDoesNotKnowFindsNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		a := newWorld(t, testweb.Serve(t, db)).as(models.RoleCoordinator)
		for query, want := range map[string]string{"": `"total":2`, "?group=NOPE": `"total":0`, "?type=NOPE": `"total":0`} {
			if got := a.get("/api/v1/courses" + query); got.status != http.StatusOK || !strings.Contains(got.body, want) {
				t.Errorf("%q: %d %.200s", query, got.status, got.body)
			}
		}
	}, testseed.Base)
}

func TestAnAddressThatAsksForWhatIsNoIDIsNotFound(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		admin := as(t, testweb.Serve(t, db), testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		for _, path := range []string{"/issuers?course=", "/proposals/new?from=", "/slips?org="} {
			if got := admin.get(path); got.status != http.StatusOK {
				t.Errorf("%s: %d", path, got.status)
			}
			for _, id := range []string{"x", "0", "-1", "999999", "99999999999999999999"} {
				if got := admin.get(path + id); got.status != http.StatusNotFound {
					t.Errorf("%s%s: %d", path, id, got.status)
				}
			}
		}
	}, testseed.Base)
}
