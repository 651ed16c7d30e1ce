package handlers

import (
	"encoding/json"
	"strings"
	"testing"

	"taphuan/models"
)

type sampleIn struct {
	Title string     `json:"title" binding:"required"`
	Day   models.Day `json:"day"`
	Query string     `form:"q"`
}

func TestOpenAPIDescribesBodyQueryPathAndProblem(t *testing.T) {
	t.Parallel()
	spec, err := openAPI([]Route{{Method: "POST", Path: "/api/v1/courses/:id/sessions", Permission: "course.write", doc: &operation{summary: "s", in: new(sampleIn), out: new(sampleIn), status: 201}}}, "x", "y")
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"openapi":"3.1`, `/api/v1/courses/{id}/sessions`, `"in":"path"`, `"in":"query"`, `"format":"date"`, `application/problem+json`, `"201"`, `"title":{"type":"string"}`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
}
