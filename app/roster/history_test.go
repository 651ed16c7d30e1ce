package roster_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// placeAt gives the place of an organisation, a title after an "=", groups after a "+": "SO-TP=Phó phòng+QCN".
func placeAt(t testing.TB, db *store.DB, says string) roster.Place {
	t.Helper()
	var at roster.Place
	says, groups, _ := strings.Cut(says, "+")
	code, title, _ := strings.Cut(says, "=")
	at.Title = title
	if at.Title == "" {
		at.Title = "Chuyên viên"
	}
	if err := db.Read(context.Background()).Take(&at.Organisation, "code = ?", code).Error; err != nil {
		t.Fatal(code, err)
	}
	if groups != "" {
		if err := db.Read(context.Background()).Model(&models.TargetGroup{}).Where("code IN ?", strings.Split(groups, "+")).Order("id").Pluck("id", &at.Groups).Error; err != nil {
			t.Fatal(err)
		}
	}
	return at
}

func newCadre(t testing.TB, db *store.DB, name string) uint64 {
	t.Helper()
	id, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		c := models.Cadre{FullName: name}
		err := tx.Create(&c).Error
		return c.ID, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// change does something to a cadre's history as everybody has to: lock, change, save.
func change(db *store.DB, cadre uint64, do func(h *roster.History) error) error {
	_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		hs, err := roster.LockHistories(tx, cadre)
		if err != nil {
			return 0, err
		}
		if err := do(hs[cadre]); err != nil {
			return 0, err
		}
		return 0, hs[cadre].Save(tx)
	})
	return err
}

// inWords writes the postings of a cadre as the database has them: "SO-TP 2024-01-01–2026-03-01 transferred; …".
func inWords(t testing.TB, db *store.DB, cadre uint64) string {
	t.Helper()
	var out []string
	_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		out = nil
		hs, err := roster.LockHistories(tx, cadre)
		if err != nil {
			return 0, err
		}
		for _, p := range hs[cadre].Postings {
			var o models.Organisation
			if err := tx.Take(&o, p.OrganisationID).Error; err != nil {
				return 0, err
			}
			s := o.Code
			if !p.Main {
				s += " beside"
			}
			if p.Title != "Chuyên viên" {
				s += " " + p.Title
			}
			if len(p.Groups) > 0 {
				s += fmt.Sprintf(" %d groups", len(p.Groups))
			}
			s += span(p.FromDay, p.ToDay)
			if p.EndReason != "" {
				s += " " + string(p.EndReason)
			}
			for _, l := range p.Leaves {
				s += ", " + string(l.Kind) + span(l.FromDay, l.ToDay)
			}
			out = append(out, s)
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "; ")
}

func span(from, to models.Day) string {
	if to == models.Forever {
		return " " + from.String() + "–"
	}
	return " " + from.String() + "–" + to.String()
}

func day(s string) models.Day { return models.MustDay(s) }

// story is what is done to one cadre, step by step, with what the database says after each.
type story struct {
	does func(h *roster.History) error
	want string // "" : refused with code, and nothing changed
	code string
}

