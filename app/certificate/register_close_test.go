package certificate_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// clock is a clock that stands until it is set.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time           { return time.UnixMicro(c.at.Load()) }
func (c *clock) set(text string)          { c.at.Store(must(time.Parse(time.RFC3339, text)).UnixMicro()) }
func must(t time.Time, _ error) time.Time { return t }

// ended is a register of 2026 with six numbers, of which the second was revoked and the third replaced by the sixth, and a year that has ended.
func ended(t *testing.T, db *store.DB, c *clock) (*certificate.Service, certificate.RegisterRow, []certificate.Entry) {
	t.Helper()
	ids, _, sign := world(t, db, 1, 5)
	s := service(db)
	issueCourse(t, s, ids[0], sign, 5)
	list := lines(t, s)
	if err := s.Revoke(t.Context(), access.System(), list[1].ID, "Cấp nhầm"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Replace(t.Context(), access.System(), list[2].ID, sign, "Sai tên"); err != nil {
		t.Fatal(err)
	}
	if err := s.CloseRegister(t.Context(), access.System(), only(t, s).ID); !errs.Is(err, "register_year_runs") {
		t.Errorf("before the year has ended: %v", err)
	}
	c.set("2026-12-31T16:59:59Z") // a second before midnight in Cao Bằng
	if err := s.CloseRegister(t.Context(), access.System(), only(t, s).ID); !errs.Is(err, "register_year_runs") {
		t.Errorf("in the year's last second: %v", err)
	}
	c.set("2026-12-31T17:00:00Z")
	return s, only(t, s), lines(t, s)
}

func only(t *testing.T, s *certificate.Service) certificate.RegisterRow {
	t.Helper()
	rows, err := s.Registers(t.Context(), access.System())
	if err != nil || len(rows) == 0 {
		t.Fatal(rows, err)
	}
	return rows[len(rows)-1] // the oldest
}

func lines(t *testing.T, s *certificate.Service) []certificate.Entry {
	t.Helper()
	got, err := s.Entries(t.Context(), only(t, s).Register, certificate.EntryFilter{}, page.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	return got.Rows
}

func stands(t *testing.T, s *certificate.Service, want bool, what string) {
	t.Helper()
	if got, err := s.RegisterStands(t.Context(), only(t, s).Register); err != nil || got != want {
		t.Errorf("%s: the register stands: %v, %v", what, got, err)
	}
}

func TestARegisterIsSignedOffOnceItsYearHasEndedAndEveryLaterChangeOfALineShows(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		var c clock
		c.set("2026-11-24T01:00:00Z")
		db := testdb.Open(t, url, testdb.At(c.now))
		s, r, list := ended(t, db, &c)
		if r.Used() != 6 || r.Standing() != 4 || r.Revoked != 1 || r.Replaced != 1 || list[2].ReplacedBy != "0006/2026/GCN-QCN" || list[5].Replaces != "0003/2026/GCN-QCN" {
			t.Errorf("%+v %+v", r, list)
		}
		if _, err := s.RegisterStands(t.Context(), r.Register); !errs.Is(err, "register_open") {
			t.Errorf("an open one is checked: %v", err)
		}
		if err := s.CloseRegister(t.Context(), access.System(), r.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.CloseRegister(t.Context(), access.System(), r.ID); !errs.Is(err, "register_closed") {
			t.Errorf("a second time: %v", err)
		}
		if err := s.CloseRegister(t.Context(), access.System(), r.ID+7); !errs.Is(err, "not_found") {
			t.Errorf("one that is not there: %v", err)
		}
		var text bytes.Buffer
		if err := s.SignedOff(t.Context(), only(t, s).Register, &text); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text.Bytes())
		if got := only(t, s); got.ClosedSHA256 != hex.EncodeToString(sum[:]) || !got.ClosedAt.Equal(c.now()) {
			t.Errorf("%+v is not of\n%s", got, text.String())
		}
		said := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
		if len(said) != 7 || !strings.Contains(said[0], `"register":"GCN-QCN","year":2026`) || !strings.Contains(said[2], `"ended":{"state":"revoked"`) || !strings.Contains(said[2], "Cấp nhầm") || strings.Contains(said[1], "ended") {
			t.Errorf("%d lines:\n%s", len(said), text.String())
		}
		for _, line := range said {
			if !json.Valid([]byte(line)) {
				t.Errorf("not JSON: %s", line)
			}
		}
		stands(t, s, true, "signed off")

		// What comes later is told apart, also within the same microsecond.
		if err := s.Revoke(t.Context(), access.System(), list[0].ID, "Khai man"); err != nil {
			t.Fatal(err)
		}
		stands(t, s, true, "revoked afterwards")
		if list = lines(t, s); !list[0].Late || list[0].State != models.CertificateRevoked || list[1].Late {
			t.Errorf("%+v", list[:2])
		}
		for _, x := range []struct{ change, back string }{
			{"UPDATE certificates SET snapshot = REPLACE(snapshot, 'Nông Văn D', 'Nông Văn Z') WHERE number = 4", "UPDATE certificates SET snapshot = REPLACE(snapshot, 'Nông Văn Z', 'Nông Văn D') WHERE number = 4"},
			{"UPDATE certificates SET snapshot = CONCAT('x', snapshot) WHERE number = 4", "UPDATE certificates SET snapshot = SUBSTR(snapshot, 2) WHERE number = 4"},
			{"UPDATE certificates SET serial = '0007/2026/GCN-QCN' WHERE number = 4", "UPDATE certificates SET serial = '0004/2026/GCN-QCN' WHERE number = 4"},
			{"UPDATE certificates SET pdf_sha256 = CONCAT(SUBSTR(pdf_sha256, 33), SUBSTR(pdf_sha256, 1, 32)) WHERE number = 5", "UPDATE certificates SET pdf_sha256 = CONCAT(SUBSTR(pdf_sha256, 33), SUBSTR(pdf_sha256, 1, 32)) WHERE number = 5"},
			{"UPDATE certificates SET issued_day = '2026-11-23' WHERE number = 5", "UPDATE certificates SET issued_day = '2026-11-24' WHERE number = 5"},
			{"UPDATE certificates SET end_reason = 'Nhầm' WHERE number = 2", "UPDATE certificates SET end_reason = 'Cấp nhầm' WHERE number = 2"},
			{"UPDATE certificates SET state = 'valid' WHERE number = 2", "UPDATE certificates SET state = 'revoked' WHERE number = 2"},
			{"UPDATE certificates SET number = 9 WHERE number = 6", "UPDATE certificates SET number = 6 WHERE number = 9"},
			{"UPDATE certificates SET replaces_id = NULL WHERE number = 6", "UPDATE certificates SET replaces_id = (SELECT id FROM (SELECT id FROM certificates WHERE number = 3) x) WHERE number = 6"},
			{"UPDATE registers SET next_number = 6", "UPDATE registers SET next_number = 7"},
			{"UPDATE registers SET closed_sha256 = CONCAT(SUBSTR(closed_sha256, 33), SUBSTR(closed_sha256, 1, 32))", "UPDATE registers SET closed_sha256 = CONCAT(SUBSTR(closed_sha256, 33), SUBSTR(closed_sha256, 1, 32))"},
		} {
			change(t, db, x.change)
			stands(t, s, false, x.change)
			change(t, db, x.back)
			stands(t, s, true, x.back)
		}
		change(t, db, "UPDATE certificates SET ended_at = ? WHERE number = 1", c.now()) // as if it had been revoked before
		stands(t, s, false, "a later end is put before the sign-off")
	}, based)
}

