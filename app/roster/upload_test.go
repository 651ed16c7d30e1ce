package roster_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// office is a service with a runner that works when a test says so, and a coordinator.
type office struct {
	t  *testing.T
	db *store.DB
	s  *roster.Service
	r  *job.Runner
	by access.Actor
}

func newOffice(t *testing.T, db *store.DB) *office {
	t.Helper()
	s := &roster.Service{DB: db, Keys: testKeys(t)}
	s.Jobs = &job.Runner{DB: db, Kinds: s.Kinds()}
	return &office{t, db, s, s.Jobs, access.System()}
}

func (o *office) upload(name string) uint64 {
	o.t.Helper()
	b, err := os.ReadFile("sheet/testdata/" + name + ".xlsx")
	if err != nil {
		o.t.Fatal(err)
	}
	id, err := o.s.Upload(o.t.Context(), o.by, roster.UploadInput{Name: name + ".xlsx", File: b, Effective: models.MustDay(name[:4] + "-01-01")})
	if err != nil {
		o.t.Fatal(err)
	}
	return id
}

// work runs the next job, of which there must be one or none.
func (o *office) work(r *job.Runner, want bool) {
	o.t.Helper()
	did, err := r.RunOne(o.t.Context())
	if err != nil || did != want {
		o.t.Fatalf("there was a job: %v, %v", did, err)
	}
}

func (o *office) is(id uint64, state models.ImportState) *roster.Import {
	o.t.Helper()
	im, err := o.s.Import(o.t.Context(), o.by, id)
	if err != nil {
		o.t.Fatal(err)
	}
	if im.State != state {
		o.t.Fatalf("the import is %s, want %s", im.State, state)
	}
	return im
}

func (o *office) count(model any) (n int64) {
	o.t.Helper()
	if err := o.db.Read(o.t.Context()).Model(model).Count(&n).Error; err != nil {
		o.t.Fatal(err)
	}
	return n
}

func (o *office) ready(name string) uint64 {
	o.t.Helper()
	id := o.upload(name)
	o.work(o.r, true)
	o.is(id, models.ImportRead)
	return id
}

// again makes a job that was done wait once more, as after a process that died before it could say so.
func (o *office) again(im *roster.Import, state models.JobState, until *time.Time) {
	o.t.Helper()
	_, err := o.db.Write(o.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Model(&models.Job{}).Where("id = ?", *im.JobID).Updates(map[string]any{"state": state, "lease_until": until, "leased_by": "a process that died"}).Error
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func TestAnImportConfirmedTwiceIsWrittenOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id := o.ready("2026-bao-chi")
		twice := o.by
		twice.Key, twice.Action = "a-double-click", "POST /imports/confirm"
		for range 2 {
			if err := o.s.Confirm(t.Context(), twice, id, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.s.Confirm(t.Context(), o.by, id, nil); !errs.Is(err, "import_not_ready") {
			t.Errorf("from another tab: %v", err)
		}
		if err := o.s.Cancel(t.Context(), o.by, id); !errs.Is(err, "import_not_ready") {
			t.Errorf("dropping what is being written: %v", err)
		}
		o.work(o.r, true)
		o.work(o.r, true) // seeks likely twins among the new ones
		o.work(o.r, false)
		im := o.is(id, models.ImportWritten)
		if w := im.Summary.Written; w.Cadres.New != 46 || w.Postings.New != 46 || im.Summary.Refused != 0 {
			t.Errorf("%+v", im.Summary)
		}
		var kept int64
		db.Read(t.Context()).Model(&models.RosterImport{}).Where("length(file) > 0 OR length(preview) > 0").Count(&kept)
		if kept+o.count(&models.RosterImportPage{}) != 0 {
			t.Error("the file or its rows are still kept after they were written")
		}
	}, based)
}

func TestAProcessThatDiesWhileWritingLeavesNothingAndTheNextOneWritesAll(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id := o.ready("2026-bao-chi")
		if err := o.s.Confirm(t.Context(), o.by, id, nil); err != nil {
			t.Fatal(err)
		}
		dies := &job.Runner{DB: db, Kinds: map[string]job.Func{roster.JobWriteImport: func(ctx context.Context, j models.Job, progress job.Progress) (any, error) {
			ctx, kill := context.WithCancel(ctx)
			defer kill()
			return o.s.Kinds()[roster.JobWriteImport](ctx, j, func(done, total int) {
				if done > total/2 {
					kill()
				}
			})
		}}}
		o.work(dies, true)
		im := o.is(id, models.ImportWriting)
		if n := o.count(&models.Cadre{}) + o.count(&models.Posting{}); n != 0 {
			t.Errorf("%d rows were left behind", n)
		}
		// It did not even live to give the job back: the lease runs out.
		past := db.Time().Add(-time.Second)
		o.again(im, models.JobRunning, &past)
		o.work(o.r, true)
		if w := o.is(id, models.ImportWritten).Summary.Written; w.Cadres.New != 46 || o.count(&models.Cadre{}) != 46 {
			t.Errorf("%+v", w)
		}
		// And one that died after the last commit, before it could say so: doing it again changes neither roster nor summary.
		o.again(im, models.JobWaiting, nil)
		o.work(o.r, true)
		if w := o.is(id, models.ImportWritten).Summary.Written; w.Cadres.New != 46 || o.count(&models.Cadre{}) != 46 || o.count(&models.Posting{}) != 46 {
			t.Errorf("after doing it again: %+v", w)
		}
	}, based)
}

