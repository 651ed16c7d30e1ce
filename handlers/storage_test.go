package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"taphuan/app/bucket"
	"taphuan/app/certificate"
	"taphuan/app/store"
	"taphuan/handlers"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestTheServerMovesDocumentsAndOneThatTheBucketDoesNotGiveIsASentence(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		dir := t.TempDir()
		b, err := bucket.Open(t.Context(), "file://"+dir)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var log bytes.Buffer
		h, err := testweb.Assemble(db, slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, nil)), func(d *handlers.Deps) { d.Bucket, d.Poll = b, 20*time.Millisecond })
		if err != nil {
			t.Fatal(err)
		}
		site := &testweb.Site{DB: db, Keys: h.Keys, Server: h}
		w := newWorld(t, site)
		coordinator := w.as(models.RoleCoordinator)
		store := &certificate.Service{DB: db, Bucket: b}
		ctx, end := context.WithCancel(t.Context())
		var behind sync.WaitGroup
		behind.Go(func() { h.RunJobs(ctx) })
		until(t, "what is to be signed and the copy are away", func() bool {
			away, err := store.Away(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return away >= 2
		})
		end()
		behind.Wait()
		page := fmt.Sprintf("/certificates/%d", w.ids["certificates"])
		paths := []string{page + "/pdf", "/courses/" + fmt.Sprint(w.closed.ID) + "/to-sign.zip"}
		for _, path := range paths {
			if got := coordinator.get(path); got.status != http.StatusOK || !strings.Contains(got.body, "%PDF-") {
				t.Errorf("%s from the bucket: %d", path, got.status)
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if got := coordinator.get(page + "/pdf"); got.status != http.StatusInternalServerError || !strings.Contains(got.body, "kho lưu trữ") || strings.Contains(got.body, dir) {
			t.Errorf("without the bucket: %d %s", got.status, got.body)
		}
		mu.Lock()
		if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "document_missing") {
			t.Error("nothing was logged of it")
		}
		mu.Unlock()
		for _, path := range []string{page, "/v/" + w.code} {
			if got := coordinator.get(path); got.status != http.StatusOK {
				t.Errorf("%s needs no bucket: %d", path, got.status)
			}
		}
	}, testseed.Base)
}

func TestAskingForTheHeadOfAnArchiveReadsNoDocument(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		coordinator := w.as(models.RoleCoordinator)
		path := fmt.Sprintf("/courses/%d/certificates.zip", w.closed.ID)
		whole := coordinator.get(path)
		var head answer
		asked := testdb.Queries(db, func() { head = coordinator.ask(http.MethodHead, path, "", "") })
		if whole.status != http.StatusOK || whole.body == "" || head.status != http.StatusOK || head.body != "" {
			t.Errorf("%d with %d bytes, the head %d with %d", whole.status, len(whole.body), head.status, len(head.body))
		}
		for _, q := range asked {
			if strings.Contains(q, "body") {
				t.Errorf("for the head was asked: %s", q)
			}
		}
	}, testseed.Base)
}
