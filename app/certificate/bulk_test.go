package certificate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/mail"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// worker is a service with a runner that works when it is told to.
func worker(db *store.DB) *certificate.Service {
	s := service(db)
	s.Jobs = &job.Runner{DB: db, Kinds: s.Kinds(), Poll: -1}
	return s
}

func workOff(t *testing.T, s *certificate.Service) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = s.Jobs.RunOne(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAJobIssuesOnceHoweverOftenItIsAskedForAndRun(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const people = 20
		ids, _, sign := world(t, db, 2, people)
		s := worker(db)
		in := certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}
		var both sync.WaitGroup
		asked := make([]uint64, 4)
		for i := range asked {
			both.Go(func() {
				id, err := s.StartIssue(t.Context(), access.System(), in)
				if err != nil {
					t.Error(err)
				}
				asked[i] = id
			})
		}
		both.Wait()
		for _, id := range asked {
			if id != asked[0] {
				t.Errorf("one course has jobs %v", asked)
				break
			}
		}
		if id, err := s.Issuing(t.Context(), ids[0]); err != nil || id != asked[0] {
			t.Errorf("the course's job is %d, not %d: %v", id, asked[0], err)
		}
		if id, err := s.Issuing(t.Context(), ids[1]); err != nil || id != 0 {
			t.Errorf("the other course has job %d: %v", id, err)
		}
		workOff(t, s)
		// The process dies after the certificates were written and before the job was noted as done.
		died := func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Job{}).Where("id = ?", asked[0]).Updates(map[string]any{"state": models.JobRunning, "lease_until": tx.Now.Add(-time.Hour), "result": ""}).Error
		}
		if _, err := db.Write(t.Context(), store.By{}, died); err != nil {
			t.Fatal(err)
		}
		after := worker(db) // another process takes it up
		workOff(t, after)
		w, err := after.Work(t.Context(), access.System(), asked[0])
		if err != nil || w.State != models.JobDone || w.Made.Count != people || w.Made.CourseID != ids[0] {
			t.Errorf("the job ends as %+v: %v", w, err)
		}
		for what, got := range numbers(t, db) {
			withoutGap(t, what, got, people)
		}
	}, based)
}

func TestOneDocumentForThePrinterHoldsAPageEachAndIsKeptForADay(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const people = 7
		ids, _, sign := world(t, db, 1, people)
		s := worker(db)
		if _, err := s.StartPrint(t.Context(), access.System(), certificate.Filter{CourseID: ids[0]}, true); !errs.Is(err, "no_standing_certificate") {
			t.Errorf("without certificates: %v", err)
		}
		if _, err := s.Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil {
			t.Fatal(err)
		}
		id, err := s.StartPrint(t.Context(), access.System(), certificate.Filter{CourseID: ids[0]}, true)
		if err != nil {
			t.Fatal(err)
		}
		workOff(t, s)
		w, err := s.Work(t.Context(), access.System(), id)
		if err != nil || w.Busy() || !w.Kept || w.Done != people || w.Total != people {
			t.Fatalf("%+v: %v", w, err)
		}
		if _, err := s.Work(t.Context(), access.Actor{By: store.By{AccountID: 99}}, id); !errs.Is(err, "not_found") {
			t.Errorf("somebody else sees the job: %v", err)
		}
		f, err := s.Printed(t.Context(), access.System(), id)
		if err != nil {
			t.Fatal(err)
		}
		pdf, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "print.pdf")
		if err := os.WriteFile(file, pdf, 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := exec.Command("pdftotext", "-raw", file, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		pages := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
		if len(pages) != people {
			t.Fatalf("%d pages", len(pages))
		}
		for i, p := range pages {
			if !strings.Contains(p, "Nông Văn "+string(rune('A'+i))) || strings.Contains(p, "TRA CỨU") {
				t.Errorf("page %d says %s", i+1, p)
			}
		}
		info, err := exec.Command("pdfinfo", "-box", file).Output()
		if err != nil || !bytes.Contains(info, []byte("858.9 x 612.28")) && !bytes.Contains(info, []byte("858.898 x 612.284")) {
			t.Errorf("a margin of 3 mm makes pages of 858.9 by 612.28 points: %v\n%s", err, info)
		}
		if out, err := exec.Command("qpdf", "--check", file).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		var first models.Certificate
		if err := db.Read(t.Context()).Order("id").Take(&first).Error; err != nil {
			t.Fatal(err)
		}
		late, err := s.StartPrint(t.Context(), access.System(), certificate.Filter{CourseID: ids[0]}, false)
		if err == nil {
			err = s.Revoke(t.Context(), access.System(), first.ID, "Cấp nhầm")
		}
		if err != nil {
			t.Fatal(err)
		}
		workOff(t, s)
		if w, err := s.Work(t.Context(), access.System(), late); err != nil || w.Made.Count != people-1 {
			t.Errorf("what was revoked while the job waited is printed: %+v: %v", w, err)
		}
		day := db.Time()
		db.Now = func() time.Time { return day.Add(25 * time.Hour) }
		if err := job.Sweep(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Printed(t.Context(), access.System(), id); !errs.Is(err, "not_found") {
			t.Errorf("after a day: %v", err)
		}
	}, based)
}

