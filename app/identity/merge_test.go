package identity_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/identity"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/models"
)

func TestTwoRecordsBecomeOneAndTwoAgainExactlyAsBefore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		old := w.cadre("Nông Văn An", "1980", "")
		now := w.cadre("Nông Văn Ân", "1980-05-12", "004080000011")
		// Until 2026 at one office, then at another; both records say something of 2025, and a leave lies across the cut.
		first := w.post(old, "SO-TTTT", "2024-01-01", "2025-03-01", true)
		open := w.post(old, "SO-GDDT", "2025-03-01", "", true)
		w.post(old, "SO-NV", "2024-01-01", "", false)
		w.create(&models.Leave{PostingID: open.ID, Kind: models.LeaveStudy, FromDay: day("2025-11-01"), ToDay: day("2026-03-01")})
		w.create(&models.Leave{PostingID: first.ID, Kind: models.LeaveSick, FromDay: day("2024-02-01"), ToDay: day("2024-03-01")})
		w.post(now, "SO-VHTTDL", "2026-01-01", "", true)
		done, coming, both := w.course(models.CourseClosed, 10), w.course(models.CourseOpen, 10), w.course(models.CourseOpen, 1)
		held := w.enrol(old, done, models.EnrolmentEnrolled)
		w.certificate(w.complete(held, "2024-05-10"))
		w.enrol(now, coming, models.EnrolmentEnrolled)
		w.enrol(old, both, models.EnrolmentEnrolled)
		w.enrol(now, both, models.EnrolmentWaiting)
		w.create(&models.Account{Name: "Ân cũ", CadreID: &old}, &models.Account{Name: "Ân mới", CadreID: &now})
		pair, choice := w.pair(old, now, now)
		before, figures := w.state(old, now), w.coverage()
		if a, b := w.figure("SO-GDDT", "2026-02-01"), w.figure("SO-VHTTDL", "2026-02-01"); a != "1 of 1" || b != "0 of 1" {
			t.Fatalf("one person twice: %s and %s", a, b)
		}

		must(t, w.Merge(ctx, access.System(), pair, choice))
		for office, want := range map[string]string{"SO-GDDT 2026-02-01": "0 of 0", "SO-VHTTDL 2026-02-01": "1 of 1", "SO-GDDT 2025-06-01": "1 of 1", "SO-TTTT 2024-06-01": "1 of 1"} {
			at := strings.Fields(office)
			if got := w.figure(at[0], at[1]); got != want {
				t.Errorf("%s: %s, want %s", office, got, want)
			}
		}
		c := w.read(now)
		if c.FullName != "Nông Văn Ân" || w.read(old).MergedIntoID == nil || *w.read(old).MergedIntoID != now {
			t.Errorf("%+v", c)
		}
		if _, err := w.Roster.Cadre(ctx, access.System(), access.RosterRead, old); !errs.Is(err, "not_found") {
			t.Errorf("the record that was given up is found: %v", err)
		}
		detail, err := w.Roster.Cadre(ctx, access.System(), access.RosterRead, now)
		must(t, err)
		if len(detail.Completions) != 1 || len(detail.Postings) != 4 || detail.AccountName != "Ân mới" {
			t.Errorf("%+v", detail)
		}
		var seats []models.Enrolment
		must(t, w.DB.Read(ctx).Where("course_id = ? AND state <> ?", both.ID, models.EnrolmentWithdrawn).Find(&seats).Error)
		if len(seats) != 1 || seats[0].CadreID != now || seats[0].State != models.EnrolmentEnrolled {
			t.Errorf("the seat stays and the waiting goes: %+v", seats)
		}
		must(t, w.Undo(ctx, access.System(), pair))
		if got := w.state(old, now); got != before {
			t.Errorf("after undoing\n%s\nbefore\n%s", got, before)
		}
		if got := w.coverage(); got != figures {
			t.Error("figures after undoing are not those of before")
		}
		choice.Version = w.version(pair)
		must(t, w.Merge(ctx, access.System(), pair, choice)) // and once more
		if err := w.Undo(ctx, access.System(), pair); err != nil {
			t.Error(err)
		}
		if got := w.state(old, now); got != before {
			t.Error("after the second time it is not as before")
		}
	})
}