func TestAHistoryIsKeptAsLifeGoes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		at := func(says string) roster.Place { return placeAt(t, db, says) }
		nth := func(h *roster.History, i int) uint64 { return h.Postings[i].ID }
		hire := func(says, from, to string) func(h *roster.History) error {
			return func(h *roster.History) error { h.Hire(at(says), day(from), day(to)); return nil }
		}
		transfer := func(says, from string) func(h *roster.History) error {
			return func(h *roster.History) error { _, err := h.Transfer(at(says), day(from)); return err }
		}
		end := func(i int, to string, why models.EndReason) func(h *roster.History) error {
			return func(h *roster.History) error { return h.EndAt(nth(h, i), day(to), why) }
		}
		leave := func(i int, kind models.LeaveKind, from, to string) func(h *roster.History) error {
			return func(h *roster.History) error { return h.AddLeave(nth(h, i), kind, day(from), day(to)) }
		}
		correct := func(i int, says, from, to string) func(h *roster.History) error {
			return func(h *roster.History) error {
				last := models.Forever
				if to != "" {
					last = day(to)
				}
				return h.Correct(nth(h, i), at(says), day(from), last, h.Postings[i].EndReason)
			}
		}
		for name, steps := range map[string][]story{
			"from office to office": {
				{does: hire("SO-TP+QCN", "2024-01-01", ""), want: "SO-TP 1 groups 2024-01-01–"},
				{does: leave(0, models.LeaveStudy, "2025-09-01", "2026-06-01"), want: "SO-TP 1 groups 2024-01-01–, study 2025-09-01–2026-06-01"},
				{does: leave(0, models.LeaveSick, "2026-01-01", "2026-02-01"), code: "leave_overlap"},
				{does: leave(0, models.LeaveSick, "2023-12-01", "2024-02-01"), code: "leave_outside_posting"},
				{does: leave(0, models.LeaveSick, "2024-05-01", "2024-05-01"), code: "end_before_start"},
				{does: transfer("SO-NV", "2026-03-01"), want: "SO-TP 1 groups 2024-01-01–2026-03-01 transferred, study 2025-09-01–2026-03-01; SO-NV 2026-03-01–, study 2026-03-01–2026-06-01"},
				{does: transfer("SO-NV", "2026-05-01"), code: "transfer_to_same_organisation"},
				{does: transfer("SO-YT", "2026-03-01"), code: "posting_starts_that_day"},
				{does: transfer("SO-YT", "2023-03-01"), code: "no_main_posting"},
				{does: transfer("SO-TTTT", "2026-05-01"), code: "organisation_not_active"},
				{does: transfer("CB-QLNN", "2026-05-01"), code: "organisation_is_total"},
				{does: hire("SO-YT", "2024-05-01", ""), code: "posting_overlap"},
				{does: hire("SO-YT", "2024-01-01", ""), code: "posting_overlap"},
				{does: end(1, "2026-03-01", models.EndRetired), code: "end_before_start"},
				{does: end(0, "2026-04-01", models.EndTransferred), code: "posting_overlap"},
				{does: end(0, "2026-02-01", models.EndRetired), code: "posting_follows"},
				{does: end(1, "2027-01-01", models.EndRetired), want: "SO-TP 1 groups 2024-01-01–2026-03-01 transferred, study 2025-09-01–2026-03-01; SO-NV 2026-03-01–2027-01-01 retired, study 2026-03-01–2026-06-01"},
				{does: transfer("SO-YT", "2026-12-01"), want: "SO-TP 1 groups 2024-01-01–2026-03-01 transferred, study 2025-09-01–2026-03-01; SO-NV 2026-03-01–2026-12-01 transferred, study 2026-03-01–2026-06-01; SO-YT 2026-12-01–2027-01-01 retired"},
				{does: func(h *roster.History) error { return h.Remove(nth(h, 2)) }, want: "SO-TP 1 groups 2024-01-01–2026-03-01 transferred, study 2025-09-01–2026-03-01; SO-NV 2026-03-01–2027-01-01 retired, study 2026-03-01–2026-06-01"},
			},
			"an organisation ends": {
				{does: hire("SO-TTTT", "2024-01-01", ""), want: "SO-TTTT 2024-01-01–2025-03-01 organisation_ended"},
				{does: transfer("SO-DTTG", "2025-02-01"), code: "organisation_not_active"},
				{does: leave(0, models.LeaveSecondment, "2024-06-01", ""), want: "SO-TTTT 2024-01-01–2025-03-01 organisation_ended, secondment 2024-06-01–2025-03-01"},
				{does: hire("SO-KHCN", "2025-03-01", ""), want: "SO-TTTT 2024-01-01–2025-03-01 organisation_ended, secondment 2024-06-01–2025-03-01; SO-KHCN 2025-03-01–"},
				{does: func(h *roster.History) error { return h.Remove(nth(h, 1)) }, want: "SO-TTTT 2024-01-01–2025-03-01 organisation_ended, secondment 2024-06-01–2025-03-01"},
				{does: transfer("SO-VHTTDL", "2025-02-01"), want: "SO-TTTT 2024-01-01–2025-02-01 transferred, secondment 2024-06-01–2025-02-01; SO-VHTTDL 2025-02-01–"},
				{does: hire("UBND-HOAAN", "2023-01-01", "2024-01-01"), want: "UBND-HOAAN 2023-01-01–2024-01-01; SO-TTTT 2024-01-01–2025-02-01 transferred, secondment 2024-06-01–2025-02-01; SO-VHTTDL 2025-02-01–"},
				{does: hire("UBND-HOAAN", "2022-01-01", "2023-01-01"), code: "organisation_not_active"},
			},
			"what was recorded wrongly": {
				{does: hire("SO-TP", "2024-01-01", ""), want: "SO-TP 2024-01-01–"},
				{does: transfer("SO-NV", "2026-03-01"), want: "SO-TP 2024-01-01–2026-03-01 transferred; SO-NV 2026-03-01–"},
				{does: correct(1, "SO-NV=Phó phòng+QCN+TTTT", "2026-04-01", ""), want: "SO-TP 2024-01-01–2026-04-01 transferred; SO-NV Phó phòng 2 groups 2026-04-01–"},
				{does: correct(0, "SO-YT", "2024-01-01", "2026-02-01"), want: "SO-YT 2024-01-01–2026-02-01 transferred; SO-NV Phó phòng 2 groups 2026-02-01–"},
				{does: correct(1, "SO-NV", "2023-12-01", ""), code: "end_before_start"},
				{does: correct(1, "SO-NV", "2026-02-01", "2026-02-01"), code: "end_before_start"},
				{does: correct(1, "X-HOAAN+TTDN", "2026-02-01", ""), want: "SO-YT 2024-01-01–2026-02-01 transferred; X-HOAAN 1 groups 2026-02-01–"},
				{does: correct(0, "CTXH-HOAAN", "2024-01-01", "2025-09-01"), code: "organisation_not_active"},
			},
			"two offices at once": {
				{does: hire("SO-TP", "2024-01-01", ""), want: "SO-TP 2024-01-01–"},
				{does: func(h *roster.History) error { h.AddConcurrent(at("BCD-NQ+QCN"), day("2024-06-01"), 0); return nil }, want: "SO-TP 2024-01-01–; BCD-NQ beside 1 groups 2024-06-01–"},
				{does: func(h *roster.History) error {
					_, err := h.ChangeFrom(nth(h, 1), at("BCD-NQ=Ủy viên"), day("2025-01-01"))
					return err
				}, want: "SO-TP 2024-01-01–; BCD-NQ beside 1 groups 2024-06-01–2025-01-01; BCD-NQ beside Ủy viên 2025-01-01–"},
				{does: end(0, "2024-09-01", models.EndDied), code: "posting_follows"},
				{does: end(0, "2026-09-01", models.EndDied), want: "SO-TP 2024-01-01–2026-09-01 died; BCD-NQ beside 1 groups 2024-06-01–2025-01-01; BCD-NQ beside Ủy viên 2025-01-01–2026-09-01 died"},
			},
			"groups stand at their levels": {
				{does: hire("CTXH-HOAAN+CTXH", "2024-01-01", ""), want: "CTXH-HOAAN 1 groups 2024-01-01–2025-07-01 organisation_ended"},
				{does: hire("X-HOAAN+CTXH", "2025-07-01", ""), want: "CTXH-HOAAN 1 groups 2024-01-01–2025-07-01 organisation_ended; X-HOAAN 1 groups 2025-07-01–"},
			},
		} {
			id := newCadre(t, db, "Nông Thị "+name)
			before := ""
			for i, s := range steps {
				err := change(db, id, s.does)
				if s.code != "" {
					s.want = before
				}
				if s.code == "" && err != nil || s.code != "" && !errs.Is(err, s.code) {
					t.Errorf("%s, step %d: %v, not %q", name, i, err, s.code)
				}
				if got := inWords(t, db, id); got != s.want {
					t.Errorf("%s, step %d:\n got %s\nwant %s", name, i, got, s.want)
				}
				before = s.want
			}
		}
	}, based)
}