func TestAnOfficeThatEndsOrMayKeepNoNamesWhileAnImportIsReadGetsNobody(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id := o.ready("2026-bao-chi")
		if err := o.s.Confirm(t.Context(), o.by, id, nil); err != nil {
			t.Fatal(err)
		}
		j, err := o.r.Get(t.Context(), *o.is(id, models.ImportWriting).JobID)
		if err != nil {
			t.Fatal(err)
		}
		meanwhile := sync.OnceFunc(func() {
			if err := o.s.EndOrganisation(t.Context(), o.by, "HNB", roster.EndInput{LastDay: day("2025-12-31")}); err != nil {
				t.Error(err)
			}
			x := byCode(t, db, "BAO-PTTH")
			if err := o.s.RenameOrganisation(t.Context(), o.by, x.Code, roster.OrganisationNames{Name: x.Name, CountsOnly: true, Seen: x.UpdatedAt}); err != nil {
				t.Error(err)
			}
		})
		if _, err := o.s.Kinds()[roster.JobWriteImport](t.Context(), j, func(int, int) { meanwhile() }); err != nil {
			t.Fatal(err)
		}
		im := o.is(id, models.ImportWritten)
		if n := o.count(&models.Cadre{}) + o.count(&models.Posting{}); n != 0 || im.Summary.Refused != 46 {
			t.Errorf("%d rows were written, %d refused", n, im.Summary.Refused)
		}
		rows, err := o.s.RefusedPage(t.Context(), o.by, id, models.PartRefused, 1)
		if err != nil {
			t.Fatal(err)
		}
		reasons := map[string]int{}
		for _, r := range rows {
			reasons[r.Reason]++
			if (r.Name == "") != (r.Reason == "organisation_counts_only") {
				t.Errorf("row %d, %s, is kept with the name %q", r.Row, r.Reason, r.Name)
			}
		}
		if len(reasons) != 2 || reasons["organisation_counts_only"] == 0 || reasons["organisation_not_active"] == 0 {
			t.Errorf("%v", reasons)
		}
	}, based)
}

func TestTwoProcessesThatWriteTheSameImportAtOnceWriteItOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id := o.ready("2026-ctxh-tinh")
		if err := o.s.Confirm(t.Context(), o.by, id, nil); err != nil {
			t.Fatal(err)
		}
		im := o.is(id, models.ImportWriting)
		j, err := o.r.Get(t.Context(), *im.JobID)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := o.s.Kinds()[roster.JobWriteImport](t.Context(), j, func(int, int) {}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if w := o.is(id, models.ImportWritten).Summary.Written; w.Cadres.New != 42 || o.count(&models.Cadre{}) != 42 {
			t.Errorf("%+v, %d cadres", w, o.count(&models.Cadre{}))
		}
	}, based)
}

func TestTwoImportsOfTheSamePeopleAtOnceMakeEachPersonOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := roster.Service{DB: db, Keys: testKeys(t)}
		file, err := os.ReadFile("sheet/testdata/2026-xa-phuong.xlsx") // some of these people have no national id
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := s.ImportFile(t.Context(), store.By{}, file, models.MustDay("2026-01-01"), false, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var n int64
		db.Read(t.Context()).Model(&models.Cadre{}).Count(&n)
		if n != 509 {
			t.Errorf("%d cadres of 509 people", n)
		}
	}, based)
}