func TestChosenValuesWinAndListsWithTheOtherIDLeadToTheOneKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		typo := w.cadre("Lê Thị Bình", "1985", "004185000021")
		right := w.cadre("Lê Thị Bính", "1985-03-04", "004185000012")
		w.post(typo, "SO-GDDT", "2026-01-01", "", true)
		pair, choice := w.pair(typo, right, typo)
		choice.Name, choice.Born, choice.ID = right, right, right
		must(t, w.Merge(ctx, access.System(), pair, choice))
		c := w.read(typo)
		if c.FullName != "Lê Thị Bính" || c.BirthDay != day("1985-03-04") || c.NameKey != w.read(right).NameKey {
			t.Errorf("%+v", c)
		}
		if n, err := w.Roster.LookAtIDs(ctx, access.System(), typo, ""); err != nil || n.National != "004185000012" {
			t.Errorf("%+v %v", n, err)
		}
		for _, id := range []string{"004185000021", "004185000012"} {
			_, out, err := w.Roster.Plan(ctx, []roster.Entry{{Person: roster.Person{Name: "Lê Thị Bính", NationalID: id}, OrganisationID: w.orgs["SO-NV"].ID, Title: "CV"}}, day("2026-06-01"), nil)
			if err != nil || out[0].New || out[0].CadreID != typo || out[0].ByName {
				t.Errorf("a list with %s: %+v %v", id, out, err)
			}
		}
		if _, out, err := w.Roster.Plan(ctx, []roster.Entry{{Person: roster.Person{Name: "Lê Thị Bình", Born: "1985"}, OrganisationID: w.orgs["SO-NV"].ID}}, day("2026-06-01"), nil); err != nil || !out[0].New {
			t.Errorf("a name alone leads nowhere: %+v %v", out, err)
		}
	})
}

func TestMergesThatCannotBeAreRefusedAndChangeNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.cadre("Nông Văn An", "1980", ""), w.cadre("Nông Văn An", "1980", "")
		w.post(a, "SO-GDDT", "2026-01-01", "", true)
		pair, choice := w.pair(a, b, a)
		account := models.Account{Name: "An", CadreID: &b}
		w.create(&account, &models.Account{Name: "An", CadreID: &a})
		head := models.Grant{AccountID: account.ID, Role: models.RoleCoordinator}
		w.create(&head)
		closed := w.course(models.CourseClosed, 10)
		w.complete(w.enrol(a, closed, models.EnrolmentEnrolled), "2026-05-10")
		second := w.enrol(b, closed, models.EnrolmentEnrolled)
		extra := w.complete(second, "2026-05-10")
		before := w.state(a, b)
		refused := func(what, code string, c identity.Choice) {
			t.Helper()
			if err := w.Merge(ctx, access.System(), pair, c); !errs.Is(err, code) {
				t.Errorf("%s: %v, want %s", what, err, code)
			}
			if w.state(a, b) != before {
				t.Errorf("%s: something changed", what)
			}
		}
		refused("both have results in one course", "merge_both_in_course", choice)
		_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Delete(&models.Completion{}, extra.ID).Error
		})
		must(t, err)
		before = w.state(a, b)
		refused("an account with other roles", "merge_account_has_roles", choice)
		stays := choice
		stays.Account = b
		old := stays
		old.Version = "0"
		refused("an old page", "stale", old)
		third := stays
		third.Keep = 987654321
		refused("a third record", "choice", third)
		if err := w.Merge(ctx, access.Actor{Grants: []access.Grant{{Role: models.RoleHead, Path: "/"}}}, pair, stays); !errs.Is(err, "not_found") {
			t.Errorf("a head: %v", err)
		}
		must(t, w.Merge(ctx, access.System(), pair, stays))
		if err := w.Merge(ctx, access.System(), pair, stays); !errs.Is(err, "twin_decided") {
			t.Errorf("twice: %v", err)
		}
		if err := w.Distinct(ctx, access.System(), pair); !errs.Is(err, "twin_decided") {
			t.Errorf("not the same, after the merge: %v", err)
		}
	})
}

func TestAMergeIsNotUndoneOverWhatCameSince(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, x := range []struct {
			code string
			do   func(a uint64, c models.Course)
		}{
			{"merge_data_changed", func(a uint64, _ models.Course) {
				_, err := w.Roster.UpdateCadre(ctx, access.System(), a, roster.CadreInput{Typed: roster.Typed{Name: "Người Khác", Born: "1980"}, Version: roster.Version(w.read(a))})
				must(t, err)
			}},
			{"merge_postings_changed", func(a uint64, _ models.Course) { w.post(a, "SO-NV", "2026-06-01", "", false) }},
			{"merge_seat_gone", func(_ uint64, c models.Course) {
				w.enrol(w.cadre("Người Chờ", "1990", ""), c, models.EnrolmentEnrolled)
			}},
			{"", func(a uint64, _ models.Course) { // what does not touch the merge stays with the one kept
				w.enrol(a, w.course(models.CourseOpen, 10), models.EnrolmentEnrolled)
			}},
		} {
			a, b := w.cadre("Nông Văn An", "1980", ""), w.cadre("Nông Văn An", "1980", "")
			w.post(a, "SO-GDDT", "2026-01-01", "", true)
			w.post(b, "SO-GDDT", "2025-01-01", "", true)
			c := w.course(models.CourseOpen, 2)
			w.enrol(a, c, models.EnrolmentEnrolled)
			w.enrol(b, c, models.EnrolmentEnrolled)
			pair, choice := w.pair(a, b, a)
			must(t, w.Merge(ctx, access.System(), pair, choice))
			x.do(a, c)
			after := w.state(a, b)
			err := w.Undo(ctx, access.System(), pair)
			if x.code == "" && err != nil || x.code != "" && !errs.Is(err, x.code) {
				t.Errorf("%v, want %q", err, x.code)
			}
			if x.code != "" && w.state(a, b) != after {
				t.Errorf("%s: something changed", x.code)
			}
		}
	})
}

