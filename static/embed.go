// Package static holds what the browser runs: style sheets, scripts, fonts and images, built into dist by build.mjs and
// embedded in the binary.
package static

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var embedded embed.FS

// Prefix is the path under which Handler serves.
const Prefix = "/static/"

// ErrNotBuilt says that the binary was compiled before the front end was built.
var ErrNotBuilt = errors.New("the front end is not built into this binary: run `make build` (or `npm ci && npm run build` in static/) and compile again")

// Assets resolves plain names ("app.css") to addresses whose names carry a hash, and serves them.
type Assets struct {
	files fs.FS
	names map[string]string // plain name -> built name
	types map[string]string // built name -> media type
}

// Load reads the embedded build. It refuses with ErrNotBuilt when there is none.
func Load() (*Assets, error) {
	sub, err := fs.Sub(embedded, "dist")
	if err != nil {
		return nil, err
	}
	return load(sub)
}

func load(files fs.FS) (*Assets, error) {
	b, err := fs.ReadFile(files, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, err
	}
	a := &Assets{files: files, types: map[string]string{}}
	if err := json.Unmarshal(b, &a.names); err != nil {
		return nil, fmt.Errorf("static/dist/manifest.json: %w", err)
	}
	for plain, built := range a.names {
		if _, err := fs.Stat(files, built); err != nil {
			return nil, fmt.Errorf("static/dist/manifest.json names %s: %w", built, err)
		}
		a.types[built] = mediaType(plain)
	}
	return a, nil
}

// Unbuilt is for tests of pages: it resolves every name to itself and serves nothing.
func Unbuilt() *Assets { return &Assets{} }

// URL gives the address of a file by its plain name: URL("app.css") is "/static/app-3F2A….css". A name that was not
// built resolves to itself, and is not found when asked for.
func (a *Assets) URL(name string) string {
	if built := a.names[name]; built != "" {
		return Prefix + built
	}
	return Prefix + name
}

// Has says whether a file of this plain name was built.
func (a *Assets) Has(name string) bool { return a.names[name] != "" }

// Bytes gives the content of a file by its plain name, for what must be served under another address (a service worker).
func (a *Assets) Bytes(name string) ([]byte, error) {
	if a.files == nil || a.names[name] == "" {
		return nil, fmt.Errorf("static file %s: %w", name, fs.ErrNotExist)
	}
	return fs.ReadFile(a.files, a.names[name])
}

// Handler serves the built files under Prefix, compressed where the browser takes it, to be kept for ever: a changed
// file has another name.
func (a *Assets) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		name := path.Base(r.URL.Path)
		kind, known := a.types[name]
		if !known || strings.TrimPrefix(r.URL.Path, Prefix) != name {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		file := name
		if compressed(name) {
			h.Add("Vary", "Accept-Encoding")
			for _, enc := range []struct{ token, ext string }{{"br", ".br"}, {"gzip", ".gz"}} {
				if accepts(r.Header.Get("Accept-Encoding"), enc.token) {
					file = name + enc.ext
					h.Set("Content-Encoding", enc.token)
					break
				}
			}
		}
		body, err := fs.ReadFile(a.files, file)
		if err != nil {
			h.Del("Content-Encoding")
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		h.Set("Content-Type", kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodHead {
			return
		}
		// An error here is a browser that went away.
		if _, err := w.Write(body); err != nil {
			return
		}
	})
}

func compressed(name string) bool {
	switch path.Ext(name) {
	case ".css", ".js", ".svg", ".wasm":
		return true
	}
	return false
}

func accepts(header, token string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), token) {
			q := strings.ReplaceAll(params, " ", "")
			return q != "q=0" && q != "q=0.0"
		}
	}
	return false
}

func mediaType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".png":
		return "image/png"
	case ".wasm":
		return "application/wasm"
	case ".ico":
		return "image/x-icon"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return "application/octet-stream"
}