func TestTheDatabaseItselfRefusesASecondMainPosting(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		id := newCadre(t, db, "Hoàng Văn Thụ")
		at := placeAt(t, db, "SO-TP").Organisation.ID
		write := func(do func(tx *store.Tx) error) error {
			_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, do(tx) })
			return err
		}
		posting := func(from, to string, main bool) *models.Posting {
			return &models.Posting{CadreID: id, OrganisationID: at, Title: "Chuyên viên", FromDay: day(from), ToDay: day(to), Main: main}
		}
		first, last := posting("2024-01-01", "2025-01-01", true), posting("2025-01-01", "9999-12-31", true)
		beside := posting("2024-06-01", "9999-12-31", false)
		if err := write(func(tx *store.Tx) error { return tx.Create([]*models.Posting{first, last, beside}).Error }); err != nil {
			t.Fatal("side by side and concurrent is allowed:", err)
		}
		for says, do := range map[string]func(tx *store.Tx) error{
			"a third within":     func(tx *store.Tx) error { return tx.Create(posting("2024-03-01", "2024-04-01", true)).Error },
			"a third around":     func(tx *store.Tx) error { return tx.Create(posting("2023-03-01", "2026-04-01", true)).Error },
			"a later end":        func(tx *store.Tx) error { return tx.Model(first).Update("to_day", day("2025-01-02")).Error },
			"an earlier start":   func(tx *store.Tx) error { return tx.Model(last).Update("from_day", day("2024-12-31")).Error },
			"a concurrent, main": func(tx *store.Tx) error { return tx.Model(beside).Update("main", true).Error },
		} {
			if err := write(do); err == nil || !errors.Is(err, gorm.ErrDuplicatedKey) && !strings.Contains(err.Error(), "posting_overlap") {
				t.Errorf("%s: %v", says, err)
			}
		}
	}, based)
}