func TestWhatCameOfAPlaceSinceTheMergeFollowsItBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.cadre("Nông Văn An", "1980", ""), w.cadre("Nông Văn An", "1980", "")
		own, moved, both := w.course(models.CourseRunning, 10), w.course(models.CourseRunning, 10), w.course(models.CourseRunning, 10)
		mine, theirs := w.enrol(a, own, models.EnrolmentEnrolled), w.enrol(b, moved, models.EnrolmentEnrolled)
		w.enrol(a, both, models.EnrolmentWithdrawn)
		stronger := w.enrol(b, both, models.EnrolmentEnrolled)
		paper := models.Recognition{CadreID: b, Title: "Bồi dưỡng", Body: "Bộ", FirstDay: day("2025-01-01"), LastDay: day("2025-01-02"), PaperNumber: "1", PaperKey: "1",
			LivePaperKey: new("1"), State: models.RecognitionApproved}
		w.create(&paper)
		pair, choice := w.pair(a, b, a)
		must(t, w.Merge(ctx, access.System(), pair, choice))
		for _, e := range []*models.Enrolment{&mine, &theirs, &stronger} { // the courses end, as courses do: everybody is the one kept
			must(t, w.DB.Read(ctx).Take(e, e.ID).Error)
			if e.CadreID != a {
				t.Fatalf("%+v", e)
			}
		}
		w.complete(mine, "2026-10-01")
		w.certificate(w.complete(theirs, "2026-10-02"))
		w.complete(stronger, "2026-10-03")
		w.create(&models.Completion{CadreID: a, RecognitionID: &paper.ID, EffectiveDay: paper.LastDay})
		must(t, w.Undo(ctx, access.System(), pair))
		for cadre, want := range map[uint64]int64{a: 1, b: 3} {
			var n int64
			must(t, w.DB.Read(ctx).Model(&models.Completion{}).Where("cadre_id = ?", cadre).Count(&n).Error)
			if n != want {
				t.Errorf("%d completions of cadre %d, want %d", n, cadre, want)
			}
		}
		var apart int64
		must(t, w.DB.Read(ctx).Table("completions c").Joins("LEFT JOIN enrolments e ON e.id = c.enrolment_id").Joins("LEFT JOIN recognitions r ON r.id = c.recognition_id").
			Joins("LEFT JOIN certificates z ON z.completion_id = c.id").
			Where("c.cadre_id <> COALESCE(e.cadre_id, r.cadre_id) OR c.cadre_id <> COALESCE(z.cadre_id, c.cadre_id)").Count(&apart).Error)
		if apart != 0 {
			t.Errorf("%d completions of somebody else than their place", apart)
		}
	})
}

func TestAPaperThatBothHadBroughtIsTheirsAgainWhenTheMergeIsUndone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.cadre("Nông Văn An", "1980", ""), w.cadre("Nông Văn An", "1980", "")
		for _, c := range []uint64{a, b} {
			w.create(&models.Recognition{CadreID: c, Title: "Bồi dưỡng", Body: "Bộ", FirstDay: day("2025-01-01"), LastDay: day("2025-01-02"), PaperNumber: "1", PaperKey: "1",
				LivePaperKey: new("1"), State: models.RecognitionProposed})
		}
		papers := func() (out []models.Recognition) {
			must(t, w.DB.Read(ctx).Select("id", "cadre_id", "live_paper_key").Order("id").Find(&out).Error)
			return out
		}
		pair, choice := w.pair(a, b, a)
		must(t, w.Merge(ctx, access.System(), pair, choice))
		if p := papers(); p[0].CadreID != a || p[1].CadreID != a || *p[0].LivePaperKey == *p[1].LivePaperKey {
			t.Errorf("%+v", p)
		}
		must(t, w.Undo(ctx, access.System(), pair))
		if p := papers(); p[0].CadreID != a || p[1].CadreID != b || *p[0].LivePaperKey != "1" || *p[1].LivePaperKey != "1" {
			t.Errorf("%d %q, %d %q", p[0].CadreID, *p[0].LivePaperKey, p[1].CadreID, *p[1].LivePaperKey)
		}
	})
}