func TestAnImportThatBreaksDownForGoodCanBeConfirmedAgainOrDropped(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id := o.ready("2026-bao-chi")
		if err := o.s.Confirm(t.Context(), o.by, id, nil); err != nil {
			t.Fatal(err)
		}
		breaks := &job.Runner{DB: db, Kinds: map[string]job.Func{roster.JobWriteImport: func(context.Context, models.Job, job.Progress) (any, error) {
			return nil, errors.New("the disk is full")
		}}}
		for range 3 {
			o.work(breaks, true)
		}
		o.work(breaks, false)
		if im := o.is(id, models.ImportWriting); !im.Failed() || im.Busy() || im.Head == nil {
			t.Errorf("%+v", im.Job)
		}
		if err := o.s.Confirm(t.Context(), o.by, id, nil); err != nil {
			t.Fatal(err)
		}
		o.work(o.r, true)
		o.is(id, models.ImportWritten)

		o.work(o.r, true) // seeks likely twins among the new ones
		id = o.upload("2026-bao-chi")
		if err := o.s.Cancel(t.Context(), o.by, id); err != nil {
			t.Fatal(err)
		}
		o.work(o.r, true) // its reading comes too late
		o.work(o.r, false)
		o.is(id, models.ImportCancelled)
		if n := o.count(&models.RosterImportPage{}); n != 0 {
			t.Errorf("%d pages of a dropped import", n)
		}
	}, based)
}

func TestImportsAreThereForThoseOnlyWhoMayImport(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id := o.ready("2026-bao-chi")
		ctx := t.Context()
		for _, r := range []models.Role{models.RoleHead, models.RoleTrainer, models.RoleClerk, models.RoleCadre} {
			a := access.Actor{By: store.By{AccountID: 9}, CadreID: 1, Grants: []access.Grant{{Role: r, OrganisationID: 1, Path: "/0000001"}}}
			_, one := o.s.Import(ctx, a, id)
			_, all := o.s.Imports(ctx, a)
			_, rows := o.s.AcceptedPage(ctx, a, id, models.PartAccepted, 1)
			_, bad := o.s.RefusedPage(ctx, a, id, models.PartRefused, 1)
			_, up := o.s.Upload(ctx, a, roster.UploadInput{Name: "x.xlsx", File: []byte("x"), Effective: models.MustDay("2026-01-01")})
			for what, err := range map[string]error{"one": one, "all": all, "rows": rows, "refused": bad, "upload": up, "confirm": o.s.Confirm(ctx, a, id, nil),
				"decide": o.s.Decide(ctx, a, id, roster.Choice{Page: 1}), "cancel": o.s.Cancel(ctx, a, id)} {
				if !errs.Is(err, "not_found") {
					t.Errorf("%s, %s: %v", r, what, err)
				}
			}
		}
		o.is(id, models.ImportRead)
	}, based)
}

func TestAPageOfAPreviewCostsTheSameHoweverLongTheWorkbookIs(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		var queries []int
		for _, name := range []string{"2026-so-vhttdl", "2026-xa-phuong"} {
			id := o.ready(name)
			queries = append(queries, testdb.CountQueries(db, func() {
				im := o.is(id, models.ImportRead)
				rows, err := o.s.AcceptedPage(t.Context(), o.by, id, models.PartAccepted, 1)
				if err != nil || len(rows) != min(im.Head.Accepted, roster.PageSize) {
					t.Errorf("%s: %d rows, %v", name, len(rows), err)
				}
			}))
			seen := map[string]bool{}
			im := o.is(id, models.ImportRead)
			for n := 1; ; n++ {
				rows, err := o.s.AcceptedPage(t.Context(), o.by, id, models.PartAccepted, n)
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) == 0 {
					break
				}
				for _, r := range rows {
					seen[fmt.Sprint(r.Sheet, r.Row.Row)] = true
				}
			}
			if len(seen) != im.Head.Accepted {
				t.Errorf("%s: the pages hold %d rows of %d", name, len(seen), im.Head.Accepted)
			}
		}
		if queries[0] != queries[1] || queries[0] > 4 {
			t.Errorf("%v queries", queries)
		}
	}, based)
}

func TestAnImportThatTakesItsProcessDownThreeTimesIsGivenUp(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		id := o.upload("2026-bao-chi")
		im := o.is(id, models.ImportReading)
		past := db.Time().Add(-time.Second)
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Job{}).Where("id = ?", *im.JobID).Updates(map[string]any{"state": models.JobRunning, "attempts": 3, "lease_until": past, "leased_by": "a process that died"}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		next := o.upload("2026-ctxh-tinh")
		o.work(o.r, true) // the other one is not held up
		o.work(o.r, false)
		if !o.is(id, models.ImportReading).Failed() {
			t.Error("it is not given up")
		}
		o.is(next, models.ImportRead)
	}, based)
}

func TestAListIsOfADayThatThereIs(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		for _, d := range []models.Day{0, models.Forever} {
			_, err := o.s.Upload(t.Context(), o.by, roster.UploadInput{Name: "a.xlsx", File: []byte("PK"), Effective: d})
			refused(t, "a list of "+d.String(), err, "required")
		}
		if n := o.count(&models.RosterImport{}) + o.count(&models.Job{}); n != 0 {
			t.Errorf("%d rows were left", n)
		}
	}, based)
}
