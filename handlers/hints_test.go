package handlers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
)

func TestABrowserIsToldOfStyleAndScriptsBeforeThePage(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	s := httptest.NewUnstartedServer(site.Server)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	ask := func(path, dest string) (hints []string, res *http.Response) {
		t.Helper()
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			if code == http.StatusEarlyHints {
				hints = append(hints, h["Link"]...)
			}
			return nil
		}})
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Dest", dest)
		if res, err = s.Client().Do(req); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return hints, res
	}
	hints, res := ask("/sign-in", "document")
	if len(hints) != 2 || !strings.Contains(hints[0], "/static/app-") || res.Header.Get("Link") != "" || res.StatusCode != http.StatusOK || res.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("%q, %s %v", hints, res.Status, res.Header)
	}
	if hints, _ := ask("/sessions/1/attendance", "document"); len(hints) == 0 || !strings.Contains(strings.Join(hints, " "), "/static/attendance-") {
		t.Errorf("a list: %q", hints)
	}
	if hints, _ := ask("/sign-in", "empty"); len(hints) != 0 {
		t.Errorf("a script was told %q", hints)
	}
}
