package job_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func add(t *testing.T, db *store.DB, n int) {
	t.Helper()
	_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		for i := range n {
			if _, err := job.Add(tx, "test", i); err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, db *store.DB) []models.Job {
	t.Helper()
	var js []models.Job
	if err := db.Read(context.Background()).Order("id").Find(&js).Error; err != nil {
		t.Fatal(err)
	}
	return js
}

func runner(db *store.DB, f job.Func) *job.Runner {
	return &job.Runner{DB: db, Log: slog.New(slog.NewTextHandler(new(bytes.Buffer), nil)), Kinds: map[string]job.Func{"test": f}}
}

// drain runs jobs until there are none.
func drain(t *testing.T, r *job.Runner) {
	t.Helper()
	for {
		did, err := r.RunOne(context.Background())
		if err != nil {
			t.Error(err)
		}
		if !did || err != nil {
			return
		}
	}
}

func TestAJobThatWasRefusedKeepsWhatItsSentenceSays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		want := errs.Params{"until": models.MustDay("2026-11-26"), "n": 42, "glyph": "字"}
		refusals := []error{errs.Conflict("signing_key_expired", want), errs.OnField("elements.3", "glyph_missing", want), errs.Conflict("nothing_to_issue")}
		add(t, db, len(refusals))
		n := 0
		drain(t, runner(db, func(context.Context, models.Job, job.Progress) (any, error) {
			n++
			return nil, refusals[n-1]
		}))
		for i, j := range all(t, db) {
			code := []string{"signing_key_expired", "glyph_missing", "nothing_to_issue"}[i]
			if got := job.Refusal(j); j.ErrorCode != code || i < 2 && !reflect.DeepEqual(got, want) || i == 2 && got != nil {
				t.Errorf("%s: %+v, %v", code, j, got)
			}
		}
	})
}

func TestServersOfOneDatabaseShareJobsAndEachIsDoneOnce(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		const jobs = 30
		one := testdb.Open(t, url)
		add(t, one, jobs)
		var mu sync.Mutex
		times := map[uint64]int{}
		work := func(_ context.Context, j models.Job, progress job.Progress) (any, error) {
			mu.Lock()
			defer mu.Unlock()
			times[j.ID]++
			progress(1, 1)
			return j.ID, nil
		}
		var wg sync.WaitGroup
		for _, db := range []*store.DB{one, testdb.Open(t, url), testdb.Open(t, url)} {
			wg.Go(func() { drain(t, runner(db, work)) })
		}
		wg.Wait()
		for _, j := range all(t, one) {
			if j.State != models.JobDone || times[j.ID] != 1 || j.Attempts != 1 || j.Done != 1 {
				t.Errorf("done %d times: %+v", times[j.ID], j)
			}
		}
	})
}

func TestAJobOfAProcessThatDiedIsTakenUpByAnotherAndGivenUpAfterThreeDeaths(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		var at atomic.Int64
		at.Store(testdb.Now.UnixMicro())
		db := testdb.Open(t, url, testdb.At(func() time.Time { return time.UnixMicro(at.Load()) }))
		add(t, db, 1)
		// A process that dies leaves the row as it was after the claim.
		die := func() {
			_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
				until := tx.Now.Add(time.Minute)
				var j models.Job
				if err := tx.Lock().Take(&j).Error; err != nil {
					return 0, err
				}
				j.State, j.LeasedBy, j.LeaseUntil, j.Attempts = models.JobRunning, "dead", &until, j.Attempts+1
				return 0, tx.Save(&j).Error
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		runs := 0
		r := runner(db, func(context.Context, models.Job, job.Progress) (any, error) {
			runs++
			return nil, errors.New("bad luck")
		})
		die()
		if did, err := r.RunOne(context.Background()); did || err != nil {
			t.Fatal("took a job whose lease holds", err)
		}
		at.Add((2 * time.Minute).Microseconds())
		if did, err := r.RunOne(context.Background()); !did || err != nil || runs != 1 {
			t.Fatal("did not take up the job", did, err)
		}
		die()
		at.Add((2 * time.Minute).Microseconds())
		drain(t, r)
		if j := all(t, db)[0]; j.State != models.JobFailed || j.ErrorCode != "internal" || runs != 1 {
			t.Errorf("after three attempts: ran %d times, %+v", runs, j)
		}
	})
}

func TestARefusalEndsAJobAtOnceAndAPanicIsNoEndOfTheProcess(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		add(t, db, 2)
		runs := map[uint64]int{}
		r := runner(db, func(_ context.Context, j models.Job, _ job.Progress) (any, error) {
			runs[j.ID]++
			if j.Payload == "0" {
				return nil, errs.Invalid("not_a_workbook")
			}
			panic("oh")
		})
		var log bytes.Buffer
		r.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
		drain(t, r)
		if strings.Contains(log.String(), "not_a_workbook") || strings.Count(log.String(), "panic: oh") != 3 {
			t.Errorf("an error in the log is what somebody has to look at: %s", &log)
		}
		js := all(t, db)
		if js[0].ErrorCode != "not_a_workbook" || runs[js[0].ID] != 1 {
			t.Errorf("refused: %+v, ran %d times", js[0], runs[js[0].ID])
		}
		if js[1].State != models.JobFailed || js[1].ErrorCode != "internal" || runs[js[1].ID] != 3 {
			t.Errorf("broken: %+v, ran %d times", js[1], runs[js[1].ID])
		}
	})
}
