package static

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

func built(t *testing.T) *Assets {
	t.Helper()
	a, err := load(fstest.MapFS{
		"manifest.json":    {Data: []byte(`{"app.css":"app-AB.css","x.woff2":"x-CD.woff2"}`)},
		"app-AB.css":       {Data: []byte("plain")},
		"app-AB.css.br":    {Data: []byte("brotli")},
		"app-AB.css.gz":    {Data: []byte("gzip")},
		"x-CD.woff2":       {Data: []byte("font")},
		"not-in-list.html": {Data: []byte("secret")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestLoadSaysWhatToDoWhenNothingIsBuilt(t *testing.T) {
	t.Parallel()
	if _, err := load(fstest.MapFS{}); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("got %v", err)
	}
	if _, err := load(fstest.MapFS{"manifest.json": {Data: []byte(`{"app.css":"gone.css"}`)}}); err == nil {
		t.Error("a manifest that names a missing file was accepted")
	}
}

func TestHandlerServesBuiltFilesForEver(t *testing.T) {
	t.Parallel()
	a := built(t)
	for _, c := range []struct {
		method, path, accept string
		status               int
		body, encoding       string
	}{
		{"GET", a.URL("app.css"), "gzip, deflate, br", 200, "brotli", "br"},
		{"GET", a.URL("app.css"), "gzip;q=1", 200, "gzip", "gzip"},
		{"GET", a.URL("app.css"), "br;q=0", 200, "plain", ""},
		{"GET", a.URL("app.css"), "", 200, "plain", ""},
		{"GET", a.URL("x.woff2"), "br", 200, "font", ""},
		{"HEAD", a.URL("app.css"), "", 200, "", ""},
		{"POST", a.URL("app.css"), "", 405, "Method Not Allowed\n", ""},
		{"GET", "/static/app.css", "", 404, "404 page not found\n", ""},
		{"GET", "/static/manifest.json", "", 404, "404 page not found\n", ""},
		{"GET", "/static/not-in-list.html", "", 404, "404 page not found\n", ""},
		{"GET", "/static/x/app-AB.css", "", 404, "404 page not found\n", ""},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		if c.accept != "" {
			r.Header.Set("Accept-Encoding", c.accept)
		}
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		if w.Code != c.status || w.Body.String() != c.body || w.Header().Get("Content-Encoding") != c.encoding {
			t.Errorf("%s %s (%s): %d %q %q", c.method, c.path, c.accept, w.Code, w.Body.String(), w.Header().Get("Content-Encoding"))
		}
		if w.Code == http.StatusOK && w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s %s: Cache-Control %q", c.method, c.path, w.Header().Get("Cache-Control"))
		}
	}
}
