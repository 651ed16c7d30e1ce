package handlers

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi31"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/models"
)

// operation is what the OpenAPI document says of a route of the API.
type operation struct {
	summary string
	in      any // struct with `json` (body) and `form` (query) tags, or nil
	out     any // what the success answers with, or nil
	status  int
	content string // type of an answer that is no JSON, "" for JSON
}

// describe gives a route of the API its entry in the OpenAPI document: a sentence, what it takes (a pointer to a struct with
// `json` or `form` tags, nil for nothing) and what it answers with. Every route under /api/v1 has one (a test sees to it).
func describe(summary string, in, out any) func(*Route) {
	return func(r *Route) { r.doc = &operation{summary: summary, in: in, out: out, status: http.StatusOK} }
}

// answers says that the route answers with a file of a type, such as "application/pdf".
func answers(contentType string) func(*Route) {
	return func(r *Route) { r.doc.content = contentType }
}

// created says that the route answers 201.
func created(r *Route) { r.doc.status = http.StatusCreated }

var ginParam = regexp.MustCompile(`:([a-z_]+)`)

// openAPI makes the document from the map of routes, so that it cannot say anything else.
func openAPI(routes []Route, title, description string) (*openapi31.Spec, error) {
	r := openapi31.NewReflector()
	r.Spec.Info.WithTitle(title).WithVersion("1").WithDescription(description)
	r.Spec.SetHTTPBearerTokenSecurity("token", "opaque", "A personal access token, made on the account page or with `taphuan token create`.")
	r.Spec.WithSecurity(map[string][]string{"token": {}})
	r.AddTypeMapping(models.Day(0), dayFormat{})
	r.AddTypeMapping(coverage.Percent(0), float64(0)) // kept in tenths, written as a number
	for _, route := range routes {
		if !strings.HasPrefix(route.Path, "/api/v1/") || route.doc == nil {
			continue
		}
		path := ginParam.ReplaceAllString(route.Path, "{$1}")
		op, err := r.NewOperationContext(route.Method, path)
		if err != nil {
			return nil, err
		}
		op.SetSummary(route.doc.summary)
		op.SetID(operationID(route))
		op.SetTags(strings.Split(strings.TrimPrefix(route.Path, "/api/v1/"), "/")[0])
		op.SetDescription("Permission: `" + string(route.Permission) + "`.")
		op.AddReqStructure(parameters(route))
		if route.doc.in != nil {
			op.AddReqStructure(route.doc.in, inBody(route))
		}
		op.AddRespStructure(route.doc.out, openapi.WithHTTPStatus(route.doc.status), func(cu *openapi.ContentUnit) {
			cu.ContentType, cu.Format = route.doc.content, "binary"
		})
		problem := func(cu *openapi.ContentUnit) {
			cu.ContentType = "application/problem+json"
			cu.IsDefault = true
			cu.Description = "A refusal with a stable code."
		}
		op.AddRespStructure(new(Problem), problem)
		if route.Permission == access.Public {
			op.AddSecurity("")
		}
		if err := r.AddOperation(op); err != nil {
			return nil, fmt.Errorf("%s %s: %w", route.Method, route.Path, err)
		}
	}
	return r.Spec, nil
}

// dayFormat describes a local day.
type dayFormat struct{}

// PrepareJSONSchema makes a Day a date, or null for none.
func (dayFormat) PrepareJSONSchema(s *jsonschema.Schema) error {
	s.WithType(jsonschema.Type{SliceOfSimpleTypeValues: []jsonschema.SimpleType{jsonschema.String, jsonschema.Null}}).WithFormat("date").
		WithDescription("A local day in Asia/Ho_Chi_Minh; null for none.")
	return nil
}

func operationID(r Route) string {
	p := ginParam.ReplaceAllString(strings.TrimPrefix(r.Path, "/api/v1/"), "by_$1")
	return strings.ToLower(r.Method) + "_" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(p)
}

// inBody keeps what a route that changes something takes as JSON out of its address, where the struct is that of a page's form as well.
func inBody(r Route) openapi.ContentOption {
	return func(cu *openapi.ContentUnit) {
		if r.Method == http.MethodGet {
			return
		}
		no := map[string]string{}
		for _, f := range reflect.VisibleFields(reflect.TypeOf(r.doc.in).Elem()) {
			if f.Tag.Get("json") != "" {
				no[f.Name] = "-"
			}
		}
		cu.SetFieldMapping(openapi.InQuery, no)
		cu.SetFieldMapping(openapi.InFormData, no)
	}
}

// parameters makes a struct of what the house itself reads, as the reflector wants it: a `path` field for each parameter of the route, the
// language, the plan where somebody is signed in, and the request's own id where the route changes something.
func parameters(r Route) any {
	fields := []reflect.StructField{{Name: "Lang", Type: reflect.TypeFor[string](), Tag: `query:"lang" enum:"vi,en" description:"Of sentences; the account's own when left out."`}}
	if r.Permission != access.Public {
		fields = append(fields, reflect.StructField{Name: "Plan", Type: reflect.TypeFor[string](),
			Tag: `query:"plan" maxLength:"40" description:"Code of the plan that is meant; the one in force when left out."`})
	}
	for _, m := range ginParam.FindAllStringSubmatch(r.Path, -1) {
		f := reflect.StructField{Name: "P_" + m[1], Tag: reflect.StructTag(fmt.Sprintf(`path:"%s" required:"true"`, m[1]))}
		if m[1] == "code" {
			f.Type = reflect.TypeFor[string]()
		} else {
			f.Type = reflect.TypeFor[uint64]()
		}
		fields = append(fields, f)
	}
	if r.Method != http.MethodGet {
		fields = append(fields, reflect.StructField{Name: "Key", Type: reflect.TypeFor[string](),
			Tag: `header:"Idempotency-Key" maxLength:"64" description:"The request's own id, a UUID say: what arrives twice happens once."`})
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
}

// queryNames are the parameters that an address of the API takes, as its entry in the document has them, in the order of the alphabet.
func queryNames(r Route) (names []string) {
	names = tagged(reflect.TypeOf(parameters(r)).Elem(), "query")
	if r.doc.in != nil && r.Method == http.MethodGet {
		names = append(names, tagged(reflect.TypeOf(r.doc.in).Elem(), "form")...)
	}
	slices.Sort(names)
	return names
}

func tagged(t reflect.Type, tag string) (names []string) {
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get(tag); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// refuseUnknown refuses an address of the API that names a parameter which is none of its own with unknown_parameter: as_of misspelt would be
// answered for today. What cannot be read as a query is refused with unreadable_input.
func (c *Ctx) refuseUnknown() error {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return &errs.Error{Kind: errs.KindInvalid, Code: "unreadable_input", Err: err}
	}
	var wrong errs.Fields
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(c.route.query, name) {
			wrong.Add(name, "unknown_parameter", errs.Params{"name": name, "known": strings.Join(c.route.query, ", ")})
		}
	}
	return wrong.Err()
}

// openAPIDocument answers with the OpenAPI 3.1 document of the API.
func (s *Server) openAPIDocument(c *Ctx) error {
	spec, err := openAPI(s.routes, "taphuan", "Training and certification management. Every request that changes something may carry an Idempotency-Key "+
		"header with an id of its own: repeating it is then harmless. Errors are problem+json (RFC 9457) with a stable code.")
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "public, max-age=300")
	c.JSON(http.StatusOK, spec)
	return nil
}
