package handlers_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"

	"taphuan/app/store"
	"taphuan/handlers"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// document fetches the OpenAPI document as a client does, and a validator of it.
func document(t *testing.T, a *asker) (raw []byte, v validator.Validator) {
	t.Helper()
	got := a.get("/api/v1/openapi.json")
	if got.status != http.StatusOK {
		t.Fatalf("the document: %d", got.status)
	}
	doc, err := libopenapi.NewDocument([]byte(got.body))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := doc.BuildV3Model(); err != nil {
		t.Fatal(err)
	}
	v, problems := validator.NewValidator(doc, config.WithFormatAssertions(), config.WithStrictMode(), config.WithStrictIgnoredHeadersExtra("X-Request-Id"))
	for _, p := range problems {
		t.Fatal(p)
	}
	return []byte(got.body), v
}

func explain(problems []*errors.ValidationError) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "\n  %s: %s", p.Message, p.Reason)
		for _, s := range p.SchemaValidationErrors {
			fmt.Fprintf(&b, "\n    %s: %s", s.KeywordLocation, s.Reason)
		}
	}
	return b.String()
}

func TestTheOpenAPIDocumentIsValidAndDescribesEveryRouteOfTheAPIAndNothingElse(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite))
	raw, v := document(t, nobody(t, site))
	if ok, problems := v.ValidateDocument(); !ok {
		t.Errorf("the document is no valid OpenAPI: %s", explain(problems))
	}
	var doc struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("version %s", doc.OpenAPI)
	}
	var described, routes []string
	for path, methods := range doc.Paths {
		for method := range methods {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	for _, r := range site.Server.Routes() {
		if strings.HasPrefix(r.Path, "/api/") {
			routes = append(routes, r.Method+" "+param.ReplaceAllString(r.Path, "$1/{$2}"))
		}
	}
	slices.Sort(described)
	slices.Sort(routes)
	if !slices.Equal(described, routes) {
		t.Errorf("described: %s\nroutes: %s", strings.Join(described, "\n"), strings.Join(routes, "\n"))
	}
	ids := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, raw := range methods {
			var op struct {
				OperationID string `json:"operationId"`
				Summary     string `json:"summary"`
			}
			if err := json.Unmarshal(raw, &op); err != nil {
				t.Fatal(err)
			}
			if op.Summary == "" || op.OperationID == "" || ids[op.OperationID] {
				t.Errorf("%s %s: no summary, or the name %q is none of its own", method, path, op.OperationID)
			}
			ids[op.OperationID] = true
		}
	}
}

// TestRealAnswersOfTheAPIAreWhatItsDocumentSays asks every route of the API that reads, for things that are there and for
// things that are not, and holds the answers to the schemas of the document.
func TestRealAnswersOfTheAPIAreWhatItsDocumentSays(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	w := newWorld(t, site)
	raw, v := document(t, nobody(t, site))
	askers := []*asker{w.as(models.RoleAdministrator), w.as(models.RoleCadre)}
	asked := 0
	for _, r := range site.Server.Routes() {
		if !strings.HasPrefix(r.Path, "/api/") || r.Path == "/api/v1/openapi.json" {
			continue
		}
		i := slices.IndexFunc(askers, func(a *asker) bool { return may(a.role, r.Permission) })
		paths := []string{param.ReplaceAllString(r.Path, "$1/987654321")}
		if r.Method == http.MethodGet {
			paths = append(paths, w.path(r))
		}
		for _, path := range paths {
			if why := conforms(t, raw, v, askers[i], r, path); why != "" {
				t.Errorf("%s %s: %s", r.Method, path, why)
			}
			asked++
		}
	}
	if asked == 0 {
		t.Error("nothing was asked")
	}
}

// TestTheAPIRefusesParametersThatItsDocumentDoesNotName asks every route of the API with one that no route has, and reads in the refusal which ones
// there are: exactly those of the document.
func TestTheAPIRefusesParametersThatItsDocumentDoesNotName(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	w := newWorld(t, site)
	raw, v := document(t, nobody(t, site))
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	askers := []*asker{w.as(models.RoleAdministrator), w.as(models.RoleCadre)}
	for _, r := range site.Server.Routes() {
		if !strings.HasPrefix(r.Path, "/api/") {
			continue
		}
		var names []string
		for _, p := range doc.Paths[param.ReplaceAllString(r.Path, "$1/{$2}")][strings.ToLower(r.Method)].Parameters {
			if p.In == "query" {
				names = append(names, p.Name)
			}
		}
		slices.Sort(names)
		a := askers[slices.IndexFunc(askers, func(a *asker) bool { return may(a.role, r.Permission) })]
		path := param.ReplaceAllString(r.Path, "$1/987654321")
		got := a.ask(r.Method, path+"?khong_co=1", "application/json", "{}")
		want := `"errors":[{"field":"khong_co","code":"unknown_parameter","detail":"Địa chỉ này không có tham số khong_co. Các tham số dùng được: ` + strings.Join(names, ", ") + `."}]`
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, want) {
			t.Errorf("%s %s: %d %s, want %s", r.Method, r.Path, got.status, got.body, want)
		}
		if why := conforms(t, raw, v, a, r, path+"?lang=vi&%zz"); r.Method == http.MethodGet && !strings.Contains(why, "unreadable_input") && why != "" {
			t.Errorf("%s: %s", r.Path, why)
		}
	}
	for path, want := range map[string]int{"/api/v1/coverage?on=2025-01-01": 422, "/api/v1/coverage?As_Of=2025-01-01": 422, "/api/v1/coverage?as_of=2025-01-01;org=CB": 422, "/api/v1/coverage?as_of=%zz": 422,
		"/api/v1/coverage?as_of=2025-01-01&lang=en&plan=CB-QCN-2023-2028": 200, "/coverage?utm_source=mail&as_of=x": 200, "/api/v1/nowhere?a=b": 404} {
		if got := askers[0].get(path); got.status != want {
			t.Errorf("%s: %d, want %d", path, got.status, want)
		}
	}
}

// conforms says why the answer to an empty request is not what the document says, "" when it is.
func conforms(t *testing.T, raw []byte, v validator.Validator, a *asker, r handlers.Route, path string) string {
	t.Helper()
	var body io.Reader
	if r.Method != http.MethodGet {
		body = strings.NewReader("{}")
	}
	req := httptest.NewRequest(r.Method, path, body)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range a.jar {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	a.server.ServeHTTP(rec, req)
	res := rec.Result()
	if res.StatusCode < 300 && !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		if want := declared(raw, r, res.StatusCode); !slices.Contains(want, res.Header.Get("Content-Type")) {
			return fmt.Sprintf("answers with %s, described is %v", res.Header.Get("Content-Type"), want)
		}
		return ""
	}
	if ok, problems := v.ValidateHttpResponse(req, res); !ok {
		return fmt.Sprintf("%d %s%s\n%.400s", res.StatusCode, res.Header.Get("Content-Type"), explain(problems), rec.Body)
	}
	return ""
}

// declared gives the types of content that the document has for an answer.
func declared(raw []byte, r handlers.Route, status int) []string {
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]json.RawMessage `json:"content"`
			} `json:"responses"`
		} `json:"paths"`
	}
	if json.Unmarshal(raw, &doc) != nil {
		return nil
	}
	path := param.ReplaceAllString(r.Path, "$1/{$2}")
	return slices.Collect(maps.Keys(doc.Paths[path][strings.ToLower(r.Method)].Responses[strconv.Itoa(status)].Content))
}
