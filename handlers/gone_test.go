package handlers_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// TestWhoGoesAwayWhileTheDatabaseWorksIsNoErrorInTheLog asks for what never ends, and goes. SQLite calls this an interruption.
func TestWhoGoesAwayWhileTheDatabaseWorksIsNoErrorInTheLog(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, change, path string
		form               url.Values
	}{
		{"session", "INSERT ON sign_ins", "/account/language", url.Values{"language": {"en"}}},
		{"internal", "UPDATE ON accounts", "/account/language", url.Values{"language": {"en"}}},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			db := testdb.Only(t, store.SQLite, testseed.Base)
			var log bytes.Buffer
			h, err := testweb.Assemble(db, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
			if err != nil {
				t.Fatal(err)
			}
			site := &testweb.Site{DB: db, Keys: h.Keys, Server: h}
			a := newWorld(t, site).as(models.RoleAdministrator)
			_, err = db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
				if err := tx.Exec("CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n").Error; err != nil {
					return 0, err
				}
				return 0, tx.Exec("CREATE TRIGGER never BEFORE " + c.change + " BEGIN SELECT count(*) FROM endless; END").Error
			})
			if err != nil {
				t.Fatal(err)
			}
			for patience := time.Second; !strings.Contains(log.String(), "interrupted"); patience *= 2 { // until the database had begun
				if patience > time.Minute {
					t.Fatalf("nothing was interrupted: %s", &log)
				}
				log.Reset()
				ctx, leave := context.WithCancel(t.Context())
				req := httptest.NewRequestWithContext(ctx, http.MethodPost, c.path, strings.NewReader(c.form.Encode()))
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				for name, value := range a.jar {
					req.AddCookie(&http.Cookie{Name: name, Value: value})
				}
				time.AfterFunc(patience, leave)
				h.ServeHTTP(httptest.NewRecorder(), req)
			}
			if said := log.String(); strings.Contains(said, "level=ERROR") || !strings.Contains(said, "level=INFO msg="+c.what+" ") {
				t.Error(said)
			}
		})
	}
}

func TestWhoGoesAwayBeforeTheSignInIsReadIsNoError(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db) // which fails the test for what the application logs as an error
		c := signedIn(t, site, models.RoleCoordinator, "")
		gone, leave := context.WithCancel(t.Context())
		leave()
		r := httptest.NewRequestWithContext(gone, http.MethodGet, site.URL+"/", nil)
		for _, cookie := range c.http.Jar.Cookies(r.URL) {
			r.AddCookie(cookie)
		}
		if len(r.Cookies()) == 0 {
			t.Fatal("the client has not signed in")
		}
		site.Server.ServeHTTP(httptest.NewRecorder(), r)
		c.get("/", http.StatusOK)
	}, testseed.Base)
}
