package views

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"taphuan/app/i18n"
	"taphuan/static"
)

func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func renderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := New(catalogue(t), static.Unbuilt())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryPageIsSafeToEscapeInBothLanguages(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, lang := range i18n.Langs {
		for _, name := range r.Pages() {
			err := r.Render(io.Discard, name, &Page{Lang: lang})
			// Without data a page may stop half-way; what must not happen is a template that cannot be escaped.
			var bad *template.Error
			if errors.As(err, &bad) {
				t.Errorf("%s in %s: %v", name, lang, err)
			}
		}
	}
}

func TestGalleryShowsEveryComponentWithoutInlineStyleOrScript(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, lang := range i18n.Langs {
		var b bytes.Buffer
		if err := r.Render(&b, "gallery/show", Gallery(&Page{Lang: lang, Path: "/gallery", NewKey: func() string { return "key" }})); err != nil {
			t.Fatal(err)
		}
		html := b.String()
		for _, no := range []string{" style=", "onclick", "<style", "javascript:", "ZgotmplZ", "%!", "gallery.", "ui."} {
			if i := strings.Index(html, no); i >= 0 {
				t.Errorf("%s: found %q in …%s…", lang, no, html[max(0, i-60):min(len(html), i+60)])
			}
		}
		for _, yes := range []string{`name="request_key" value="key"`, `aria-current="page"`, `href="#f-wrong"`, `id="f-wrong_choice"`, `aria-sort="ascending"`, `aria-invalid="true"`} {
			if !strings.Contains(html, yes) {
				t.Errorf("%s: lacks %s", lang, yes)
			}
		}
	}
}

func TestNewRefusesTemplatesThatWouldFailLater(t *testing.T) {
	t.Parallel()
	base := `<html>{{template "title" .}}{{template "head" .}}{{template "content" .}}</html>`
	for name, c := range map[string]struct{ page, want string }{
		"unknown key":       {`{{define "title"}}{{t "no.such"}}{{end}}{{define "content"}}{{end}}`, `no message "no.such"`},
		"missing parameter": {`{{define "title"}}{{t "ui.selected"}}{{end}}{{define "content"}}{{end}}`, `has parameters []`},
		"key in a pipe":     {`{{define "title"}}{{if (t "no.such")}}{{end}}{{end}}{{define "content"}}{{end}}`, `no message "no.such"`},
		"unknown template":  {`{{define "title"}}{{template "nope"}}{{end}}{{define "content"}}{{end}}`, `no template "nope"`},
		"unknown layout":    {`{{define "title"}}x{{end}}{{define "content"}}{{end}}{{define "layout"}}nope{{end}}`, `no layout "nope"`},
		"no content":        {`{{define "title"}}x{{end}}`, "does not define both"},
		"unknown function":  {`{{define "title"}}{{nope}}{{end}}{{define "content"}}{{end}}`, `"nope" not defined`},
		"text outside":      {`hello {{define "title"}}x{{end}}{{define "content"}}{{end}}`, "outside its blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newFrom(fstest.MapFS{"layouts/base.html": {Data: []byte(base)}, "x/show.html": {Data: []byte(c.page)}}, catalogue(t), static.Unbuilt())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestPagesOwnTheirBlocks(t *testing.T) {
	t.Parallel()
	page := func(word string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(`{{define "title"}}` + word + `{{end}}{{define "content"}}{{template "row" .}}{{end}}{{define "row"}}row of ` + word + `{{end}}`)}
	}
	r, err := newFrom(fstest.MapFS{
		"layouts/base.html": {Data: []byte(`{{template "title" .}}/{{template "head" .}}{{template "content" .}}`)},
		"a/show.html":       page("a"), "b/show.html": page("b"),
	}, catalogue(t), static.Unbuilt())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		var b strings.Builder
		if err := r.Render(&b, name+"/show", &Page{}); err != nil {
			t.Fatal(err)
		}
		if want := name + "/row of " + name; b.String() != want {
			t.Errorf("got %q, want %q", b.String(), want)
		}
	}
	var b strings.Builder
	if err := r.Render(&b, "c/show", &Page{}); err == nil || b.Len() > 0 {
		t.Error("a page that does not exist was rendered")
	}
}