func change(t *testing.T, db *store.DB, sql string, args ...any) {
	t.Helper()
	_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Exec(sql, args...).Error })
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestARegisterThatWasSignedOffTakesNoNumberWhateverTheClockSays(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		var c clock
		c.set("2026-12-31T16:00:00Z")
		db := testdb.Open(t, url, testdb.At(c.now))
		ids, _, sign := world(t, db, 2, 2)
		s := service(db)
		issueCourse(t, s, ids[0], sign, 2)
		c.set("2027-01-01T00:00:00Z")
		if err := s.CloseRegister(t.Context(), access.System(), only(t, s).ID); err != nil {
			t.Fatal(err)
		}
		c.set("2026-12-31T16:30:00Z") // the clock of another machine
		if n, err := s.Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: ids[1], SignatoryID: sign}); !errs.Is(err, "register_closed") {
			t.Errorf("%d, %v", n, err)
		}
		if _, err := s.Replace(t.Context(), access.System(), lines(t, s)[0].ID, sign, "Sai tên"); !errs.Is(err, "register_closed") {
			t.Errorf("replaced: %v", err)
		}
		if err := s.Revoke(t.Context(), access.System(), lines(t, s)[0].ID, "Cấp nhầm"); err != nil {
			t.Fatal(err)
		}
		stands(t, s, true, "revoked by a clock that is slow")
		c.set("2027-01-01T00:00:01Z")
		issueCourse(t, s, ids[1], sign, 2)
		if got := numbers(t, db); len(got["GCN-QCN/2026"]) != 2 || len(got["GCN-QCN/2027"]) != 2 {
			t.Errorf("%v", got)
		}
	}, based)
}

func TestARegisterWithAMissingNumberIsNotSignedOff(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		var c clock
		c.set("2026-11-24T01:00:00Z")
		db := testdb.Open(t, url, testdb.At(c.now))
		s, r, _ := ended(t, db, &c)
		for _, sql := range []string{"UPDATE certificates SET number = 17 WHERE number = 4", "UPDATE certificates SET number = 4 WHERE number = 6"} {
			change(t, db, sql)
			if err := s.CloseRegister(t.Context(), access.System(), r.ID); !errs.Is(err, "register_gap") {
				t.Errorf("%s: %v", sql, err)
			}
			if only(t, s).ClosedAt != nil {
				t.Error("it is signed off all the same")
			}
		}
	}, based)
}

func TestWhatIsEndedWhileARegisterIsSignedOffIsBeforeOrAfterIt(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		var c clock
		c.set("2026-11-24T01:00:00Z")
		db := testdb.Open(t, url, testdb.At(func() time.Time { return time.UnixMicro(c.at.Add(1)) }))
		ids, _, sign := world(t, db, 1, 12)
		s := service(db)
		issueCourse(t, s, ids[0], sign, 12)
		c.set("2027-01-01T00:00:00Z")
		r := only(t, s)
		var all sync.WaitGroup
		for i, e := range lines(t, s) {
			all.Go(func() {
				var err error
				if i%3 == 0 {
					_, err = s.Replace(t.Context(), access.System(), e.ID, sign, "Sai tên")
				} else {
					err = s.Revoke(t.Context(), access.System(), e.ID, "Cấp nhầm")
				}
				if err != nil {
					t.Error(err)
				}
			})
			if i == 5 {
				all.Go(func() {
					if err := s.CloseRegister(t.Context(), access.System(), r.ID); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		stands(t, s, true, "after all that")
		for _, e := range lines(t, s) {
			if e.State == models.CertificateValid {
				t.Errorf("number %d was not ended", e.Number)
			}
		}
	}, based)
}
