package testweb

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// Wire is what lies between a phone and the site: tests cut it, as a hall without reception does, and lose answers on it. It cuts a
// service worker off too, which the browser's own emulation does not.
type Wire struct {
	URL string

	mu    sync.Mutex
	cut   bool
	lose  string // answers to this path are lost
	alter func(path string, body []byte) []byte
}

// Cut takes the connection away, or gives it back.
func (w *Wire) Cut(on bool) { w.set(func() { w.cut = on }) }

// Lose has the site answer requests for a path, and loses the answers; "" loses none.
func (w *Wire) Lose(path string) { w.set(func() { w.lose = path }) }

// Alter changes what the site answers, from now on.
func (w *Wire) Alter(f func(path string, body []byte) []byte) { w.set(func() { w.alter = f }) }

func (w *Wire) set(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// Wire lays a line to the site, until the test ends.
func (s *Site) Wire(t testing.TB) *Wire {
	t.Helper()
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ModifyResponse: func(r *http.Response) error {
			w.mu.Lock()
			lost, alter := w.lose != "" && r.Request.URL.Path == w.lose || w.cut, w.alter
			w.mu.Unlock()
			if lost {
				return net.ErrClosed
			}
			if alter == nil || r.Header.Get("Content-Encoding") != "" {
				return nil
			}
			b, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			b = alter(r.Request.URL.Path, b)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
			r.Header.Del("Content-Length")
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		cut := w.cut
		w.mu.Unlock()
		if cut {
			panic(http.ErrAbortHandler) // the connection ends without a word
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.URL = server.URL
	return w
}

// Phone is a browser of its own, whose folder outlives it.
type Phone struct {
	t      testing.TB
	folder string
	p      *process
}

// NewPhone makes one. It begins with the first window.
func NewPhone(t testing.TB) *Phone {
	t.Helper()
	f := &Phone{t: t, folder: t.TempDir()}
	t.Cleanup(f.Kill)
	return f
}

// Browse opens a window on the phone, as wide as one; requests that fail are not held against it.
func (f *Phone) Browse(base string) *Tab {
	f.t.Helper()
	if f.p == nil {
		f.p = &process{folder: f.folder}
	}
	b := f.p.browse(f.t, base)
	b.CutOff()
	b.Phone()
	return b
}

// Kill ends the phone at once, as an empty battery does. What it had on its disk stays.
func (f *Phone) Kill() {
	if f.p == nil {
		return
	}
	if p := f.p.pid(); p != nil {
		_ = p.Kill()
	}
	_ = f.p.close() // there is nobody left to be asked
	f.p = nil
}