func TestWhoWantsToChangeAHistoryWaitsForTheOther(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		id := newCadre(t, db, "Bế Văn Đàn")
		at := placeAt(t, db, "SO-TP")
		const writers = 16
		var wg sync.WaitGroup
		results := make([]error, writers)
		for i := range writers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				results[i] = change(db, id, func(h *roster.History) error {
					h.Hire(at, day("2024-01-01").AddDays(i), 0)
					return nil
				})
			}()
		}
		wg.Wait()
		// A hire that comes before those recorded so far stops where they begin; one that comes after meets a posting that is running.
		var n int64
		for i, err := range results {
			switch {
			case err == nil:
				n++
			case !errs.Is(err, "posting_overlap"):
				t.Errorf("writer %d: %v", i, err)
			}
		}
		var c models.Cadre
		var rows []models.Posting
		if err := db.Read(t.Context()).Take(&c, id).Error; err != nil {
			t.Fatal(err)
		}
		if err := db.Read(t.Context()).Where("cadre_id = ?", id).Order("from_day").Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		if int64(len(rows)) != n || int64(c.HistoryVersion) != n || n == 0 {
			t.Errorf("%d writers succeeded, there are %d postings and the version is %d", n, len(rows), c.HistoryVersion)
		}
		for i := range rows {
			if i > 0 && rows[i-1].ToDay != rows[i].FromDay || i == len(rows)-1 && rows[i].ToDay != models.Forever {
				t.Errorf("posting %d: %+v", i, rows[i])
			}
		}
	}, based)
}
