package certificate_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/signature"
	"taphuan/app/signing"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/internal/testdb"
	"taphuan/internal/testsign"
	"taphuan/models"
)

// turnstile is OpenSSL's time-stamp service behind what the test does first with each question.
type turnstile struct {
	mu     sync.Mutex
	before func() (answers bool)
	asked  int
}

func (x *turnstile) set(before func() bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.before, x.asked = before, 0
}

func (x *turnstile) serve(t *testing.T) string {
	behind, err := url.Parse(testsign.TimeService(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.mu.Lock()
		before := x.before
		x.asked++
		x.mu.Unlock()
		if before != nil && !before() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// stamped is a service whose issuer lets the system sign with time-stamps, and courses to issue for.
func stamped(t *testing.T, db *store.DB, courses int) (s *certificate.Service, x *turnstile, in []certificate.IssueInput) {
	t.Helper()
	ids, host, sign := world(t, db, courses, 2)
	s = signer(t, db)
	s.Proofs = proofs(t, db)
	if _, err := s.Signing.AddDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSigning(t.Context(), access.System(), certificate.SigningInput{IssuerID: host, Signing: models.SigningServer}); err != nil {
		t.Fatal(err)
	}
	x = &turnstile{}
	if err := s.Signing.SetTime(t.Context(), store.By{}, signing.TimeSettings{URL: x.serve(t)}); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		in = append(in, certificate.IssueInput{CourseID: id, SignatoryID: sign})
	}
	return s, x, in
}

func count(t *testing.T, db *store.DB, what any) (n int64) {
	t.Helper()
	if err := db.Read(t.Context()).Model(what).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func rename(t *testing.T, db *store.DB, from, to string) {
	t.Helper()
	// Locks what issuing locks, and would wait for ever behind it.
	_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		var all []models.Course
		if err := tx.Lock().Find(&all).Error; err != nil {
			return 0, err
		}
		var register models.Register
		if err := tx.Lock().Limit(1).Find(&register).Error; err != nil {
			return 0, err
		}
		return 0, tx.Model(&models.Cadre{}).Where("full_name = ?", from).Update("full_name", to).Error
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNothingIsLockedWhileATimeServiceLetsWait(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		s, x, in := stamped(t, db, 1)
		actor := access.System()
		actor.Key, actor.Action = "01926f3e-7c00-7000-8000-000000000001", "issue"

		// It hangs, somebody else writes meanwhile, and then it fails: nothing has changed.
		var once sync.Once
		written := make(chan struct{})
		meanwhile := func(answers bool, from, to string) func() bool {
			once, written = sync.Once{}, make(chan struct{})
			return func() bool {
				once.Do(func() {
					rename(t, db, from, to)
					close(written)
				})
				<-written
				return answers
			}
		}
		x.set(meanwhile(false, "Nông Văn A", "Nông Văn Á"))
		if _, err := s.Issue(ctx, actor, in[0]); !errs.Is(err, "time_stamp_unavailable") {
			t.Fatal(err)
		}
		if count(t, db, &models.Certificate{}) != 0 || count(t, db, &models.Register{}) != 0 || count(t, db, &models.CertificateDocument{}) != 0 || count(t, db, &models.RequestKey{}) != 0 {
			t.Error("something was left of what could not be stamped")
		}

		// It hangs and a name is mended meanwhile, then it answers: what is issued says the new name.
		x.set(meanwhile(true, "Nông Văn Á", "Nông Văn Ánh"))
		if n, err := s.Issue(ctx, actor, in[0]); err != nil || n != 2 || x.asked < 4 {
			t.Fatal(n, err, x.asked)
		}
		x.set(nil)
		if n, err := s.Issue(ctx, actor, in[0]); err != nil || n != 2 || x.asked != 0 {
			t.Errorf("the same request again: %d, %v, %d questions", n, err, x.asked)
		}
		withoutGap(t, "the register", numbers(t, db)["GCN-QCN/2026"], 2)
		var names []string
		var all []models.Certificate
		if err := db.Read(ctx).Order("id").Find(&all).Error; err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			var snap template.Snapshot
			if err := json.Unmarshal([]byte(c.Snapshot), &snap); err != nil {
				t.Fatal(err)
			}
			names = append(names, snap.Name)
			var d models.CertificateDocument
			if err := db.Read(ctx).Where("certificate_id = ?", c.ID).Take(&d).Error; err != nil {
				t.Fatal(err)
			}
			found, err := signature.Verify(d.Body)
			if err != nil || len(found) != 1 || !found[0].Intact() || found[0].Stamp == nil || d.SHA256 != c.PDFSha256 || !snap.IssuedAt.Equal(c.IssuedAt) {
				t.Errorf("%+v %v %s %s", found, err, snap.IssuedAt, c.IssuedAt)
			}
			if text := textOf(t, d.Body); !strings.Contains(text, snap.Name) || !strings.Contains(text, c.Serial) {
				t.Errorf("%s, %s: %s", snap.Name, c.Serial, text)
			}
		}
		if strings.Join(names, ", ") != "Nông Văn Ánh, Nông Văn B" {
			t.Error(names)
		}
	}, based)
}

func TestWhoIsOvertakenEachTimeIsRefusedAndWhoWaitsIsNot(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		s, x, in := stamped(t, db, 3)
		name := "Nông Văn A"
		var one sync.Mutex
		x.set(func() bool {
			one.Lock()
			defer one.Unlock()
			rename(t, db, name, name+" A")
			name += " A"
			return true
		})
		if _, err := s.Issue(ctx, access.System(), in[0]); !errs.Is(err, "register_busy") || count(t, db, &models.Certificate{}) != 0 || count(t, db, &models.Register{}) != 0 {
			t.Fatal(err)
		}
		x.set(nil)
		var wg sync.WaitGroup
		for _, in := range in {
			wg.Go(func() {
				if n, err := s.Issue(ctx, access.System(), in); err != nil || n != 2 {
					t.Errorf("%d, %v", n, err)
				}
			})
		}
		wg.Wait()
		withoutGap(t, "the register", numbers(t, db)["GCN-QCN/2026"], 6)
		if x.asked > 6*2 { // a service that has not been asked before may need more room than thought
			t.Errorf("%d questions for six signatures: somebody was overtaken", x.asked)
		}
		var last models.Certificate
		if err := db.Read(ctx).Order("id DESC").Take(&last).Error; err != nil {
			t.Fatal(err)
		}
		if _, err := s.Replace(ctx, access.System(), last.ID, in[0].SignatoryID, "Sai chức danh"); err != nil {
			t.Error(err)
		}
		withoutGap(t, "the register", numbers(t, db)["GCN-QCN/2026"], 7)
	}, based)
}