func TestAnAccountThatWasDisabledSinceTheMergeStaysDisabled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b, c, d := w.cadre("Nông Văn An", "1980", ""), w.cadre("Nông Văn An", "1980", ""), w.cadre("Lý Thị Mơ", "1981", ""), w.cadre("Lý Thị Mơ", "1981", "")
		stays, gaveWay, only := models.Account{Name: "ở lại", CadreID: &a}, models.Account{Name: "nhường", CadreID: &b}, models.Account{Name: "một mình", CadreID: &d}
		w.create(&stays, &gaveWay, &only)
		for _, x := range []struct{ kept, gone, account uint64 }{{a, b, stays.ID}, {c, d, only.ID}} {
			pair, choice := w.pair(x.kept, x.gone, x.kept)
			must(t, w.Merge(ctx, access.System(), pair, choice))
			_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
				return 0, tx.Model(&models.Account{}).Where("id = ?", x.account).Update("disabled", true).Error
			})
			must(t, err)
			must(t, w.Undo(ctx, access.System(), pair))
		}
		for _, x := range []struct {
			models.Account
			cadre    uint64
			disabled bool
		}{{stays, a, true}, {gaveWay, b, false}, {only, d, true}} {
			var now models.Account
			must(t, w.DB.Read(ctx).Take(&now, x.ID).Error)
			if now.Disabled != x.disabled || now.CadreID == nil || *now.CadreID != x.cadre {
				t.Errorf("%s: %+v", x.Name, now)
			}
		}
	})
}

func TestASeatThatATwinHeldGoesToTheWaitingList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.cadre("Nông Văn An", "1980", ""), w.cadre("Nông Văn An", "1980", "")
		c := w.course(models.CourseOpen, 2)
		w.enrol(a, c, models.EnrolmentEnrolled)
		w.enrol(b, c, models.EnrolmentEnrolled)
		waits := w.enrol(w.cadre("Lê Chờ", "1990", ""), c, models.EnrolmentWaiting)
		pair, choice := w.pair(a, b, a)
		must(t, w.Merge(ctx, access.System(), pair, choice))
		must(t, w.DB.Read(ctx).Take(&waits, waits.ID).Error)
		if waits.State != models.EnrolmentEnrolled {
			t.Errorf("%+v", waits)
		}
	})
}

func TestTwoCoordinatorsAtOnceDecideAPairOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 4 {
			a, b := w.cadre("Nông Văn An", "1980", ""), w.cadre("Nông Văn An", "1980", "")
			w.post(a, "SO-GDDT", "2026-01-01", "", true)
			w.post(b, "SO-NV", "2026-01-01", "", true)
			pair, choice := w.pair(a, b, a)
			other := choice
			other.Keep = b
			got := make([]error, 3)
			var wg sync.WaitGroup
			for i, do := range []func() error{
				func() error { return w.Merge(ctx, access.System(), pair, choice) },
				func() error { return w.Merge(ctx, access.System(), pair, other) },
				func() error { return w.Distinct(ctx, access.System(), pair) },
			} {
				wg.Go(func() { got[i] = do() })
			}
			wg.Wait()
			done := 0
			for _, err := range got {
				switch {
				case err == nil:
					done++
				case !errs.Is(err, "twin_decided"):
					t.Error(err)
				}
			}
			if done != 1 {
				t.Errorf("%d decisions: %v", done, got)
			}
		}
	})
}

// TestEverythingThatLeadsToACadreGoesAlong holds the lists of this package to the schema: a new table with a cadre in it is named in
// one of them, or merging would leave its rows behind.
func TestEverythingThatLeadsToACadreGoesAlong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if w.DB.Dialect != store.SQLite {
			return // both schemas have the same foreign keys, says a test of models/migrate
		}
		own := []string{"postings.cadre_id", "enrolments.cadre_id", "accounts.cadre_id", // by rules of their own
			"twin_pairs.cadre_a_id", "twin_pairs.cadre_b_id", "cadre_merges.kept_id", "cadre_merges.gone_id", "cadres.merged_into_id"} // who is who
		tables, err := w.DB.Read(ctx).Migrator().GetTables()
		must(t, err)
		for _, table := range tables {
			var keys []struct{ Col, Parent string }
			must(t, w.DB.Read(ctx).Raw(`SELECT "from" AS col, "table" AS parent FROM pragma_foreign_key_list(?)`, table).Scan(&keys).Error)
			for _, k := range keys {
				at := table + "." + k.Col
				if k.Parent == "cadres" && !slices.Contains(own, at) && !slices.Contains(identity.References[table], k.Col) {
					t.Errorf("%s leads to a cadre: say in identity.References that it goes along", at)
				}
			}
		}
	})
}
