package handlers

import (
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi31"

	"taphuan/app/access"
	"taphuan/app/coverage"
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
		if params := parameters(route); params != nil {
			op.AddReqStructure(params)
		}
		if route.doc.in != nil {
			op.AddReqStructure(route.doc.in)
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

// parameters makes a struct with a `path` field for each parameter of the route, and with the request's own id where the route
// changes something, as the reflector wants it.
func parameters(r Route) any {
	var fields []reflect.StructField
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
	if fields == nil {
		return nil
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
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