func TestEveryHolderWithAnAddressIsMailedOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const people = 5
		ids, _, sign := world(t, db, 1, people)
		s := service(db)
		cfg := mail.Config{}
		s.Mail = func(context.Context) (mail.Config, error) { return cfg, nil }
		if _, err := s.Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil {
			t.Fatal(err)
		}
		addresses := func(tx *store.Tx) (uint64, error) {
			for _, c := range "ABC" {
				if err := tx.Model(&models.Cadre{}).Where("full_name = ?", "Nông Văn "+string(c)).Update("email", "canbo"+strings.ToLower(string(c))+"@example.vn").Error; err != nil {
					return 0, err
				}
			}
			return 0, nil
		}
		if _, err := db.Write(t.Context(), store.By{}, addresses); err != nil {
			t.Fatal(err)
		}
		if _, err := s.MailAll(t.Context(), access.System(), ids[0]); !errs.Is(err, "mail_off") {
			t.Errorf("without a mail server: %v", err)
		}
		cfg = mail.Config{Host: "mail.example.vn", From: "taphuan@example.vn"}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if _, err := s.MailAll(t.Context(), access.System(), ids[0]); err != nil && !errs.Is(err, "nobody_to_mail") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		m, err := s.Mails(t.Context(), ids[0])
		if err != nil || !m.Ready || m.Holders != people || m.Waiting != 3 || m.Unasked != 0 || strings.Join(m.Without, ", ") != "Nông Văn D, Nông Văn E" {
			t.Errorf("%+v: %v", m, err)
		}
		var rows []models.Mail
		if err := db.Read(t.Context()).Order("to_address").Find(&rows).Error; err != nil || len(rows) != 3 {
			t.Fatal(rows, err)
		}
		got, err := s.Makers()["certificate"](t.Context(), rows[0])
		if err != nil || len(got.Files) != 1 || !bytes.HasPrefix(got.Files[0].Body, []byte("%PDF-")) || !strings.Contains(got.Text, "https://taphuan.example.vn/my\n") {
			t.Errorf("%+v: %v", got.Text, err)
		}
		var c models.Certificate
		if err := db.Read(t.Context()).Where("id = ?", strings.TrimPrefix(rows[0].UniqueKey, "certificate:")).Take(&c).Error; err != nil {
			t.Fatal(err)
		}
		var says struct {
			Name string `json:"name"`
		}
		if err := json.Unmarshal([]byte(c.Snapshot), &says); err != nil || says.Name != rows[0].ToName {
			t.Errorf("the certificate of %s goes to %s: %v", says.Name, rows[0].ToName, err)
		}
		if err := s.Revoke(t.Context(), access.System(), c.ID, "nhầm"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Makers()["certificate"](t.Context(), rows[0]); !errors.Is(err, mail.ErrNotNeeded) {
			t.Errorf("of a revoked one: %v", err)
		}
	}, based)
}
