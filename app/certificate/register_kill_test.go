package certificate_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// doomed is what a process that will be killed is told, in doomedEnv.
type doomed struct {
	URL       string
	Courses   []uint64 // issues these, one after the other
	Signatory uint64
	At        string // and stops for good at this step of the second: "create TABLE", "update TABLE", or "committed"
}

const (
	doomedEnv = "TAPHUAN_TEST_DOOMED"
	atTheStep = "at the step"
)

// TestProcessesKilledWhileTheyIssueLeaveNoGapAndNoRepeat kills processes of their own (SIGKILL) at each step of issuing, while another
// process goes on issuing in the same register.
func TestProcessesKilledWhileTheyIssueLeaveNoGapAndNoRepeat(t *testing.T) {
	if text := os.Getenv(doomedEnv); text != "" {
		var d doomed
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		d.issue(t)
		return
	}
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		db := testdb.Open(t, url)
		steps := []string{"create certificates", "create certificate_documents", "update registers", "create audit_entries", "committed"}
		const people = 3
		ids, _, sign := world(t, db, 4*len(steps), people)
		var others sync.WaitGroup
		for _, id := range ids[2*len(steps):] {
			others.Go(func() { issueCourse(t, service(db), id, sign, people) })
		}
		for i, step := range steps {
			killAt(t, doomed{URL: url, Courses: ids[2*i : 2*i+2], Signatory: sign, At: step})
		}
		others.Wait()
		// Of the two courses of each, the first is done; the second only where the answer alone did not come.
		done := len(ids) - len(steps) + 1
		withoutGap(t, "the register after all were killed", numbers(t, db)["GCN-QCN/2026"], done*people)
		for i := range len(steps) - 1 {
			issueCourse(t, service(db), ids[2*i+1], sign, people)
		}
		withoutGap(t, "the register", numbers(t, db)["GCN-QCN/2026"], len(ids)*people)
		read := db.Read(t.Context())
		var r models.Register
		var serials, documents, issued int64
		for _, err := range []error{
			read.Take(&r).Error, read.Model(&models.Certificate{}).Distinct("serial").Count(&serials).Error,
			read.Model(&models.CertificateDocument{}).Distinct("certificate_id").Count(&documents).Error,
			read.Table("audit_entries").Where("action = ?", "certificate.issue").Count(&issued).Error,
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if all := len(ids) * people; r.NextNumber != all+1 || serials != int64(all) || documents != int64(all) || issued != int64(len(ids)) {
			t.Errorf("next %d, %d serials, %d with documents, %d entries of the audit, of %d certificates of %d courses", r.NextNumber, serials, documents, issued, all, len(ids))
		}
	}, based)
}

// killAt starts a process that issues, and kills it at its step.
func killAt(t *testing.T, d doomed) {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+strings.Split(t.Name(), "/")[0]+"$")
	cmd.Env = append(os.Environ(), doomedEnv+"="+string(text))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	reached := false
	for lines := bufio.NewScanner(out); !reached && lines.Scan(); {
		said = append(said, lines.Text())
		reached = lines.Text() == atTheStep
	}
	if err := cmd.Process.Kill(); err != nil && reached {
		t.Error(err)
	}
	_ = cmd.Wait() // says that it was killed
	if !reached {
		t.Fatalf("the process did not come to %q: %s", d.At, strings.Join(said, "\n"))
	}
}

func issueCourse(t *testing.T, s *certificate.Service, id, sign uint64, people int) {
	t.Helper()
	n, err := s.Issue(context.Background(), access.System(), certificate.IssueInput{CourseID: id, SignatoryID: sign})
	if err != nil || n != people {
		t.Errorf("%d, %v", n, err)
	}
}

// issue is what the process does that is killed.
func (d doomed) issue(t *testing.T) {
	db := testdb.Open(t, d.URL)
	second := false
	stop := func() {
		fmt.Println(atTheStep)
		time.Sleep(time.Hour) // until it is killed
	}
	for _, pool := range db.Pools() {
		note := func(what string) func(*gorm.DB) {
			return func(g *gorm.DB) {
				if second && g.Error == nil && what+" "+g.Statement.Table == d.At {
					stop()
				}
			}
		}
		if err := errors.Join(pool.Callback().Create().After("gorm:create").Register("test:killed", note("create")), pool.Callback().Update().After("gorm:update").Register("test:killed", note("update"))); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range d.Courses {
		if _, err := service(db).Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: id, SignatoryID: d.Signatory}); err != nil {
			t.Fatal(err)
		}
		if second {
			stop()
		}
		second = true
	}
}
