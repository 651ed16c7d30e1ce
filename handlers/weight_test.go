package handlers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// pageWeight is what the list of a session may weigh on the way to a phone, compressed, with style and scripts and without fonts.
const pageWeight = 60 << 10

func TestTheListOfTwoHundredIsLight(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 200)
		a := as(t, site, testweb.Account{Name: "Lý Thị Thử", SignIn: "nhe", Role: models.RoleCoordinator})
		fetch := func(path string) (int, string) {
			t.Helper()
			weigh := func(encoding string) []byte {
				req := httptest.NewRequest(http.MethodGet, path, nil)
				req.Header.Set("Accept-Encoding", encoding)
				for name, value := range a.jar {
					req.AddCookie(&http.Cookie{Name: name, Value: value})
				}
				w := httptest.NewRecorder()
				site.Server.ServeHTTP(w, req)
				b, err := io.ReadAll(w.Result().Body)
				if err != nil || w.Code != http.StatusOK {
					t.Fatalf("%s: %d, %v", path, w.Code, err)
				}
				return b
			}
			return len(weigh("gzip")), string(weigh(""))
		}
		sum, page := fetch(h.path(0))
		t.Logf("the page itself: %d bytes", sum)
		for _, m := range regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`).FindAllStringSubmatch(page, -1) {
			if strings.HasSuffix(m[1], ".woff2") || strings.HasSuffix(m[1], ".png") { // the picture is for a home screen
				continue
			}
			n, _ := fetch(m[1])
			t.Logf("%s: %d bytes", m[1], n)
			sum += n
		}
		t.Logf("together: %d of %d bytes", sum, pageWeight)
		if sum > pageWeight {
			t.Errorf("the list of two hundred weighs %d bytes, more than %d", sum, pageWeight)
		}
	}, testseed.Base)
}
