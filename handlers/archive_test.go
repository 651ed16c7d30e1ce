package handlers_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"taphuan/app/access"
	"taphuan/app/store"
	"taphuan/handlers"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestADownloadThatBrokeOffGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		c := signedIn(t, site, models.RoleCoordinator, "")
		path := w.path(handlers.Route{Path: "/courses/:id/certificates.zip"})
		body, head := c.get(path, http.StatusOK)
		if head.Get("Content-Length") == "" || head.Get("Accept-Ranges") != "bytes" || head.Get("ETag") == "" {
			t.Fatalf("nobody can go on with this: %v", head)
		}
		part := func(c *client, header ...string) (int, []byte) {
			t.Helper()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(header); i += 2 {
				req.Header.Set(header[i], header[i+1])
			}
			res, err := c.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if err := res.Body.Close(); err != nil {
				t.Fatal(err)
			}
			return res.StatusCode, got
		}
		restarted := *c
		restarted.url = testweb.Serve(t, db).URL // the cookie of the session knows no ports
		for _, c := range []*client{c, &restarted} {
			if status, rest := part(c, "Range", "bytes=1000-", "If-Range", head.Get("ETag")); status != http.StatusPartialContent || !bytes.Equal(rest, []byte(body[1000:])) {
				t.Errorf("the rest was answered %d with %d bytes of %d", status, len(rest), len(body)-1000)
			}
		}
		if status, _ := part(c, "Range", "bytes=99999999-"); status != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("what lies behind the end was answered %d", status)
		}
		// Where it is not the same file any more, it begins anew.
		var one models.Certificate
		if err := db.Read(t.Context()).Where("course_id = ?", w.closed.ID).Take(&one).Error; err != nil {
			t.Fatal(err)
		}
		moved := func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&one).Update("issued_at", one.IssuedAt.AddDate(0, 0, 1)).Error
		}
		if _, err := db.Write(t.Context(), access.System().By, moved); err != nil {
			t.Fatal(err)
		}
		if status, got := part(c, "Range", "bytes=1000-", "If-Range", head.Get("ETag")); status != http.StatusOK || len(got) != len(body) {
			t.Errorf("another file was gone on with: %d, %d bytes", status, len(got))
		}
	}, testseed.Base)
}