func TestEveryNavigationWordHasAnIcon(t *testing.T) {
	t.Parallel()
	for _, key := range catalogue(t).Keys() {
		if name, ok := strings.CutPrefix(key, "nav."); ok {
			if _, err := icon(name); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestComponentsRefuseOptionsTheyDoNotHave(t *testing.T) {
	t.Parallel()
	p := &Page{}
	if _, err := newField(p, "x", "label", "X", "colour", "red"); err == nil {
		t.Error("a field took an unknown option")
	}
	if _, err := newField(p, "x", "label", "X", "type", "slider"); err == nil {
		t.Error("a field took an unknown type")
	}
	if _, err := newField(p, "x"); err == nil {
		t.Error("a field without a label was made")
	}
	if _, err := newButton("x", "kind", "shiny"); err == nil {
		t.Error("a button took an unknown kind")
	}
}

func TestSortAndPageLinksKeepTheFilter(t *testing.T) {
	t.Parallel()
	p := &Page{Path: "/cadres", Query: url.Values{"q": {"nguyen"}, "page": {"3"}}}
	h, err := newHeading(p, "name", "Tên", "default", "asc")
	if err != nil {
		t.Fatal(err)
	}
	if h.Dir != "ascending" || h.Href != "/cadres?q=nguyen&sort=-name" {
		t.Errorf("heading: %+v", h)
	}
	g := newPager(p, 3, 50, 480)
	if g.From != 101 || g.To != 150 || g.Pages != 10 || g.Next != "/cadres?page=4&q=nguyen" {
		t.Errorf("pager: %+v", g)
	}
	if g := newPager(p, 9, 50, 0); g.Number != 1 || g.From != 0 || g.To != 0 || g.Next != "" {
		t.Errorf("pager of nothing: %+v", g)
	}
	if p.Query.Get("page") != "3" {
		t.Error("a link changed the page's own query")
	}
}

func TestCoverageNeverRoundsUp(t *testing.T) {
	t.Parallel()
	c, err := newCoverage("vi", 2999, 3000, 100)
	if err != nil {
		t.Fatal(err)
	}
	if *c.Percent() != 99.9 || c.Met() || c.Missing() != 1 {
		t.Errorf("2999 of 3000: %v %v %d", *c.Percent(), c.Met(), c.Missing())
	}
	c, err = newCoverage("vi", 7, 10, 70)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Met() {
		t.Error("7 of 10 does not meet 70 %")
	}
	if c, err = newCoverage("vi", 0, 0, 70); err != nil || c.Percent() != nil || c.Met() {
		t.Error("nobody was given a percentage")
	}
}

func TestAddressesEscapeTheirParts(t *testing.T) {
	t.Parallel()
	if got := address("/courses", 7, "sessions", "?", "q", "a&b", "none", ""); got != "/courses/7/sessions?q=a%26b" {
		t.Error(got)
	}
	if got := address("/x", "../y"); got != "/x/..%2Fy" {
		t.Error(got)
	}
}

func BenchmarkStart(b *testing.B) {
	cat := catalogue(b)
	for b.Loop() {
		if _, err := New(cat, static.Unbuilt()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGallery(b *testing.B) {
	r := renderer(b)
	p := Gallery(&Page{Lang: "vi", Path: "/gallery"})
	for b.Loop() {
		if err := r.Render(io.Discard, "gallery/show", p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAttendanceRows(b *testing.B) {
	r := renderer(b)
	p := Gallery(&Page{Lang: "vi", Path: "/gallery"})
	d := *p.Data.(*GalleryData)
	for len(d.Marks) < 200 {
		d.Marks = append(d.Marks, d.Marks...)
	}
	d.Marks = d.Marks[:200]
	p.Data = &d
	for b.Loop() {
		if err := r.Render(io.Discard, "gallery/show", p); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTheSummaryOfRefusalsNamesEachFieldAndLeadsToIt(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{
		i18n.VI: `<a href="#f-reason">Lý do hủy: Hãy ghi lý do.</a>`,
		i18n.EN: `<a href="#f-reason">Reason: Hãy ghi lý do.</a>`,
	} {
		var b bytes.Buffer
		p := &Page{Lang: lang, NewKey: func() string { return "key" }, Errors: Errors{{"reason", "Hãy ghi lý do."}, {"elsewhere", "Chưa lưu."}}, Data: struct {
			ID          uint64
			Code, Title string
			Reason      string
			Counts      struct{ Enrolled int }
		}{ID: 7}}
		if err := renderer(t).Render(&b, "course/cancel", p); err != nil {
			t.Fatal(err)
		}
		html := b.String()
		for _, part := range []string{want, `<a href="#f-elsewhere">Chưa lưu.</a>`, `id="f-reason"`, "<title>" + map[string]string{i18n.VI: "Lỗi:", i18n.EN: "Error:"}[lang]} {
			if !strings.Contains(html, part) {
				t.Errorf("%s: lacks %s", lang, part)
			}
		}
		if n := strings.Count(html, "<h1>"); n != 1 {
			t.Errorf("%s: the page was written %d times", lang, n)
		}
	}
}
